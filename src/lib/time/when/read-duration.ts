import { NUMBER_WORDS } from './number-words.js';
import type { TextReader } from './text-reader.js';

const MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

/** A length of time. Months are calendar months, which vary in length. */
export interface Duration {
  readonly ms: number;
  readonly months: number;
}

interface Unit {
  readonly words: string;
  /** Letters directly after a number. */
  readonly letters: string;
  readonly ms: number;
  readonly months: number;
}

/** Units of time as people write them, in both languages. */
const UNITS: readonly Unit[] = [
  { words: 'seconds?|secs?|detik|dtk', letters: 's', ms: MS.second, months: 0 },
  { words: 'minutes?|mins?|menit|mnt', letters: 'm', ms: MS.minute, months: 0 },
  { words: 'hours?|hrs?|jam', letters: 'h', ms: MS.hour, months: 0 },
  { words: 'days?|hari|hr', letters: 'd', ms: MS.day, months: 0 },
  { words: 'weeks?|wks?|minggu|pekan', letters: 'w', ms: MS.week, months: 0 },
  { words: 'months?|bulan|bln', letters: '', ms: 0, months: 1 },
  { words: 'years?|tahun|thn', letters: '', ms: 0, months: 12 },
];

const NUMBERS: readonly (readonly [words: string, value: number])[] = [
  ['half an|half a|setengah', 0.5],
  ['an?', 1],
  ['a couple of|beberapa', 2],
  ...NUMBER_WORDS,
];
const AND_A_HALF = String.raw`\s+(?:and a half|setengah)`;
const NUMBER = String.raw`(\d{1,6}(?:[.,]\d{1,4})?)`;
const FURTHEST_YEARS = 10;

/**
 * "2 hours", "1 jam 30 menit", "half an hour", "seminggu", "1h30m"; consumes nothing if there is no duration.
 */
export function readDuration(reader: TextReader): Duration | undefined {
  const before = reader.position();
  let total: Duration = { ms: 0, months: 0 };
  for (let part = onePart(reader); part !== undefined; part = nextPart(reader)) {
    total = { ms: total.ms + part.ms, months: total.months + part.months };
  }
  if (isSensible(total)) return total;
  reader.back(before);
  return undefined;
}

function nextPart(reader: TextReader): Duration | undefined {
  const before = reader.position();
  reader.take('and|dan|&');
  const part = onePart(reader);
  if (part === undefined) reader.back(before);
  return part;
}

function onePart(reader: TextReader): Duration | undefined {
  for (const { words, letters, ms, months } of UNITS) {
    const match =
      reader.take(`${NUMBER}\\s*(?:${words})`) ??
      (letters === '' ? undefined : reader.take(`${NUMBER}${letters}`)) ??
      (letters === '' ? undefined : reader.take(`${NUMBER}${letters}(?=\\d)`, 'within'));
    if (match !== undefined) return times(Number(match[1]?.replace(',', '.')), ms, months);
    // "sejam", "seminggu": one of them.
    if (reader.take(`se(?:${words})`) !== undefined) return { ms, months };
    for (const [number, value] of NUMBERS) {
      const written = reader.take(`(?:${number})(${AND_A_HALF})?\\s+(?:${words})(${AND_A_HALF})?`);
      if (written === undefined) continue;
      const half = written[1] === undefined && written[2] === undefined ? 0 : 0.5;
      return times(value + half, ms, months);
    }
  }
  return undefined;
}

function times(count: number, ms: number, months: number): Duration {
  // Half a month cannot be a calendar month.
  if (months > 0 && !Number.isInteger(count)) return { ms: count * months * 30 * MS.day, months: 0 };
  return { ms: count * ms, months: count * months };
}

function isSensible({ ms, months }: Duration): boolean {
  return (ms > 0 || months > 0) && ms <= FURTHEST_YEARS * 366 * MS.day && months <= FURTHEST_YEARS * 12;
}
