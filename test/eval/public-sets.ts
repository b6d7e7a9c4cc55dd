import MiniSearch from 'minisearch';
import { Comparison } from '../../src/knowledge/understanding/matching/comparison.js';
import type { Text } from '../../src/knowledge/understanding/matching/features.js';
import { lexicon } from '../../src/knowledge/understanding/words/lexicon.js';
import { rank } from '../../src/knowledge/understanding/matching/ranking.js';
import { hasDataSets, loadFacqa, loadStackFaq, loadXquad } from '../knowledge/search/datasets.js';

/** How many questions of a set are asked, evenly spread, and how many texts they are searched in. */
const MOST_QUESTIONS = 150;
const MOST_TEXTS = 120;

interface Asked {
  readonly text: string;
  readonly relevant: (position: number) => boolean;
}

/** Hit@1 and hit@3 of the ranking on public sets, compared with MiniSearch in the same run; in percent. */
export async function publicSets(): Promise<Readonly<Record<string, number>>> {
  await Promise.resolve();
  if (!hasDataSets()) return {};
  const { pairs, queries } = loadStackFaq();
  const few = pairs.slice(0, MOST_TEXTS);
  const threads = new Set(few.map(({ thread }) => thread));
  const stack = few.map(({ question, answer }): Text => ({
    kind: 'entry',
    head: question,
    body: answer,
    context: '',
  }));
  const stackAsked = queries
    .filter(({ thread }) => threads.has(thread))
    .map(({ text, thread }): Asked => ({ text, relevant: (position) => few[position]?.thread === thread }));
  return {
    ...measure('StackFAQ', stack, stackAsked),
    ...measure('XQuAD en', ...passagesOf(loadXquad())),
    ...measure('FacQA id', ...passagesOf(loadFacqa())),
  };
}

function passagesOf(set: ReturnType<typeof loadXquad>): readonly [readonly Text[], readonly Asked[]] {
  const texts = set.passages
    .slice(0, MOST_TEXTS)
    .map(({ text }): Text => ({ kind: 'passage', head: '', body: text, context: '' }));
  const queries = set.queries
    .filter(({ relevant }) => [...relevant].some((position) => position < texts.length))
    .map(({ text, relevant }): Asked => ({ text, relevant: (position) => relevant.has(position) }));
  return [texts, queries];
}

function measure(name: string, texts: readonly Text[], queries: readonly Asked[]): Record<string, number> {
  const step = Math.max(1, Math.floor(queries.length / MOST_QUESTIONS));
  const questions = queries.filter((_, position) => position % step === 0).slice(0, MOST_QUESTIONS);
  const comparison = Comparison.of(lexicon(), texts);
  const rival = new MiniSearch<{ id: number; text: string }>({ fields: ['text'] });
  rival.addAll(texts.map(({ head, body }, id) => ({ id, text: `${head} ${body}` })));
  const hits = { one: 0, three: 0, rival: 0 };
  for (const { text, relevant } of questions) {
    const { order } = rank(comparison.features(text), texts.length);
    if (relevant(order[0] ?? -1)) hits.one += 1;
    if (order.slice(0, 3).some(relevant)) hits.three += 1;
    if (relevant(Number(rival.search(text)[0]?.id ?? -1))) hits.rival += 1;
  }
  const percent = (count: number): number => (100 * count) / Math.max(1, questions.length);
  return {
    [`${name}: hit@1`]: percent(hits.one),
    [`${name}: hit@3`]: percent(hits.three),
    [`${name}: MiniSearch hit@1`]: percent(hits.rival),
  };
}
