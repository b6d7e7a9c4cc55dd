import type { SpecialDay } from '../../lib/time/special-days.js';
import {
  CALENDAR_SPELLINGS,
  CLOCK,
  clockTime,
  PUBLIC_HOLIDAY,
  TIME_OF_DAY,
  WEEK_AS_LENGTH,
  WORKDAYS,
} from '../../lib/time/calendar-words.js';
import { respell } from '../../lib/words/respell.js';
import { writeClockTimes } from './spoken-time.js';
import {
  takeEvenings,
  takeNamedDates,
  takeRelativeDays,
  takeWeekdays,
  wholeWord,
  type AskedDay,
} from './take-days.js';

/** The time references in a message, and the remaining text. */
export interface RequestedTime {
  readonly days: readonly AskedDay[];
  /** Local, HH:MM. */
  readonly time: string | undefined;
  /** The alternative reading of an hour without a time of day: 17:00 may also be 05:00. */
  readonly otherTime?: string | undefined;
  /** The message asks about working days in general. */
  readonly onWorkdays: boolean;
  /** The message names a holiday for which the business never set a date. */
  readonly unknownHoliday: boolean;
  /** The message without its time references. */
  readonly rest: string;
}

/**
 * Extracts days, dates, holidays and an hour from a message. `today` is the business's local date; `special`
 * are its upcoming special days, soonest first.
 */
export function requestedTime(message: string, today: string, special: readonly SpecialDay[]): RequestedTime {
  const plain = message.normalize('NFKC').replace(/[’‘]/g, "'");
  const dates = takeNamedDates(writeClockTimes(respell(plain, CALENDAR_SPELLINGS)), today, special);
  const evenings = takeEvenings(dates.rest, today);
  const clock = takeClock(evenings.rest);
  const spans = clock.rest.replace(wholeWord(WEEK_AS_LENGTH), ' ').replace(wholeWord(PUBLIC_HOLIDAY), ' ');
  const relative = takeRelativeDays(spans, today);
  const withoutWorkdays = relative.rest.replace(wholeWord(WORKDAYS), ' ');
  const weekdays = takeWeekdays(withoutWorkdays, today);
  const days = [dates, evenings, relative, weekdays].flatMap((taken) => taken.days);
  return {
    ...clock,
    days: relevantDays(days),
    onWorkdays: withoutWorkdays !== relative.rest,
    unknownHoliday: dates.unknownHoliday,
    rest: weekdays.rest.replace(TIME_OF_DAY, ' ').replace(wholeWord(FILLERS), ' ').trim(),
  };
}

const FILLERS = 'hari|tanggal|tgl|depan|ini|next|this|day|on|public holiday';

/** In order of time. "Jumat besok", "next monday": the weekday decides. */
function relevantDays(days: readonly AskedDay[]): readonly AskedDay[] {
  const hasWeekday = days.some(({ as }) => as === 'weekday');
  return days
    .filter(({ as }) => !hasWeekday || as !== 'relative')
    .toSorted((a, b) => a.date.localeCompare(b.date));
}

/** Hours up to this one, without a time of day, are taken to be in the afternoon. */
const LAST_OF_AFTERNOON = 6;

function takeClock(text: string): Pick<RequestedTime, 'time' | 'otherTime' | 'rest'> {
  const match = CLOCK.exec(text);
  if (match === null) return { time: undefined, rest: text };
  const [all, a, aMinute, aPart, b, bMinute, bPart, c, cMinute] = match;
  const hour = Number(a ?? b ?? c);
  const rest = text.replace(all, ' ');
  // "Sore jam 5": the time of day stands elsewhere in the message.
  const part = (aPart ?? bPart)?.replace(/^in the /i, '') ?? rest.match(TIME_OF_DAY)?.[0];
  const minute = Number(aMinute ?? bMinute ?? cMinute ?? 0);
  const time = clockTime(hour, minute, part);
  if (part !== undefined || hour > 12 || time === undefined) return { time, rest };
  const later = clockTime(hour, minute, 'pm');
  return hour <= LAST_OF_AFTERNOON
    ? { time: later, otherTime: time, rest }
    : { time, otherTime: later, rest };
}
