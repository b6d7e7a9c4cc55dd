import type { Suggestion } from '../src/contracts/channel.js';
import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandReply,
  type SuggestionContext,
} from '../src/contracts/command.js';
import { FAQ_LIMITS, type UnansweredService } from '../src/contracts/knowledge.js';
import { allItems, type TenantScope, type UnansweredQuestion } from '../src/contracts/stores.js';
import { quote } from '../src/lib/excerpt.js';
import { isQuestion } from '../src/lib/is-question.js';
import { findById, shortId } from '../src/lib/short-id.js';
import { suggestions } from './shared/suggestions.js';

const SHOWN_QUESTIONS = 10;
const SEARCHED_QUESTIONS = 2000;

interface Needs {
  readonly unanswered: UnansweredService;
}

const questionOption = {
  question: { type: 'text', required: true, description: 'command.unanswered.question' },
} as const;

const answer = defineSubcommand({
  description: 'command.unanswered.answer',
  options: {
    ...questionOption,
    answer: {
      type: 'text',
      required: true,
      multiline: true,
      maxLength: FAQ_LIMITS.answer,
      description: 'command.teach.answer',
    },
  },
  suggest: { question: suggestQuestions },
  async run({ t, scope, services }: CommandContext<Needs>, { question: id, answer: text }) {
    const question = await findQuestion(scope, id);
    const outcome = question && (await services.unanswered.answer(scope, question.id, text));
    if (!outcome || outcome === 'answered-before') return notFound(t, id);
    const facts = { question: quote(outcome.entry.question), told: outcome.told };
    return { text: t('command.unanswered.answered', facts) };
  },
});

const dismiss = defineSubcommand({
  description: 'command.unanswered.dismiss',
  options: questionOption,
  suggest: { question: suggestQuestions },
  async run({ t, scope, services }: CommandContext<Needs>, { question: id }) {
    const question = await findQuestion(scope, id);
    if (!question || !(await services.unanswered.dismiss(scope, question.id))) return notFound(t, id);
    return { text: t('command.unanswered.dismissed', { question: quote(question.question) }) };
  },
});

export const unanswered = defineCommand({
  name: 'unanswered',
  audience: 'staff',
  description: 'command.unanswered.description',
  options: {},
  subcommands: {
    list: defineSubcommand({ description: 'command.unanswered.list', options: {}, run: list }),
    answer,
    dismiss,
  },
  run: list,
});

async function list({ t, scope }: CommandContext): Promise<CommandReply> {
  const questions = await openQuestions(scope);
  if (questions.length === 0) return { text: t('command.unanswered.none') };
  const lines = questions
    .slice(0, SHOWN_QUESTIONS)
    .map(
      ({ id, question, count }, index) => `${index + 1}. ${quote(question)} (×${count}) · \`${shortId(id)}\``,
    );
  const heading = t('command.unanswered.heading', { count: questions.length });
  return { text: [heading, lines.join('\n'), t('command.unanswered.hint')].join('\n\n') };
}

function notFound(t: CommandContext['t'], id: string): CommandReply {
  return { text: t('command.unanswered.notFound', { id: quote(id) }) };
}

/** By its place in the list, or by its id. The reply repeats the question, so a mix-up is seen. */
async function findQuestion(scope: TenantScope, id: string): Promise<UnansweredQuestion | undefined> {
  const questions = await openQuestions(scope);
  return /^\d{1,2}$/.test(id) ? questions[Number(id) - 1] : findById(questions, id);
}

async function openQuestions(scope: TenantScope): Promise<readonly UnansweredQuestion[]> {
  const questions = await allItems((page) => scope.unanswered.list(page), SEARCHED_QUESTIONS);
  return questions.filter(({ status, question }) => status === 'open' && isQuestion(question));
}

async function suggestQuestions({ scope, typed }: SuggestionContext): Promise<readonly Suggestion[]> {
  return suggestions(await openQuestions(scope), typed, ({ question }) => question);
}
