import type { TurnOutput } from '../../contracts/run-turn.js';
import { parseCommand } from '../../lib/text/parse-command.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { runCommand } from './run-command.js';

/** A command's question expires after this, in ms. */
const ASKED_WITHIN_MS = 60 * 60_000;

/**
 * The message that a command asked for, as the continuation of that command. `undefined`: no command asked.
 */
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
  // A value such as a price or a name says nothing about the language, so the question's language continues.
  const { locale } = last.answer;
  const localState = { ...state, locale, t: deps.i18n.translator(locale) };
  return call && runCommand({ ...call, files: [], event }, localState, deps);
}
