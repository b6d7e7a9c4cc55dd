import type { CommandContext, CommandReply } from '../src/contracts/command.js';
import { addEntry, type NeedsFaq } from './shared/add-entry.js';
import { commandWithActions } from './shared/command-actions.js';
import { explainingProblems } from './shared/knowledge-problem.js';
import { findById, shortId } from './shared/short-id.js';
import { excerpt, splitPair } from './shared/split-text.js';

const PAGE_SIZE = 10;
const SHOWN_CHARACTERS = 160;

export const faq = commandWithActions(
  { name: 'faq', audience: 'staff', description: 'command.faq.description', usage: 'command.faq.usage' },
  { list, add, remove, match },
  list,
);

async function list({ t, scope }: CommandContext, page: string): Promise<CommandReply | undefined> {
  if (page !== '' && !/^[1-9]\d{0,4}$/.test(page)) return undefined;
  const entries = await scope.faq.all();
  if (entries.length === 0) return { text: t('command.faq.none') };
  const pages = Math.ceil(entries.length / PAGE_SIZE);
  const shown = Math.min(page === '' ? 1 : Number(page), pages);
  const lines = entries
    .slice((shown - 1) * PAGE_SIZE, shown * PAGE_SIZE)
    .map(
      ({ id, question, locale }) =>
        `- ${excerpt(question, SHOWN_CHARACTERS)} · ${locale} · \`${shortId(id)}\``,
    );
  const heading = t('command.faq.heading', { count: entries.length, page: shown, pages });
  return { text: `${heading}\n\n${lines.join('\n')}` };
}

/** One entry as `question | answer`, or many from attached CSV files. */
async function add(context: CommandContext<NeedsFaq>, rest: string): Promise<CommandReply | undefined> {
  const { t, scope, services, files, locale } = context;
  if (files.length === 0) {
    const pair = splitPair(rest);
    return pair && addEntry(context, pair);
  }
  return explainingProblems(context, async () => {
    let imported = 0;
    for (const file of files) {
      const outcome = await services.faq.importCsv(scope, await context.download(file), locale);
      imported += outcome.imported;
    }
    return { text: t('command.faq.imported', { count: imported }) };
  });
}

async function remove(
  { t, scope, services }: CommandContext<NeedsFaq>,
  id: string,
): Promise<CommandReply | undefined> {
  if (id === '') return undefined;
  const entry = findById(await scope.faq.all(), id);
  if (!entry || !(await services.faq.remove(scope, entry.id))) {
    return { text: t('command.faq.notFound', { id }) };
  }
  return { text: t('command.faq.removed', { question: entry.question, answer: entry.answer }) };
}

async function match(context: CommandContext<NeedsFaq>, question: string): Promise<CommandReply | undefined> {
  const { t, scope, services, locale } = context;
  if (question === '') return undefined;
  const { best, threshold } = await services.faq.match(scope, question, locale);
  if (!best) return { text: t('command.faq.none') };
  const facts = { score: best.score, threshold, question: best.entry.question };
  const verdict =
    best.score >= threshold ? t('command.faq.matches', facts) : t('command.faq.matchesNot', facts);
  return { text: `${verdict}\n\n${best.entry.answer}` };
}
