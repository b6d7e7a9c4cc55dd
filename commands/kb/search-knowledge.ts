import type { CommandContext, CommandReply } from '../../src/contracts/command.js';
import type { KnowledgeService } from '../../src/contracts/knowledge.js';
import type { SearchHit, SearchResult } from '../../src/contracts/retriever.js';
import { shortId } from '../shared/short-id.js';
import { excerpt } from '../shared/split-text.js';

const TOP_K = 5;
const SHOWN_CHARACTERS = 200;

interface Needs {
  readonly knowledge: KnowledgeService;
}

/** What is found, as a person would read it. */
export async function searchKnowledge(
  context: CommandContext<Needs>,
  query: string,
): Promise<CommandReply | undefined> {
  if (query === '') return undefined;
  const { hits } = await search(context, query);
  if (hits.length === 0) return { text: context.t('command.kb.noHits') };
  const lines = hits.map(
    (hit, index) => `${index + 1}. **${hit.title}**: ${excerpt(hit.text, SHOWN_CHARACTERS)}`,
  );
  return { text: lines.join('\n') };
}

/** What is found and why: every score, to see how an answer came about. */
export async function testKnowledge(
  context: CommandContext<Needs>,
  query: string,
): Promise<CommandReply | undefined> {
  if (query === '') return undefined;
  const { t } = context;
  const { hits, tookMs } = await search(context, query);
  const heading = t('command.kb.tested', { count: hits.length, milliseconds: Math.round(tookMs) });
  const lines = hits.map(
    (hit, index) =>
      `${index + 1}. **${hit.title}** · \`${shortId(hit.documentId)}\` · ${scores(context, hit)}`,
  );
  return { text: [heading, ...lines].join('\n') };
}

function search({ scope, services, signal }: CommandContext<Needs>, query: string): Promise<SearchResult> {
  return services.knowledge.retriever(scope).search({ query, topK: TOP_K, mode: 'hybrid' }, signal);
}

function scores({ t, locale }: CommandContext, hit: SearchHit): string {
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const shown = (score: number | undefined): string => (score === undefined ? '–' : format.format(score));
  return t('command.kb.scores', {
    score: shown(hit.score),
    keyword: shown(hit.scores.keyword),
    semantic: shown(hit.scores.semantic),
    coverage: shown(hit.coverage),
  });
}
