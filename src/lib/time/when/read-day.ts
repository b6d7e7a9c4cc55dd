import { WEEKDAYS, type Weekday } from '../../../contracts/settings.js';
import { addDays, MONTH_WORDS, RELATIVE_DAYS, WEEKDAY_WORDS, weekdayOf, WEEKEND } from '../calendar-words.js';
import { anyOf, textReader, type TextReader } from './text-reader.js';

/** A day that was mentioned. `isToday`: it can be today if the hour has not passed. */
export interface NamedDay {
  /** Local, YYYY-MM-DD. */
  readonly date: string;
  readonly as: 'today' | 'weekday' | 'date';
  /** The part of the day that is implied: "malam" in "nanti malam". */
  readonly part?: string;
}

const MONTHS = MONTH_WORDS.map(anyOf);
const ANY_MONTH = MONTHS.join('|');
/** Recognised so that the reply can say they are in the past. */
const PAST_DAYS = [
  ['kemarin lusa|kemaren lusa|the day before yesterday|day before yesterday', -2],
  ['kemarin|kemaren|kmrn|kmrin|yesterday', -1],
] as const;
const PAST = 'lalu|yang lalu|yg lalu|kemarin|kemaren|kmrn';
const NEXT_WEEK = 'minggu depan|pekan depan|next week';
const ON = '(?:on|pada|hari|this|next|coming|the)';
const YEAR = String.raw`(?:,?\s*(20\d{2}))?`;

/** "besok", "next Friday", "25 des", "2026-12-25", "tanggal 1"; consumes nothing if there is no day. */
export function readDay(reader: TextReader, today: string): NamedDay | undefined {
  return (
    writtenDate(reader, today) ??
    relativeDay(reader, today) ??
    nextUnit(reader, today) ??
    weekday(reader, today)
  );
}

/** Parses the whole text as a date, "27 nov" or "tgl 1": the first such day on or after `from`. */
export function readWrittenDate(text: string, from: string): string | undefined {
  const reader = textReader(text);
  const day = writtenDate(reader, from);
  return day === undefined || text.slice(reader.position()).trim() !== '' ? undefined : day.date;
}

function relativeDay(reader: TextReader, today: string): NamedDay | undefined {
  const tonight = reader.take('tonight|(?:nanti|ntar) mal[ae]m|mal[ae]m (?:ini|nanti)');
  if (tonight !== undefined) return { date: today, as: 'today', part: 'evening' };
  const part = reader.take(
    'this (morning|afternoon|evening)|(?:nanti|ntar) (pagi|siang|sore)|(pagi|siang|sore) (?:ini|nanti)',
  );
  if (part !== undefined) return { date: today, as: 'today', part: part[1] ?? part[2] ?? part[3] ?? '' };
  for (const [words, days] of [...PAST_DAYS, ...RELATIVE_DAYS]) {
    if (reader.take(words) !== undefined) {
      return { date: addDays(today, days), as: days === 0 ? 'today' : 'date' };
    }
  }
  return undefined;
}

function nextUnit(reader: TextReader, today: string): NamedDay | undefined {
  if (reader.take(NEXT_WEEK) !== undefined) {
    reader.take('on|pada|hari');
    const day = takeWeekday(reader);
    return { date: day === undefined ? addDays(today, 7) : inNextWeek(day, today), as: 'date' };
  }
  const before = reader.position();
  if (reader.take('bulan depan|next month') !== undefined) {
    const month = addMonths(`${today.slice(0, 7)}-01`, 1);
    const day = bareDay(reader);
    if (day === undefined) return { date: addMonths(today, 1), as: 'date' };
    return dated(reader, before, day, Number(month.slice(5, 7)), today, month.slice(0, 4));
  }
  if (reader.take(`${ON}?\\s*(?:${WEEKEND})`) !== undefined)
    return { date: next('sat', today), as: 'weekday' };
  return undefined;
}

function weekday(reader: TextReader, today: string): NamedDay | undefined {
  const before = reader.position();
  const isLast = reader.take('last') !== undefined;
  const isNext = reader.take('next|coming') !== undefined;
  reader.take('on|pada|hari|this');
  const day = takeWeekday(reader);
  if (day === undefined) {
    reader.back(before);
    return undefined;
  }
  if (isLast || reader.take(PAST) !== undefined) return { date: next(day, addDays(today, -7)), as: 'date' };
  if (reader.take(NEXT_WEEK) !== undefined) return { date: inNextWeek(day, today), as: 'date' };
  const isAfterToday = reader.take('depan|besok|next') !== undefined || isNext;
  reader.take('ini');
  const date = next(day, isAfterToday ? addDays(today, 1) : today);
  return { date, as: isAfterToday ? 'date' : 'weekday' };
}

