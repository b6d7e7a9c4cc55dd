import { WEEKDAYS, type BusinessHours, type Weekday } from '../../src/contracts/settings.js';
import { daysFromTo } from '../../src/lib/time/calendar-words.js';

type Days = BusinessHours['days'];
type Span = { readonly open: string; readonly close: string };

/** Beginnings of weekday names in Indonesian and English. */
const DAY_NAMES: readonly (readonly [RegExp, Weekday])[] = [
  [/^(mon|sen)/, 'mon'],
  [/^(tue|sel)/, 'tue'],
  [/^(wed|rab)/, 'wed'],
  [/^(thu|kam)/, 'thu'],
  [/^(fri|jum)/, 'fri'],
  [/^(sat|sab)/, 'sat'],
  [/^(sun|min|ahad)/, 'sun'],
];
const EVERY_DAY = /^(daily|every ?day|(se)?tiap hari|harian)$/;
const SPAN = /^(\d{1,2})[:.](\d{2})-(\d{1,2})[:.](\d{2})$/;
const MOST_SPANS_A_DAY = 4;

/**
 * Parses `mon-fri 09:00-17:00; sat 09:00-12:00, 13:00-15:00`, also with Indonesian days and `09.00`. Days not
 * named are closed. `undefined`: part of it is not understood, a day occurs twice, or spans overlap or end
 * before they begin.
 */
export function parseHours(text: string): Days | undefined {
  const days: Days = {};
  const parts = text
    .toLowerCase()
    .replace(/[–—]/g, '-')
    .replace(/\s*-\s*/g, '-')
    .split(';');
  for (const part of parts.map((each) => each.trim()).filter((each) => each !== '')) {
    const [, names = '', times = ''] = /^(\D*?)\s+(\d.*)$/.exec(part) ?? [];
    const weekdays = parseWeekdays(names);
    const spans = parseSpans(times);
    if (!weekdays || !spans) return undefined;
    for (const weekday of weekdays) {
      if (days[weekday]) return undefined;
      days[weekday] = spans;
    }
  }
  return Object.keys(days).length > 0 ? days : undefined;
}

/** Parses `mon-fri`, `sat, sun` or `daily`. */
function parseWeekdays(names: string): readonly Weekday[] | undefined {
  if (EVERY_DAY.test(names)) return WEEKDAYS;
  const weekdays: Weekday[] = [];
  for (const item of names.split(/[\s,]+/)) {
    const [first, last = first, ...more] = item.split('-').map(parseWeekday);
    if (!first || !last || more.length > 0) return undefined;
    weekdays.push(...daysFromTo(first, last));
  }
  return weekdays;
}

function parseWeekday(name: string): Weekday | undefined {
  return DAY_NAMES.find(([beginning]) => beginning.test(name))?.[1];
}

/** Parses `09:00-12:00, 13.00-15.00`; expects lower case and plain hyphens. */
export function parseSpans(times: string): Span[] | undefined {
  const spans: Span[] = [];
  for (const item of times.trim().split(/[\s,]+/)) {
    const span = parseSpan(item);
    if (!span) return undefined;
    spans.push(span);
  }
  spans.sort((a, b) => a.open.localeCompare(b.open));
  const overlap = spans.some((span, index) => {
    const next = spans[index + 1];
    return next !== undefined && next.open < span.close;
  });
  return overlap || spans.length > MOST_SPANS_A_DAY ? undefined : spans;
}

function parseSpan(text: string): Span | undefined {
  const [, openHour, openMinute, closeHour, closeMinute] = SPAN.exec(text) ?? [];
  const open = parseTime(openHour, openMinute);
  // Midnight at the end of a day is stored as its last minute.
  const close = closeHour === '24' && closeMinute === '00' ? '23:59' : parseTime(closeHour, closeMinute);
  return open && close && open < close ? { open, close } : undefined;
}

function parseTime(hour: string | undefined, minute: string | undefined): string | undefined {
  if (!hour || !minute || Number(hour) > 23 || Number(minute) > 59) return undefined;
  return `${hour.padStart(2, '0')}:${minute}`;
}
