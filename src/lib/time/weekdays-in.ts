import { WEEKDAYS, type Weekday } from '../../contracts/settings.js';
import { daysFromTo, WEEK_AS_LENGTH, WEEKDAY_WORDS, WEEKEND, WORKDAYS } from './calendar-words.js';

/** Shorter forms may be something else: "85 rb" is no Wednesday. */
const SHORTEST = 4;
const DAYS: ReadonlyMap<string, Weekday> = new Map(
  WEEKDAYS.flatMap((day) =>
    WEEKDAY_WORDS[day]
      .split(' ')
      .filter(({ length }) => length >= SHORTEST)
      .map((word) => [word, day] as const),
  ),
);
const DAY = String.raw`\b(${[...DAYS.keys()].join('|')})\b`;
const NAMED = new RegExp(DAY, 'giu');
const SPAN = new RegExp(String.raw`${DAY}\s*(?:[-–]|s/d|s\.d\.?|sampai|to|until)\s*${DAY}`, 'giu');
const WEEK = new RegExp(WEEK_AS_LENGTH, 'giu');
const AT_WEEKEND = new RegExp(String.raw`\b(?:${WEEKEND})\b`, 'iu');
const ON_WORKDAYS = new RegExp(String.raw`\b(?:${WORKDAYS})\b`, 'iu');

/** The weekdays that a text names, by themselves, in a span ("Senin-Jumat") or as a group ("weekend"). */
export function weekdaysIn(text: string): ReadonlySet<Weekday> {
  const plain = text.replace(WEEK, ' ');
  const named = [...plain.matchAll(NAMED)].flatMap(([, word = '']) => DAYS.get(word.toLowerCase()) ?? []);
  const spans = [...plain.matchAll(SPAN)].flatMap(([, from = '', to = '']) => {
    const [first, last] = [DAYS.get(from.toLowerCase()), DAYS.get(to.toLowerCase())];
    return first === undefined || last === undefined ? [] : daysFromTo(first, last);
  });
  const weekend: readonly Weekday[] = AT_WEEKEND.test(plain) ? ['sat', 'sun'] : [];
  const workdays: readonly Weekday[] = ON_WORKDAYS.test(plain) ? ['mon', 'tue', 'wed', 'thu', 'fri'] : [];
  return new Set([...named, ...spans, ...weekend, ...workdays]);
}