function takeWeekday(reader: TextReader): Weekday | undefined {
  return WEEKDAYS.find((day) => reader.take(anyOf(WEEKDAY_WORDS[day])) !== undefined);
}

/** Weeks begin on Monday. */
function inNextWeek(day: Weekday, today: string): string {
  return next(day, next('mon', addDays(today, 1)));
}

function writtenDate(reader: TextReader, today: string): NamedDay | undefined {
  const before = reader.position();
  const iso = reader.take(String.raw`(20\d{2})-(\d{2})-(\d{2})`);
  if (iso !== undefined) return dated(reader, before, Number(iso[3]), Number(iso[2]), today, iso[1]);
  const lead = String.raw`(?:on\s+)?(?:(?:tgl|tanggal|tg|the)\s*)?`;
  const dayFirst = reader.take(
    String.raw`${lead}(\d{1,2})(?:st|nd|rd|th)?\s*(?:of\s+)?(${ANY_MONTH})${YEAR}`,
  );
  if (dayFirst !== undefined) {
    return dated(reader, before, Number(dayFirst[1]), monthOf(dayFirst[2] ?? ''), today, dayFirst[3]);
  }
  const english = reader.take(String.raw`(?:on\s+)?(${ANY_MONTH})\s+(\d{1,2})(?:st|nd|rd|th)?${YEAR}`);
  if (english !== undefined) {
    return dated(reader, before, Number(english[2]), monthOf(english[1] ?? ''), today, english[3]);
  }
  const slashed = reader.take(String.raw`${lead}(\d{1,2})[/-](\d{1,2})(?:[/-](20\d{2}))?`);
  if (slashed !== undefined) {
    return dated(reader, before, Number(slashed[1]), Number(slashed[2]), today, slashed[3]);
  }
  const bare = bareDay(reader);
  if (bare === undefined) return undefined;
  const month = reader.take(String.raw`(?:of\s+)?(?:(next month|bulan depan)|this month|bulan ini)`);
  if (month === undefined) return dated(reader, before, bare, undefined, today, undefined);
  const monthStart = addMonths(`${today.slice(0, 7)}-01`, month[1] === undefined ? 0 : 1);
  return dated(reader, before, bare, Number(monthStart.slice(5, 7)), today, monthStart.slice(0, 4));
}

/** A day without a month. */
function bareDay(reader: TextReader): number | undefined {
  const match =
    reader.take(String.raw`(?:on\s+)?(?:tgl|tanggal|tg)\s*(\d{1,2})`) ??
    reader.take(String.raw`(?:on\s+)?(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)`);
  return match === undefined ? undefined : Number(match[1]);
}

function dated(
  reader: TextReader,
  before: number,
  day: number,
  month: number | undefined,
  today: string,
  year: string | undefined,
): NamedDay | undefined {
  const date = year === undefined ? nextDate(day, month, today) : realDate(Number(year), month ?? 0, day);
  if (date !== undefined) return { date, as: 'date' };
  reader.back(before);
  return undefined;
}

/** The next occurrence of this day, including today; without a month, in this or a later month. */
export function nextDate(day: number, month: number | undefined, today: string): string | undefined {
  const [year = 0, thisMonth = 1] = today.split('-').map(Number);
  for (let step = 0; step < 60; step += 1) {
    const at = thisMonth - 1 + step;
    const candidate = realDate(year + Math.floor(at / 12), (at % 12) + 1, day);
    if (candidate !== undefined && candidate >= today && (month === undefined || (at % 12) + 1 === month)) {
      return candidate;
    }
  }
  return undefined;
}

function realDate(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCDate() === day && date.getUTCMonth() === month - 1
    ? date.toISOString().slice(0, 10)
    : undefined;
}

/** The same day in a later month, or that month's last day if it is shorter. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, last))).toISOString().slice(0, 10);
}

function monthOf(name: string): number {
  return MONTHS.findIndex((names) => new RegExp(`^(?:${names})$`, 'iu').test(name)) + 1;
}

function next(day: Weekday, from: string): string {
  const away = (WEEKDAYS.indexOf(day) - WEEKDAYS.indexOf(weekdayOf(from)) + 7) % 7;
  return addDays(from, away);
}
