import { spelledNumbers } from './spelled-numbers.js';

/** A number in a text with all its possible values ("1.250" is 1250 or 1.25). */
export interface WrittenNumber {
  readonly written: string;
  readonly values: readonly number[];
  /** Written with a currency, a percent sign or a magnitude word, so more than a count. */
  readonly isAmount: boolean;
}

const TELEPHONE = /(?<![\p{L}\d.,])(?:\+\s?)?\d[\d\s().-]{6,18}\d(?![\p{L}\d])/gu;
const FEWEST_TELEPHONE_DIGITS = 8;
const CURRENCY = String.raw`(?:rp\.?|idr|usd|us\$|sgd|myr|rm|\$|€|£)\s?`;
const SIZE = String.raw`\s?(?:ribu|rb|k|juta|jt|million|thousand|%|persen|percent|[ap]\.?m\.?)(?![\p{L}\d])`;
const NUMBER = new RegExp(
  String.raw`(?<![\p{L}\d])(?<currency>${CURRENCY})?(?<digits>\d+(?:[.,:]\d+)*)(?<size>${SIZE})?`,
  'giu',
);
const CITATION = /\[\d{1,2}(?:\s?,\s?\d{1,2})*\]/g;
/** `1.` or `2)` at the start of a list item. */
const LIST_MARK = /^[ \t]*\d{1,2}[.)](?=\s)/gmu;

/** The numbers in a text, in digits or words, except list markers and source numbers. */
export function writtenNumbers(text: string): readonly WrittenNumber[] {
  const plain = text.normalize('NFKC').replace(CITATION, ' ').replace(LIST_MARK, ' ').replace(/[*_`]/g, '');
  const numbers: WrittenNumber[] = [];
  const rest = plain.replace(TELEPHONE, (match) => {
    const digits = match.replace(/\D/g, '');
    if (digits.length < FEWEST_TELEPHONE_DIGITS || !/^\+|^\(?0/.test(match.trim())) return match;
    numbers.push({ written: match.trim(), values: [telephone(digits)], isAmount: true });
    return ' ';
  });
  for (const { 0: match, groups } of rest.matchAll(NUMBER)) {
    const size = (groups?.['size'] ?? '').trim().toLowerCase();
    numbers.push({
      written: match.trim(),
      values: valuesOf(groups?.['digits'] ?? '', size),
      isAmount: groups?.['currency'] !== undefined || size !== '',
    });
  }
  const withoutDigits = rest.replace(NUMBER, ' . ');
  for (const { written, value, isAmount } of spelledNumbers(withoutDigits)) {
    numbers.push({ written, values: [value], isAmount });
  }
  return numbers;
}

/** The same number in national and international form. */
function telephone(digits: string): number {
  return Number(digits.replace(/^(?:62|0)+/, ''));
}

function valuesOf(digits: string, size: string): readonly number[] {
  const factor = /^(?:ribu|rb|k|thousand)$/.test(size) ? 1_000 : /^(?:juta|jt|million)$/.test(size) ? 1e6 : 1;
  const plain = readings(digits).map((value) => round(value * factor));
  return size.startsWith('p') && /m\.?$/.test(size)
    ? [...plain, ...plain.map((value) => round(value + 12))]
    : plain;
}

/** Interprets separators as thousands separators, decimal separators, or both. */
function readings(digits: string): readonly number[] {
  const groups = digits.split(/[.,:]/);
  const [first = '', ...rest] = groups;
  if (rest.length === 0) return [Number(first)];
  const thousands =
    rest.every((group) => group.length === 3) && first.length <= 3 ? [Number(groups.join(''))] : [];
  const decimal = [Number(`${groups.slice(0, -1).join('')}.${groups.at(-1) ?? ''}`)];
  if (rest.length === 1) return [...thousands, ...decimal];
  // Dates and version numbers are also read part by part.
  const mixed = /[.,]\d{3}(?!\d)/.test(digits) ? decimal : [];
  return thousands.length > 0 ? thousands : [...mixed, ...groups.map(Number)];
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
