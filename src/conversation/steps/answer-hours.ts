import type { MessageReader } from '../../contracts/answers.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { isFollowUp } from '../../lib/follow-up.js';
import { openingHours } from '../../lib/opening-hours.js';
import { specialDaysFrom } from '../../lib/special-days.js';
import { plainAnswer } from '../answers.js';
import { askedTime } from '../hours/asked-time.js';
import { hoursAnswer } from '../hours/hours-answer.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { wordsOf } from '../words-of.js';

/** What no phrase about opening hours says may weigh this much: any more is about something else. */
const UNEXPLAINED = 0.3;

/**
 * When the business is open, out of its settings: for the day, the date, the holiday and the hour
 * that is asked for, known to the minute whichever model there is or is not.
 */
export async function answerHours(
  state: TurnState,
  reads: TurnReads,
  reader: MessageReader,
): Promise<TurnAnswer | undefined> {
  const { t, locale, now, scope, question, smallTalk } = state;
  if (question === '' || smallTalk !== undefined) return undefined;
  const { settings } = scope;
  if (openingHours.state(settings, now).state === 'unknown') return undefined;
  const { date } = openingHours.localTime(settings.timezone, now);
  const asked = askedTime(question, date, specialDaysFrom(settings.business_hours, date));
  if (asked.unknownHoliday) return undefined;
  const rest = withoutName(asked.rest, `${settings.name} ${settings.persona}`);
  const { asks, unexplained } = reader.explainedBy(rest, 'opening-hours');
  const isNamed = asked.days.length > 0 || asked.time !== undefined;
  // A day alone asks nothing: "Sabtu" may answer what was asked before.
  if (unexplained > UNEXPLAINED || !(asks === 'by-itself' || (asks === 'of-a-time' && isNamed)))
    return undefined;
  if (!isNamed && (await isOfBefore(state, reads))) return undefined;
  const text = hoursAnswer(asked, { settings, now, locale, t });
  return text === undefined ? undefined : plainAnswer(state, 'tool', text);
}

/** "What time?" after a class was spoken of asks for that of the class. */
async function isOfBefore({ question }: TurnState, reads: TurnReads): Promise<boolean> {
  if (!isFollowUp(question)) return false;
  const last = (await reads.history()).at(-1);
  if (last?.answer.reference?.type !== 'passage') return false;
  return (await reads.finding()).type === 'sure';
}

/** "When is the clinic open?": what a business calls itself is not what is asked. */
function withoutName(text: string, name: string): string {
  const own = new Set(wordsOf(name));
  return text.replace(/[\p{L}\p{N}]+/gu, (word) => (own.has(word.toLowerCase()) ? ' ' : word));
}
