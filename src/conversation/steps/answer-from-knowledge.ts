import {
  isMedia,
  ModelError,
  type MediaPart,
  type ModelMessage,
  type ModelRequest,
  type TurnSpending,
  type UserPart,
} from '../../contracts/model.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { paidFor, plainAnswer, withButtons } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import { checkAnswer, type Grounds } from '../grounding/check-answer.js';
import { languageOf } from '../language.js';
import type { Leave } from '../live-answer.js';
import { applyOutgoingPolicy, outgoingPolicy } from '../outgoing/outgoing-policy.js';
import { SourceNumbers } from '../outgoing/source-numbers.js';
import { openSpending, usageOf } from '../spending.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { askModel, type Asking, type ModelAnswer } from './ask-model.js';
import { askToConfirm } from './ask-to-confirm.js';
import { buildPrompt } from './build-prompt.js';
import { cite } from './cite.js';
import { fallBack, keepQuestion } from './fall-back.js';
import { giveAnswer, offerChoices } from './give-answer.js';
import { guardPromise } from './guard-promise.js';
import { makeBubbles } from './make-bubbles.js';
import { ratingAction } from './press-button.js';
import { readAttachments } from './read-attachments.js';
import { describeReceived } from './receive-file.js';
import { retrieve, type Source } from './retrieve.js';
import { runCommand } from './run-command.js';
import { sayWhatIsKnown } from './say-what-is-known.js';

/** Maximum time for the models to work on one answer, across all rounds and attempts, in ms. */
const TURN_MS = 180_000;

/** Retrieves knowledge, asks the models in order, applies the outgoing policy and adds the sources. */
export async function answerFromKnowledge(
  state: TurnState,
  reads: TurnReads,
  deps: ConversationDependencies,
): Promise<TurnAnswer> {
  const chain = deps.chainFor(state.scope.settings.models);
  if (!chain.writes) return answerByItself(state, reads);
  const history = await reads.history();
  const knowledge = await retrieve(state, reads, deps);
  const hits = knowledge.sources;
  if (hits.length === 0 && state.scope.settings.knowledge.only_documents) return fallBack(state, 'no-answer');
  const attachments = await readAttachments(state, chain, deps);
  if (state.text === '' && attachments.length === 0) return describeReceived(state);
  const specs = (await deps.tools.specsFor?.(state.scope, state.isStaff)) ?? deps.tools.specs;
  const request = buildPrompt(state, {
    knowledge,
    history,
    attachments,
    tools: specs,
    names: await reads.names(),
  });
  const spending = openSpending({
    deadlineAt: deps.clock.monotonicMs() + TURN_MS,
    account: deps.usage.account(state.scope, { contactId: state.contact.id, purpose: 'answer' }),
    maxMicros: state.scope.settings.models.max_turn_micros,
  });
  state.emit({ type: 'status', state: 'thinking' });
  const asking = {
    tools: deps.tools,
    leave: leaveFor(state, request.system, hits),
    check: checkFor(state, request, hits),
    holdsBack: state.scope.settings.knowledge.only_documents,
    spending,
    state,
    ...aheadFor(state, deps),
  };
  try {
    const answer = await askModel(request, { ...asking, chain });
    // A free model may have answered, but answering without a model works better.
    if (spending.isOverBudget === true) return await answerOverBudget(state, reads, spending);
    deps.summaries.follow(state, history);
    return await answerOf(answer, hits, spending, state, deps);
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind === 'aborted') throw error;
    if (spending.isOverBudget === true) return answerOverBudget(state, reads, spending);
    deps.logger.warn({ kind: error.kind, provider: error.provider }, 'no model could answer');
    return paidFor(await fallBack(state, 'models-failed'), spending);
  }
}

