import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandFile,
  type CommandReply,
  type SuggestionContext,
} from '../src/contracts/command.js';
import type { Suggestion } from '../src/contracts/channel.js';
import { FAQ_LIMITS } from '../src/contracts/knowledge.js';
import { quote } from '../src/lib/text/excerpt.js';
import { findById, shortId } from '../src/lib/ids/short-id.js';
import {
  acceptProposal,
  addPhrasing,
  declineProposal,
  listPhrasings,
  listProposals,
  removePhrasing,
} from './faq/phrasings.js';
import { addEntry, type NeedsFaq } from './shared/add-entry.js';
import { explainingProblems } from './shared/knowledge-problem.js';
import { suggestions } from './shared/suggestions.js';

const PAGE_SIZE = 10;

const pageOption = {
  page: { type: 'integer', min: 1, max: 99_999, description: 'command.faq.page' },
} as const;

const add = defineSubcommand({
  description: 'command.faq.add',
  options: {
    question: {
      type: 'text',
      until: '|',
      maxLength: FAQ_LIMITS.question,
      description: 'command.teach.question',
    },
    answer: {
      type: 'text',
      multiline: true,
      maxLength: FAQ_LIMITS.answer,
      description: 'command.teach.answer',
    },
    csv: { type: 'file', many: true, description: 'command.faq.csv' },
  },
  async run(context: CommandContext<NeedsFaq>, { question, answer, csv }) {
    if (csv.length > 0) return importFiles(context, csv);
    return question === undefined || answer === undefined
      ? undefined
      : addEntry(context, { question, answer });
  },
});

const remove = defineSubcommand({
  description: 'command.faq.remove',
  options: { entry: { type: 'text', required: true, description: 'command.faq.entry' } },
  suggest: { entry: suggestEntries },
  async run({ t, scope, services }: CommandContext<NeedsFaq>, { entry: id }) {
    const entry = findById(await scope.faq.all(), id);
    if (!entry || !(await services.faq.remove(scope, entry.id))) {
      return { text: t('command.faq.notFound', { id: quote(id) }) };
    }
    return {
      text: t('command.faq.removed', { question: quote(entry.question), answer: entry.answer }),
    };
  },
});

const match = defineSubcommand({
  description: 'command.faq.match',
  options: { question: { type: 'text', required: true, description: 'command.faq.tried' } },
  async run({ t, scope, services, locale }: CommandContext<NeedsFaq>, { question }) {
    const { best, threshold } = await services.faq.match(scope, question, locale);
    if (!best) return { text: t('command.faq.none') };
    const facts = { score: best.score, threshold, question: quote(best.entry.question) };
    const verdict =
      best.score >= threshold ? t('command.faq.matches', facts) : t('command.faq.matchesNot', facts);
    return { text: `${verdict}\n\n${best.entry.answer}` };
  },
});

export const faq = defineCommand({
  name: 'faq',
  audience: 'staff',
  description: 'command.faq.description',
  options: {},
  subcommands: {
    list: defineSubcommand({ description: 'command.faq.list', options: pageOption, run: list }),
    add,
    remove,
    match,
    phrasings: listPhrasings,
    phrase: addPhrasing,
    unphrase: removePhrasing,
    proposals: listProposals,
    accept: acceptProposal,
    decline: declineProposal,
  },
  run: (context) => list(context, { page: undefined }),
});

async function list(
  { t, scope }: CommandContext,
  { page = 1 }: { readonly page: number | undefined },
): Promise<CommandReply> {
  const entries = await scope.faq.all();
  if (entries.length === 0) return { text: t('command.faq.none') };
  const pages = Math.ceil(entries.length / PAGE_SIZE);
  const currentPage = Math.min(page, pages);
  const lines = entries
    .slice((currentPage - 1) * PAGE_SIZE, currentPage * PAGE_SIZE)
    .map(({ id, question, locale }) => `- ${quote(question)} · ${locale} · \`${shortId(id)}\``);
  const heading = t('command.faq.heading', { count: entries.length, page: currentPage, pages });
  return { text: `${heading}\n\n${lines.join('\n')}` };
}

function importFiles(
  context: CommandContext<NeedsFaq>,
  files: readonly CommandFile[],
): Promise<CommandReply | undefined> {
  const { t, scope, services, locale } = context;
  return explainingProblems(context, async () => {
    let imported = 0;
    for (const file of files) {
      const outcome = await services.faq.importCsv(scope, await file.download(), locale);
      imported += outcome.imported;
    }
    return { text: t('command.faq.imported', { count: imported }) };
  });
}

async function suggestEntries({ scope, typed }: SuggestionContext): Promise<readonly Suggestion[]> {
  return suggestions(await scope.faq.all(), typed, ({ question }) => question);
}
