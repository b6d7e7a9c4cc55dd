import type { SearchHit } from '../../contracts/retriever.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';

/** Passages that share less of the question's information than this are noise to a model. */
const MIN_COVERAGE = 0.12;
/** What a passage in another language than the person's is worth: it is told when nothing else is. */
const OTHER_LANGUAGE_WEIGHT = 0.9;
/** Looked at for each passage that is told. */
const CANDIDATES = 2;
/** An entry less likely to answer the question than this is noise, too. */
const MIN_FAQ_SCORE = 0.2;
/** The contract's largest `topK`. */
const MOST_CANDIDATES = 50;

/** What may answer a question: a passage of a document, or an entry of the FAQ under its own id. */
export interface Source extends SearchHit {
  readonly kind: 'document' | 'faq';
}

/**
 * The passages that may answer the question, best first, and after them the entry of the FAQ that
 * comes near it: too unsure to be sent as it is, it may hold just what is asked. A follow-up ("and
 * the black one?") is searched together with the question of this conversation that it goes on from.
 */
export async function retrieve(
  state: TurnState,
  reads: TurnReads,
  deps: ConversationDependencies,
): Promise<readonly Source[]> {
  // Nothing is asked with a greeting: whatever shares a word with it would only mislead.
  if (state.text === '' || state.smallTalk !== undefined) return [];
  state.emit({ type: 'status', state: 'searching' });
  const before = await reads.questionsBefore();
  const wanted = state.scope.settings.knowledge.top_k;
  const topK = Math.min(MOST_CANDIDATES, wanted * CANDIDATES);
  const query = [...before, state.question].join('\n');
  const [{ hits }, entries] = await Promise.all([
    deps.knowledge.retriever(state.scope).search({ query, topK, mode: 'hybrid' }, state.signal),
    nearEntry(before, reads),
  ]);
  const passages = hits
    .filter((hit) => hit.coverage >= MIN_COVERAGE || (hit.scores.semantic ?? 0) > 0)
    .map((hit) => ({ ...hit, score: hit.score * languageWeight(hit, state) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, wanted)
    .map((hit): Source => ({ ...hit, kind: 'document' }));
  return [...passages, ...entries];
}

async function nearEntry(before: readonly string[], reads: TurnReads): Promise<readonly Source[]> {
  const { best } = await reads.faq(before);
  if (best === undefined || best.score < MIN_FAQ_SCORE) return [];
  const { entry, score } = best;
  return [
    {
      kind: 'faq',
      documentId: entry.id,
      chunkId: entry.id,
      title: entry.question,
      text: entry.answer,
      locale: entry.locale,
      score,
      scores: { keyword: score },
      coverage: score,
    },
  ];
}

function languageWeight({ locale }: SearchHit, state: TurnState): number {
  return locale === undefined || locale === state.locale ? 1 : OTHER_LANGUAGE_WEIGHT;
}
