import type { ToolResult } from '../../contracts/model.js';
import type { Draft } from '../live-answer.js';
import { wordsOf } from '../words-of.js';
import { withoutDates, writtenDates } from './written-dates.js';
import { writtenNumbers, type WrittenNumber } from './written-numbers.js';

/** What an answer may stand on. */
export interface Grounds {
  /** The numbered data parts, in their order. */
  readonly passages: readonly {
    readonly text: string;
    /** Not known to be in the language of the answer. */
    readonly isForeign: boolean;
  }[];
  /** Everything else the model was told: the business's own words, hours, what was said before. */
  readonly told: readonly string[];
  /** The person's own words: what they name may be repeated. */
  readonly question: string;
  /** Nothing leaves without a source that bears it out. */
  readonly onlyDocuments: boolean;
  /** Days near today may be reckoned: tomorrow, next Monday. */
  readonly now: Date;
}

/** Numbers named to the model at most: enough to see what is wrong. */
const MOST_NAMED = 6;
/** Counting a few things makes no claim about the business. */
const SMALL_COUNT = 10;
/** Sums and products are looked for among the first of these. */
const MOST_COMBINED = 60;
/** Days before and after today that a model may reckon. */
const RECKONED_DAYS = 9;
const DAY_MS = 86_400_000;
/** Words shorter than this carry little, and words are compared by their first letters. */
const WORD_LETTERS = 4;
const STEM_LETTERS = 5;
/** An answer shares at least this many words with what bears it out, or all it has. */
const FEWEST_SHARED = 2;

/**
 * What keeps an answer from leaving, as a sentence to the model that wrote it; `undefined` when
 * it stands on what it was given.
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

/** Numbers and dates that nothing bears out which the answer rests on. */
function unfounded(
  draft: Draft,
  cited: readonly string[],
  grounds: Grounds,
  results: readonly ToolResult[],
): readonly string[] {
  const { text, sources } = draft;
  const { passages, told, question, onlyDocuments } = grounds;
  const ran = results.map(({ content }) => content);
  // An answer that names its sources rests on those; one that names none may rest on any.
  const bearing = sources.length > 0 ? cited : passages.map(textOf);
  const texts = onlyDocuments ? [...cited, question] : [...bearing, ...told, question, ...ran];
  return [
    ...strangeNumbers(draft, texts, [...cited, question, ...ran], grounds),
    ...strangeDates(text, texts, grounds.now),
  ];
}

function strangeNumbers(
  { text, sources }: Draft,
  texts: readonly string[],
  /** What sums and products may be made of. */
  reckoned: readonly string[],
  { onlyDocuments }: Grounds,
): readonly string[] {
  const numbers = writtenNumbers(withoutDates(text));
  const claims = onlyDocuments ? numbers : numbers.filter(isClaim);
  if (claims.length === 0) return [];
  // Small talk and general knowledge say numbers, too; an answer with a source or a price is about the business.
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
  const knownDays = new Set(texts.flatMap(writtenDates).map(({ day }) => day));
  return writtenDates(text)
    .filter(({ day }) => !knownDays.has(day) && !isNear(now, day))
    .map(({ written }) => written);
}

/** Within the days around today, in this year or over its turn. */
function isNear(now: Date, day: string): boolean {
  const year = now.getUTCFullYear();
  return [year - 1, year, year + 1].some(
    (each) => Math.abs(Date.parse(`${each}-${day}T00:00:00Z`) - now.getTime()) < RECKONED_DAYS * DAY_MS,
  );
}

function isClaim({ values, isAmount }: WrittenNumber): boolean {
  return isAmount || values.some((value) => value > SMALL_COUNT || !Number.isInteger(value));
}

/** How many things a list names may be said. */
function countOfPoints(text: string): number {
  return text.match(/^[ \t]*(?:[-*•]|\d{1,2}[.)])\s/gmu)?.length ?? 0;
}

/** A total, a difference, a multiple or a share of two numbers that are known. */
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

/** An answer in the language of its source shares words with it; of another language nothing can be said. */
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
