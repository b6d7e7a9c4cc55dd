import { defineSubcommand, type CommandContext } from '../../src/contracts/command.js';
import type { KnowledgeService } from '../../src/contracts/knowledge.js';
import type { SearchHit, SearchResult } from '../../src/contracts/retriever.js';
import { quote } from '../../src/lib/text/excerpt.js';
import { shortId } from '../../src/lib/ids/short-id.js';

const TOP_K = 5;
const SHOWN_CHARACTERS = 200;

interface Needs {
  readonly knowledge: KnowledgeService;
}

const queryOption = {
  question: { type: 'text', required: true, description: 'command.kb.question' },
} as const;

/** Shows the search results in readable form. */
export const searchKnowledge = defineSubcommand({
  description: 'command.kb.search',
  options: queryOption,
  async run(context: CommandContext<Needs>, { question }) {
    const { hits } = await search(context, question);
    if (hits.length === 0) return { text: context.t('command.kb.noHits') };
    const lines = hits.map(
      (hit, index) => `${index + 1}. **${quote(hit.title)}**: ${quote(hit.text, SHOWN_CHARACTERS)}`,
    );
    return { text: lines.join('\n') };
  },
});

/** Shows the search results with all scores, to explain how an answer came about. */
export const testKnowledge = defineSubcommand({
  description: 'command.kb.test',
  options: queryOption,
  async run(context: CommandContext<Needs>, { question }) {
    const { hits, tookMs } = await search(context, question);
    const heading = context.t('command.kb.tested', {
      count: hits.length,
      milliseconds: Math.round(tookMs),
    });
    const lines = hits.map(
      (hit, index) =>
        `${index + 1}. **${quote(hit.title)}** · \`${shortId(hit.documentId)}\` · ${scores(context, hit)}`,
    );
    return { text: [heading, ...lines].join('\n') };
  },
});

function search({ scope, services, signal }: CommandContext<Needs>, query: string): Promise<SearchResult> {
  return services.knowledge.retriever(scope).search({ query, topK: TOP_K, mode: 'hybrid' }, signal);
}

function scores({ t, locale }: CommandContext, hit: SearchHit): string {
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const formatScore = (score: number | undefined): string =>
    score === undefined ? '–' : format.format(score);
  return t('command.kb.scores', {
    score: formatScore(hit.score),
    keyword: formatScore(hit.scores.keyword),
    semantic: formatScore(hit.scores.semantic),
    coverage: formatScore(hit.coverage),
  });
}
