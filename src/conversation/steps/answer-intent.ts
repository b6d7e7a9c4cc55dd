import type { Intent, MessageReader } from '../../contracts/answers.js';
import type { MessageKey } from '../../contracts/i18n.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { runCommand } from './run-command.js';

/** Minimum probability of each intent before it is acted on. */
const LIKELY: Readonly<Record<Intent, number>> = {
  person: 0.57,
  identity: 0.6,
  help: 0.6,
  english: 0.6,
  indonesian: 0.6,
  farewell: 0.6,
  // Lower, because the reply also suits most messages that come near.
  complaint: 0.42,
  robot: 0.45,
  thanks: 0.4,
};
const SURE = 0.8;

/** Answered the same way with every model, because the reply is a fact or an action. */
const ALWAYS: readonly Intent[] = ['person', 'robot', 'english', 'indonesian'];

/**
 * Handles messages that need no knowledge: asking for a person, who or what this is, another language, a
 * complaint, thanks. Recognised by meaning, after the business's own answers were tried.
 */
export async function answerIntent(
  state: TurnState,
  reads: TurnReads,
  reader: MessageReader,
  deps: ConversationDependencies,
): Promise<TurnAnswer | undefined> {
  if (state.question === '' || state.smallTalk !== undefined) return undefined;
  const match = reader.intentOf(state.question);
  if (match === undefined || match.probability < LIKELY[match.intent]) return undefined;
  const { intent, probability } = match;
  const knowledge = await reads.finding();
  if (knowledge.type !== 'none' && knowledge.probability >= probability) return undefined;
  if (knowledge.type === 'partial' && probability < SURE) return undefined;
  const isWriting = deps.chainFor(state.scope.settings.models).writes;
  if (isWriting && !(ALWAYS.includes(intent) && probability >= SURE)) return undefined;
  return answerFor(intent, probability, state, deps);
}

async function answerFor(
  intent: Intent,
  probability: number,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnAnswer> {
  const [event] = state.events;
  const run = async (name: string, argumentText: string): Promise<TurnAnswer | undefined> =>
    event && (await runCommand({ name, argumentText, files: [], event }, state, deps)).answer;
  switch (intent) {
    case 'person':
      return (
        (probability >= SURE ? await run('human', '') : undefined) ?? intentReply('smallTalk.person', state)
      );
    case 'english':
      return (await run('language', 'en')) ?? intentReply('smallTalk.identity', state);
    case 'indonesian':
      return (await run('language', 'id')) ?? intentReply('smallTalk.identity', state);
    case 'robot':
      return intentReply('smallTalk.robot', state);
    case 'identity':
    case 'help':
      return intentReply('smallTalk.identity', state);
    case 'complaint':
      return intentReply('smallTalk.complaint', state);
    case 'thanks':
      return plainAnswer(state, 'model', state.t('smallTalk.thanks'));
    case 'farewell':
      return plainAnswer(state, 'model', state.t('smallTalk.farewell'));
    default: {
      const unknown: never = intent;
      throw new Error(`unknown intent ${String(unknown)}`);
    }
  }
}

function intentReply(key: MessageKey, state: TurnState): TurnAnswer {
  const { t, scope } = state;
  const human = [[{ label: t('button.human'), action: '/human' }]];
  return plainAnswer(state, 'model', t(key, { business: scope.settings.name }), human);
}