/** Without a model: the answer if it is certain, a choice if several are close, otherwise an honest no. */
async function answerByItself(state: TurnState, reads: TurnReads): Promise<TurnAnswer> {
  if (state.smallTalk !== undefined || state.question === '') return fallBack(state, 'no-answer');
  const finding = await reads.finding();
  switch (finding.type) {
    case 'sure':
      return giveAnswer(state, finding);
    case 'close':
      // Kept until the person chooses: somebody who leaves without choosing got no answer.
      await keepQuestion(state, state.question);
      return offerChoices(state, finding);
    case 'partial':
      return sayWhatIsKnown(state, finding.answer);
    case 'none':
      return fallBack(state, 'no-answer');
    default:
      return finding satisfies never;
  }
}

/** The budget is used up: answers without a model, and says so. */
async function answerOverBudget(
  state: TurnState,
  reads: TurnReads,
  spending: TurnSpending,
): Promise<TurnAnswer> {
  state.emit({ type: 'status', state: 'restart', reason: 'over-budget' });
  const answer = await answerByItself(state, reads);
  if (answer.source === 'fallback') return paidFor(await fallBack(state, 'over-budget'), spending);
  const text = `${answer.text}

${state.t('answer.withoutModel')}`;
  const buttons = answer.bubbles.at(-1)?.buttons;
  return paidFor({ ...answer, text, bubbles: withButtons(makeBubbles(text, state), buttons) }, spending);
}

/** What may be sent: links and names written by the business or the person, and existing sources. */
function leaveFor(state: TurnState, system: string, hits: readonly Source[]): Leave {
  const trusted = [system, state.text, ...hits.map((hit) => hit.text)].join('\n');
  const { allowed_link_hosts: hosts } = state.scope.settings;
  const policy = outgoingPolicy(trusted, hosts, state.t('link.removed'));
  return (text, numbers) => applyOutgoingPolicy(numbers.renumber(text), policy);
}

/** Checks an answer against everything the model was given. */
function checkFor(state: TurnState, request: ModelRequest, hits: readonly Source[]): Asking['check'] {
  const grounds: Grounds = {
    passages: hits.map(({ text, title, locale }) => ({
      text: `${title}\n${text}`,
      isForeign: (locale ?? languageOf(text)) !== state.locale,
    })),
    context: [request.system, ...request.messages.flatMap(textsOf)],
    question: state.text,
    onlyDocuments: state.scope.settings.knowledge.only_documents,
    now: state.now,
  };
  // What an image or a file shows cannot be checked.
  const hasMedia = request.messages.some((message) => message.role === 'user' && message.parts.some(isMedia));
  return (draft, results) =>
    hasMedia && !grounds.onlyDocuments ? undefined : checkAnswer(draft, grounds, results);
}

/** Allows the beginning to be sent early if it can be judged without the rest. */
function aheadFor(
  state: TurnState,
  { speakers }: Pick<ConversationDependencies, 'speakers'>,
): Pick<Asking, 'ahead'> {
  const { sayAhead, scope, capabilities, locale } = state;
  const { knowledge, bubbles } = scope.settings;
  if (sayAhead === undefined || knowledge.only_documents || bubbles.max_count === 1) return {};
  return {
    ahead: {
      limit: Math.min(bubbles.max_chars, capabilities.textLimit / 2),
      speakers,
      say(text, { provider, model }) {
        const answer = {
          ...plainAnswer(state, 'model', ''),
          bubbles: [{ type: 'text', text } as const],
          text,
        };
        return sayAhead({ input: state.text, answer: { ...answer, locale, model: `${provider}:${model}` } });
      },
    },
  };
}

/** What can support an answer besides its cited sources; nothing from the chat itself. */
function isGround(part: UserPart): part is Exclude<UserPart, MediaPart> {
  if (isMedia(part)) return false;
  return (
    part.type === 'text' || (part.citation === undefined && part.kind !== 'chat' && part.kind !== 'best')
  );
}

