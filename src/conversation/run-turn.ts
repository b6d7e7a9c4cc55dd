import type { ApologyFor, RunTurn, TurnInput, TurnOutput } from '../contracts/run-turn.js';
import type { TurnAnswer } from '../contracts/turn.js';
import { agentFor, asAgent } from './agents/choose-agent.js';
import { plainAnswer } from './answers.js';
import type { ConversationDependencies } from './dependencies.js';
import { answerFromKnowledge } from './steps/answer-from-knowledge.js';
import { answerByIntent } from './steps/answer-by-intent.js';
import { answerHours } from './steps/answer-hours.js';
import { answerIntent } from './steps/answer-intent.js';
import { takeChoice } from './steps/take-choice.js';
import { takeDecision } from './steps/take-decision.js';
import { takeReply } from './steps/take-reply.js';
import { forgetMe } from './steps/forget-me.js';
import { hearVoice } from './steps/hear-voice.js';
import { gate } from './steps/gate.js';
import { matchFaq } from './steps/match-faq.js';
import { passOn } from './steps/pass-on.js';
import { pressButton } from './steps/press-button.js';
import { readInput } from './steps/read-input.js';
import { receiveFile } from './steps/receive-file.js';
import { runCommand } from './steps/run-command.js';
import { tellStaff } from './steps/tell-staff.js';
import { PlainSpeakers } from './plain-speakers.js';
import { Summaries } from './summaries.js';
import { TurnReads } from './turn-reads.js';
import type { TurnState } from './turn-state.js';

/**
 * The pipeline: what Sapa does with one turn, in order. The caller stores the answer, splits it into bubbles
 * and sends it; nothing here knows a platform, a vendor or a database.
 */
export function createRunTurn(services: Omit<ConversationDependencies, 'speakers' | 'summaries'>): RunTurn {
  const deps = { ...services, speakers: new PlainSpeakers(), summaries: new Summaries(services) };
  return async (initialInput) => {
    const input = await hearVoice(initialInput, deps);
    const state = readInput(input, deps.i18n, deps.clock.now(), {
      tell: (...args) => deps.events.emit(...args),
      remember: (...args) => deps.unanswered.record(...args),
    });
    const reads = new TurnReads(state, deps);
    const [event] = input.events;
    if (event?.event.type === 'action') return pressButton(event.event.action, event, state, deps);

    if (event?.event.type === 'command') {
      const output = await runCommand({ ...event.event, event }, state, deps);
      return finishTurn(state, output.answer, output.files);
    }
    const silenced = (await passOn(state, deps)) ?? gate(state);
    const replied = silenced === undefined ? await takeReply(state, reads, deps) : undefined;
    if (replied !== undefined) return finishTurn(state, replied.answer, replied.files);
    const answer =
      silenced ??
      (await receiveFile(state, deps)) ??
      (await forgetMe(state, deps)) ??
      (await takeDecision(state, reads, deps)) ??
      (await takeChoice(state, reads, deps)) ??
      (await matchFaq(state, reads)) ??
      (await answerByIntent(state, reads)) ??
      (await answerHours(state, reads, deps)) ??
      (await answerIntent(state, reads, deps.reader, deps)) ??
      (await answerAsAgent(state, reads, deps));

    return finishTurn(state, await tellStaff(answer, state, reads, deps));
  };
}

/**
 * Approved answers are in the business's own words, whichever agent gives them; everything else is in the
 * agent's voice.
 */
async function answerAsAgent(
  state: TurnState,
  reads: TurnReads,
  deps: ConversationDependencies,
): Promise<TurnAnswer> {
  const as = asAgent(await agentFor(state, reads), state, deps);
  return answerFromKnowledge(as.state, reads, as.deps);
}

async function finishTurn(
  state: TurnState,
  answer: TurnAnswer,
  files?: TurnOutput['files'],
): Promise<TurnOutput> {
  // An entry in another language does not change the person's language.
  await rememberLanguage(state, answer.source === 'faq' ? state.locale : answer.locale);
  for (const [index, bubble] of answer.bubbles.entries()) state.emit({ type: 'bubble', index, bubble });
  return { input: state.text, answer, ...(files === undefined ? {} : { files }) };
}

/**
 * The next turn continues in this language unless it clearly uses another. What staff write to a person is in
 * that person's language, not in their own.
 */
async function rememberLanguage(state: TurnInput, locale: TurnOutput['answer']['locale']): Promise<void> {
  if (state.conversation.locale === locale || state.conversation.attends !== undefined) return;
  await state.scope.conversations.update(state.conversation.id, { locale });
}

const APOLOGIES = {
  failed: 'fallback.deadLetter',
  'broken-off': 'answer.brokenOff',
  'too-much': 'answer.tooMuch',
} as const;

/** What the person is told when their message failed for the last time. */
export function createApologyFor(deps: Pick<ConversationDependencies, 'i18n' | 'clock'>): ApologyFor {
  return (input, because) => {
    const silent = { ...input, emit: () => undefined, signal: new AbortController().signal };
    const state = readInput(silent, deps.i18n, deps.clock.now(), {
      tell: () => Promise.resolve(),
      remember: () => Promise.resolve(undefined),
    });
    return {
      input: state.text,
      answer: plainAnswer(state, 'fallback', state.t(APOLOGIES[because])),
    };
  };
}
