import type { AnswerKind } from '../words/words.js';

/** What a text contains without naming it: a price, a time, a place. */
export type Sign = 'amount' | 'count' | 'time' | 'duration' | 'place';

/** Patterns for a closed class: how both languages write these. */
const SIGNS: Readonly<Record<Sign, RegExp>> = {
  amount:
    /(?:rp|idr|usd|[$€£])\.?\s?\d|\d\s?(?:ribu|rb|juta|jt|k)\b|(?<!\d)\d{1,3}(?:[.,]\d{3})+(?!\d)|(?<![\d.,-])\d{4,8}(?![\d.,-])/iu,
  count:
    /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh)\b/iu,
  time: /\b\d{1,2}[.:]\d{2}\b(?![.,]?\d)|\b\d{1,2}\s?(?:am|pm|a\.m\.|p\.m\.|wib|wita|wit)(?!\p{L})|\b(?:jam|pukul)\s\d/iu,
  duration:
    /\b(?:\d+|one|two|three|four|five|six|seven|eight|ten|satu|dua|tiga|empat|lima|enam|tujuh)\s?(?:(?:working|business|full)\s)?(?:hari|jam|menit|minggu|bulan|tahun|days?|hours?|minutes?|weeks?|months?|years?)\b/iu,
  place:
    /(?:^|\s)(?:jl|jln|jalan|street|st|road|rd|ruko|lantai|seberang|sebelah|beside|next to|opposite|behind)\b/iu,
};

/**
 * Signs that an answer to such a question contains, and signs that may answer it too: "umur berapa" asks for
 * a number, not a price.
 */
export interface RequestedSigns {
  readonly shown: readonly Sign[];
  readonly possible: readonly Sign[];
}

const ASKED_BY: Readonly<Partial<Record<AnswerKind, RequestedSigns>>> = {
  'how-much': { shown: ['amount'], possible: ['count'] },
  'how-many': { shown: ['amount', 'count'], possible: [] },
  'how-long': { shown: ['duration', 'time'], possible: ['count'] },
  when: { shown: ['time', 'duration'], possible: [] },
  where: { shown: ['place'], possible: [] },
};

export const SIGN_NAMES = Object.keys(SIGNS) as Sign[];

/** These are always written with a digit, which is quicker to look for. */
const WITH_DIGITS: ReadonlySet<Sign> = new Set(['amount', 'time']);

export function signsIn(text: string): ReadonlySet<Sign> {
  const hasDigit = /\d/.test(text);
  return new Set(SIGN_NAMES.filter((sign) => (hasDigit || !WITH_DIGITS.has(sign)) && SIGNS[sign].test(text)));
}

export function signsAskedFor(kinds: ReadonlySet<AnswerKind>): readonly RequestedSigns[] {
  return [...kinds].flatMap((kind) => ASKED_BY[kind] ?? []);
}

/**
 * 1 if a text contains what is asked for, -1 if it does not, 0 if it might or if nothing of this kind is
 * asked.
 */
export function fits(requestedSigns: readonly RequestedSigns[], signs: ReadonlySet<Sign>): number {
  if (requestedSigns.length === 0) return 0;
  if (requestedSigns.some(({ shown }) => shown.some((sign) => signs.has(sign)))) return 1;
  return requestedSigns.some(({ possible }) => possible.some((sign) => signs.has(sign))) ? 0 : -1;
}