function textsOf(message: ModelMessage): readonly string[] {
  if (message.role === 'assistant') return [message.text];
  return message.role === 'user' ? message.parts.filter(isGround).map(({ text }) => text) : [];
}

async function answerOf(
  answer: ModelAnswer,
  hits: readonly Source[],
  spending: TurnSpending,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnAnswer> {
  const { outcome } = answer;
  switch (outcome.type) {
    case 'answer':
      return compose(
        { ...answer, outcome: await keptPromises({ ...answer, outcome }, hits, state, deps) },
        hits,
        spending,
        state,
      );
    case 'no-answer':
    case 'refused':
      return paidFor(await fallBack(state, 'no-answer'), spending);
    case 'hand-over':
      return paidFor(await handOver(state, deps), spending);
    case 'confirm':
      return {
        ...paidFor(askToConfirm(state, outcome.action), spending),
        model: `${answer.provider}:${answer.model}`,
      };
    case 'clarify': {
      const model = `${answer.provider}:${answer.model}`;
      const leave = leaveFor(state, '', hits);
      const lines = [outcome.question, ...outcome.choices.map((choice) => `- ${choice}`)];
      const text = leave(lines.join('\n'), new SourceNumbers(0));
      return { ...paidFor(plainAnswer(state, 'model', text), spending), model };
    }
    default:
      return outcome satisfies never;
  }
}

function keptPromises(
  { outcome, usedTools }: WrittenAnswer,
  hits: readonly Source[],
  state: TurnState,
  deps: ConversationDependencies,
): Promise<WrittenAnswer['outcome']> {
  const cited = outcome.sources.flatMap((source) => hits[source - 1]?.text ?? []);
  return guardPromise(outcome, usedTools, cited, state, deps);
}

/** As if the person had asked for it explicitly. */
async function handOver(state: TurnState, deps: ConversationDependencies): Promise<TurnAnswer> {
  const [event] = state.events;
  if (event === undefined) return fallBack(state, 'no-answer');
  await state.beforeEffects?.();
  const call = { name: 'human', argumentText: '', files: [], event };
  const { answer } = await runCommand(call, state, deps);
  return answer;
}

type WrittenAnswer = ModelAnswer & {
  readonly outcome: Extract<ModelAnswer['outcome'], { type: 'answer' }>;
};

function compose(
  answer: WrittenAnswer,
  hits: readonly Source[],
  spending: TurnSpending,
  state: TurnState,
): TurnAnswer {
  const { text, sources, ahead } = answer.outcome;
  const citations = cite(text, sources, hits);
  const pushed = state.capabilities.delivery === 'push';
  // Where only text can be shown, the sources become part of it.
  const display = pushed && citations.length > 0 ? `${text}\n\n${sourcesLine(citations, state)}` : text;
  const rest = makeBubbles(display.slice(ahead.length), state);
  const bubbles = ahead === '' ? rest : [{ type: 'text', text: ahead } as const, ...rest];
  for (const citation of citations) state.emit({ type: 'citation', citation });
  return {
    text,
    bubbles: withButtons(bubbles, pushed && state.capabilities.buttons ? ratingButtons(state) : undefined),
    source: citations.length > 0 ? 'knowledge' : answer.usedTools ? 'tool' : 'model',
    citations,
    locale: state.locale,
    model: `${answer.provider}:${answer.model}`,
    usage: usageOf(spending),
  };
}

function sourcesLine(citations: TurnAnswer['citations'], state: TurnState): string {
  const titles = citations.map((citation) => `[${citation.n}] ${escapeMarkdown(citation.title)}`);
  return `_${state.t('answer.sources')}: ${titles.join(', ')}_`;
}

function ratingButtons({ t, turnId }: TurnState): { label: string; action: string }[][] {
  return [
    [
      { label: t('button.helpful'), action: ratingAction('up', turnId) },
      { label: t('button.notHelpful'), action: ratingAction('down', turnId) },
    ],
  ];
}
