import type { CommandContext, CommandReply } from '../src/contracts/command.js';
import type { UnansweredService } from '../src/contracts/knowledge.js';
import { allItems, type UnansweredQuestion } from '../src/contracts/stores.js';
import { commandWithActions } from './shared/command-actions.js';
import { findById, shortId } from './shared/short-id.js';
import { excerpt, splitWord } from './shared/split-text.js';

const SHOWN_QUESTIONS = 10;
const SHOWN_CHARACTERS = 160;
const SEARCHED_QUESTIONS = 2000;

interface Needs {
  readonly unanswered: UnansweredService;
}

export const unanswered = commandWithActions(
  {
    name: 'unanswered',
    audience: 'staff',
    description: 'command.unanswered.description',
    usage: 'command.unanswered.usage',
  },
  { list, answer, dismiss },
  list,
);

async function list(context: CommandContext): Promise<CommandReply> {
  const { t } = context;
  const questions = await openQuestions(context);
  if (questions.length === 0) return { text: t('command.unanswered.none') };
  const lines = questions
    .slice(0, SHOWN_QUESTIONS)
    .map(
      ({ id, question, count }, index) =>
        `${index + 1}. ${excerpt(question, SHOWN_CHARACTERS)} (×${count}) · \`${shortId(id)}\``,
    );
  const heading = t('command.unanswered.heading', { count: questions.length });
  return { text: [heading, lines.join('\n'), t('command.unanswered.hint')].join('\n\n') };
}

async function answer(context: CommandContext<Needs>, rest: string): Promise<CommandReply | undefined> {
  const { t, scope, services } = context;
  const { word: id, rest: text } = splitWord(rest);
  if (text === '') return undefined;
  const found = await findQuestion(context, id);
  const outcome = found && (await services.unanswered.answer(scope, found.id, text));
  if (!outcome || outcome === 'answered-before') return { text: t('command.unanswered.notFound', { id }) };
  const facts = { question: excerpt(outcome.entry.question, SHOWN_CHARACTERS), told: outcome.told };
  return { text: t('command.unanswered.answered', facts) };
}

async function dismiss(context: CommandContext<Needs>, id: string): Promise<CommandReply | undefined> {
  const { t, scope, services } = context;
  if (id === '') return undefined;
  const found = await findQuestion(context, id);
  if (!found || !(await services.unanswered.dismiss(scope, found.id))) {
    return { text: t('command.unanswered.notFound', { id }) };
  }
  return {
    text: t('command.unanswered.dismissed', { question: excerpt(found.question, SHOWN_CHARACTERS) }),
  };
}

/** By its place in the list, or by its id. The reply repeats the question, so a mix-up is seen. */
async function findQuestion(context: CommandContext, id: string): Promise<UnansweredQuestion | undefined> {
  const questions = await openQuestions(context);
  return /^\d{1,2}$/.test(id) ? questions[Number(id) - 1] : findById(questions, id);
}

async function openQuestions({ scope }: CommandContext): Promise<readonly UnansweredQuestion[]> {
  const questions = await allItems((page) => scope.unanswered.list(page), SEARCHED_QUESTIONS);
  return questions.filter((question) => question.status === 'open');
}
