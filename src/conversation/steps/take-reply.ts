import type { TurnOutput } from '../../contracts/run-turn.js';
import { parseCommand } from '../../lib/parse-command.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { runCommand } from './run-command.js';

/** What is said later than this answers no question of a command any more, in ms. */
const ASKED_WITHIN_MS = 60 * 60_000;

/** The message that a command asked for, as the rest of that command. `undefined`: none did. */
export async function takeReply(
  state: TurnState,
  reads: TurnReads,
  deps: ConversationDependencies,
): Promise<Pick<TurnOutput, 'answer' | 'files'> | undefined> {
  const { text, files, events, now } = state;
  const [event] = events;
  if (text === '' || files.length > 0 || event === undefined) return undefined;
  const last = (await reads.recent()).findLast(({ origin }) => origin.type === 'events');
  const asks = last?.answer.asks;
  if (last === undefined || asks === undefined) return undefined;
  if (now.getTime() - last.createdAt.getTime() > ASKED_WITHIN_MS) return undefined;
  const call = parseCommand(`${asks} ${text}`);
  // A value such as a price or a name tells nothing of the language: that of the question goes on.
  const { locale } = last.answer;
  const localState = { ...state, locale, t: deps.i18n.translator(locale) };
  return call && runCommand({ ...call, files: [], event }, localState, deps);
}
