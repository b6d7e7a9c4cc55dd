import type { ToolResult } from '../../contracts/model.js';
import type { Draft } from '../live-answer.js';
import { wordsOf } from '../words-of.js';
import { withoutDates, writtenDates } from './written-dates.js';
import { writtenNumbers, type WrittenNumber } from './written-numbers.js';

/** The material an answer may be based on. */
export interface Grounds {
  /** The numbered data parts, in order. */
  readonly passages: readonly {
    readonly text: string;
    /** Possibly in another language than the answer. */
    readonly isForeign: boolean;
  }[];
  /** Everything else the model was given: the business's own texts, hours and earlier messages. */
  readonly context: readonly string[];
  /** The person's own message; what it names may be repeated. */
  readonly question: string;
  /** Every answer needs a source that supports it. */
  readonly onlyDocuments: boolean;
  /** The model may calculate dates close to today, such as tomorrow or next Monday. */
  readonly now: Date;
}

/** Maximum number of figures named in the correction; enough to show what is wrong. */
const MOST_NAMED = 6;
/** Small counts make no claim about the business. */
const SMALL_COUNT = 10;
/** Sums and products are formed only from this many numbers. */
const MOST_COMBINED = 60;
/** Days before and after today that the model may calculate. */
const RECKONED_DAYS = 9;
const DAY_MS = 86_400_000;
/** Shorter words carry little meaning; longer ones are compared by this many letters. */
const WORD_LETTERS = 4;
const STEM_LETTERS = 5;
/** An answer must share at least this many words with its source, or all it has. */
const FEWEST_SHARED = 2;

/**
 * Why an answer must not be sent, as a correction addressed to the model; `undefined` if it is supported by
 * its grounds.
 */
export function checkAnswer(
  draft: Draft,
  grounds: Grounds,
  results: readonly ToolResult[],
): string | undefined {
  if (draft.text === '') return undefined;
  const cited = draft.sources.flatMap((source) => grounds.passages[source - 1] ?? []);
  if (grounds.onlyDocuments) {
    if (cited.length === 0) return again('it cites none of the numbered blocks');
    if (!bearsOut(cited, draft.text)) return again('the blocks it cites say nothing of the kind');
  }
  const strangers = unfounded(draft, cited.map(textOf), grounds, results);
  if (strangers.length === 0) return undefined;
  const names = [...new Set(strangers)].slice(0, MOST_NAMED);
  return again(`these numbers stand in none of the blocks it cites: ${names.join(', ')}`);
}

function again(reason: string): string {
  return `Your answer was not sent, because ${reason}. Write it again with nothing but what the numbered blocks say, with each source as [n], and without a word about this correction. When they do not hold the answer, call no_answer.`;
}

/** Numbers and dates in an answer that its grounds do not support. */
function unfounded(
  draft: Draft,
  cited: readonly string[],
  grounds: Grounds,
  results: readonly ToolResult[],
): readonly string[] {
  const { text, sources } = draft;
  const { passages, context, question, onlyDocuments } = grounds;
  const ran = results.map(({ content }) => content);
  // An answer that cites sources is checked against those; one without citations, against all of them.
  const bearing = sources.length > 0 ? cited : passages.map(textOf);
  const texts = onlyDocuments ? [...cited, question] : [...bearing, ...context, question, ...ran];
  return [
    ...strangeNumbers(draft, texts, [...cited, question, ...ran], grounds),
    ...strangeDates(text, texts, grounds.now),
  ];
}

function strangeNumbers(
  { text, sources }: Draft,
  texts: readonly string[],
  /** Texts whose numbers may be added and multiplied. */
  reckoned: readonly string[],
  { onlyDocuments }: Grounds,
): readonly string[] {
  const numbers = writtenNumbers(withoutDates(text));
  const claims = onlyDocuments ? numbers : numbers.filter(isClaim);
  if (claims.length === 0) return [];
  // Small talk and general knowledge contain numbers, too; with a source or a price, an answer is about the
  // business.
  if (!onlyDocuments && sources.length === 0 && !claims.some(({ isAmount }) => isAmount)) return [];
  const knownValues = new Set(texts.flatMap(writtenNumbers).flatMap(({ values }) => values));
  if (onlyDocuments) knownValues.add(countOfPoints(text));
  const strangers = claims.filter(({ values }) => !values.some((value) => knownValues.has(value)));
  const parts = [...new Set(reckoned.flatMap(writtenNumbers).flatMap(({ values }) => values))];
  return strangers
    .filter(({ values }) => onlyDocuments || !values.some(isCombined(parts)))
    .map(({ written }) => written);
}

function strangeDates(text: string, texts: readonly string[], now: Date): readonly string[] {
  const dates = writtenDates(text);
  if (dates.length === 0) return [];
  const knownDays = new Set(texts.flatMap(writtenDates).map(({ day }) => day));
  return dates.filter(({ day }) => !knownDays.has(day) && !isNear(now, day)).map(({ written }) => written);
}

/** Whether the day is close to today, including across the turn of the year. */
function isNear(now: Date, day: string): boolean {
  const year = now.getUTCFullYear();
  return [year - 1, year, year + 1].some(
    (each) => Math.abs(Date.parse(`${each}-${day}T00:00:00Z`) - now.getTime()) < RECKONED_DAYS * DAY_MS,
  );
}

function isClaim({ values, isAmount }: WrittenNumber): boolean {
  return isAmount || values.some((value) => value > SMALL_COUNT || !Number.isInteger(value));
}

/** The number of list items may be stated. */
function countOfPoints(text: string): number {
  return text.match(/^[ \t]*(?:[-*•]|\d{1,2}[.)])\s/gmu)?.length ?? 0;
}

/** Whether a value is a sum, difference, multiple or percentage of two known numbers. */
function isCombined(values: readonly number[]): (value: number) => boolean {
  const some = values.slice(0, MOST_COMBINED);
  return (value) =>
    some.some((a) =>
      some.some((b) => [a + b, a - b, a * b, (a * b) / 100, a - (a * b) / 100].some((c) => isSame(c, value))),
    );
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) < 0.005;
}

/** An answer in its source's language shares words with it; across languages this cannot be checked. */
function bearsOut(cited: Grounds['passages'], text: string): boolean {
  if (cited.some(({ isForeign }) => isForeign)) return true;
  const stems = (value: string): readonly string[] =>
    wordsOf(value)
      .filter((word) => word.length >= WORD_LETTERS || /\d/.test(word))
      .map((word) => word.slice(0, STEM_LETTERS));
  const claimStems = new Set(stems(text));
  const source = new Set(cited.map(textOf).flatMap(stems));
  const shared = [...claimStems].filter((stem) => source.has(stem)).length;
  return shared >= Math.min(FEWEST_SHARED, claimStems.size);
}

function textOf({ text }: { readonly text: string }): string {
  return text;
}
