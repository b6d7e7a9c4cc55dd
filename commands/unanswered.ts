import type { Suggestion } from '../src/contracts/channel.js';
import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandReply,
  type SuggestionContext,
} from '../src/contracts/command.js';
import { FAQ_LIMITS, type UnansweredService } from '../src/contracts/knowledge.js';
import {
  allItems,
  type AnswerDraft,
  type TenantScope,
  type UnansweredQuestion,
} from '../src/contracts/stores.js';
import { excerpt, quote } from '../src/lib/text/excerpt.js';
import { isQuestion } from '../src/lib/text/is-question.js';
import { derivedId } from '../src/lib/ids/make-id.js';
import { findById, shortId } from '../src/lib/ids/short-id.js';
import { suggestions } from './shared/suggestions.js';

const SHOWN_QUESTIONS = 10;
const SHOWN_BUTTONS = 5;
const SHOWN_WORDINGS = 6;
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
      multiline: true,
      maxLength: FAQ_LIMITS.answer,
      description: 'command.teach.answer',
    },
  },
  suggest: { question: suggestQuestions },
  async run(context: CommandContext<Needs>, { question: id, answer: text }) {
    const { t, scope } = context;
    const question = await findQuestion(scope, id);
    if (question === undefined) return notFound(t, id);
    if (text !== undefined) return answerWith(context, question, text);
    const asks = `/unanswered answer ${shortId(question.id)}`;
    return { text: t('unanswered.write', { question: quote(question.question) }), asks };
  },
});

const show = defineSubcommand({
  description: 'unanswered.show',
  options: questionOption,
  suggest: { question: suggestQuestions },
  async run(context: CommandContext<Needs>, { question: id }) {
    const question = await findQuestion(context.scope, id);
    return question === undefined ? notFound(context.t, id) : showQuestion(context, question);
  },
});

/** Approves only the draft that was shown, because it may have changed since. */
const approve = defineSubcommand({
  unlisted: true,
  description: 'unanswered.approve',
  options: { ...questionOption, draft: { type: 'text', required: true, description: 'unanswered.draft' } },
  async run(context: CommandContext<Needs>, { question: id, draft: draftKey }) {
    const { t, scope, services } = context;
    const question = await findQuestion(scope, id);
    if (question === undefined) return notFound(t, id);
    const { draft } = await services.unanswered.suggest(scope, question);
    if (draft === undefined || keyOf(draft) !== draftKey) return showQuestion(context, question);
    return answerWith(context, question, draft.text);
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
    show,
    answer,
    approve,
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
  const buttons = questions
    .slice(0, SHOWN_BUTTONS)
    .map(({ id, question }) => [{ label: excerpt(question, 40), action: `/unanswered show ${shortId(id)}` }]);
  return { text: [heading, lines.join('\n'), t('command.unanswered.hint')].join('\n\n'), buttons };
}

async function answerWith(
  { t, scope, services }: CommandContext<Needs>,
  { id, question }: UnansweredQuestion,
  text: string,
): Promise<CommandReply> {
  const outcome = await services.unanswered.answer(scope, id, text);
  if (outcome === undefined || outcome === 'answered-before') return notFound(t, quote(question));
  return {
    text: t('command.unanswered.answered', {
      question: quote(outcome.entry.question),
      told: outcome.notified,
    }),
  };
}

/** Shows the wordings used, the nearest knowledge and a draft to approve. */
async function showQuestion(
  { t, scope, services }: CommandContext<Needs>,
  question: UnansweredQuestion,
): Promise<CommandReply> {
  const { nearest, draft } = await services.unanswered.suggest(scope, question);
  const id = shortId(question.id);
  const { count, wordings } = question;
  const others = wordings.slice(1, SHOWN_WORDINGS).map((wording) => `- ${quote(wording)}`);
  const near = nearest.map(({ title, text }) => `- **${quote(title)}**: ${quote(text)}`);
  const parts = [
    t('unanswered.asked', { question: quote(question.question), count }),
    ...(others.length === 0 ? [] : [[t('unanswered.alsoAs'), ...others].join('\n')]),
    ...(near.length === 0 ? [t('unanswered.nothingNear')] : [[t('unanswered.near'), ...near].join('\n')]),
    ...(draft === undefined
      ? []
      : [`${t('unanswered.drafted', { source: draft.source })}\n> ${draft.text.replaceAll('\n', '\n> ')}`]),
  ];
  return {
    text: parts.join('\n\n'),
    buttons: [
      ...(draft === undefined
        ? []
        : [[{ label: t('button.approve'), action: `/unanswered approve ${id} ${keyOf(draft)}` }]]),
      [{ label: t('button.writeAnswer'), action: `/unanswered answer ${id}` }],
      [{ label: t('button.dismissQuestion'), action: `/unanswered dismiss ${id}` }],
    ],
  };
}

/** Identifies a draft by its text. */
function keyOf({ text }: AnswerDraft): string {
  return shortId(derivedId('draft', text));
}

function notFound(t: CommandContext['t'], id: string): CommandReply {
  return { text: t('command.unanswered.notFound', { id: quote(id) }) };
}

/**
 * Finds a question by its position in the list or by its id. Replies repeat the question, so that a mix-up is
 * noticed.
 */
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
