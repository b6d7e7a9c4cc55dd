import type { AnswerIndex } from './texts/answer-index.js';
import { isRow, type Item, type RowItem } from './texts/items.js';
import { nearness, SAME_GROUP, type Lexicon, type Term } from './words/lexicon.js';
import { isComparison, superlativeIn, type Superlative } from './superlatives.js';
import { priceList, pricesOfTable } from './table-lists.js';
import { columnsAsked, isNamed, isTelling, tablesAbout, type TableAnswer } from './tables-about.js';
import { plainCode, valueOf, type Column, type Table } from './texts/tables.js';
import { wordsOf, withoutParticles } from './words/words.js';

/** Maximum number of rows shown when several share the extreme value. */
const MOST_ALIKE = 4;
const MOST_COMPARED = 4;

/**
 * Answers questions that select from a whole table: rows by code, the cheapest or largest, the price list, a
 * comparison. None if the message asks nothing of this kind, or not about any of these tables; several if it
 * does not say which table it means.
 */
export function tableAnswers(index: AnswerIndex, message: string, previous?: Item): readonly TableAnswer[] {
  const { tables, lexicon } = index;
  if (tables.length === 0) return [];
  const coded = byCode(message, tables);
  if (coded.length > 0) return [{ rows: coded, columns: [] }];
  const words = withoutParticles(wordsOf(message));
  const superlative = superlativeIn(words);
  if (superlative !== undefined) {
    return extremes(superlative, restOf(words, superlative.words, lexicon), tables, lexicon, previous);
  }
  const terms = lexicon.terms(message);
  const list = priceList(terms, tables, lexicon) ?? pricesOfTable(terms, tables, lexicon);
  return list ?? (isComparison(words) ? compared(terms, tables, lexicon) : []);
}

/** Whether a message asks for the extreme of a table: "yang paling murah?". */
export function selectsRows(message: string): boolean {
  return superlativeIn(withoutParticles(wordsOf(message))) !== undefined;
}

/** Rows whose codes appear in the message. */
function byCode(message: string, tables: readonly Table[]): readonly RowItem[] {
  const words = message.match(/[\p{L}\d](?:[\p{L}\d./_-]*[\p{L}\d])?/gu) ?? [];
  // "F 203" is one code in two words.
  const pairs = words.flatMap((word, at) =>
    /^\d/.test(words[at + 1] ?? '') ? [`${word}${words[at + 1]}`] : [],
  );
  const rows = tables.flatMap(({ codes }) =>
    [...words, ...pairs].flatMap((word) => codes.get(plainCode(word)) ?? []),
  );
  return [...new Set(rows)].slice(0, MOST_COMPARED);
}

/** The meaningful terms of a message besides those already understood. */
function restOf(words: readonly string[], understood: readonly string[], lexicon: Lexicon): readonly Term[] {
  const open = words.filter((word) => !understood.includes(word));
  return lexicon.terms(open.join(' ')).filter(isTelling);
}

/** The extremes of the table just talked about, of the only one, or of each that may be meant. */
function extremes(
  { measure, isLeast }: Superlative,
  rest: readonly Term[],
  tables: readonly Table[],
  lexicon: Lexicon,
  previous: Item | undefined,
): readonly TableAnswer[] {
  const candidates = tablesAbout(rest, measure, tables, lexicon);
  const near = isRow(previous)
    ? candidates.find(({ table }) => table.section === previous.section)
    : undefined;
  const most = Math.max(0, ...candidates.map(({ named }) => named));
  const best = near === undefined ? candidates.filter(({ named }) => named === most) : [near];
  return best.flatMap(({ rows, columns }) => {
    const named = columns.filter(({ name }) => isNamed(name, rest, lexicon));
    return extreme(rows, named.length > 0 ? named : columns, isLeast) ?? [];
  });
}

function extreme(
  candidates: readonly RowItem[],
  columns: readonly Column[],
  isLeast: boolean,
): TableAnswer | undefined {
  const valued = candidates
    .map((row) => ({ row, value: reach(row, columns, isLeast) }))
    .filter((each): each is { row: RowItem; value: number } => each.value !== undefined);
  const values = valued.map(({ value }) => value);
  const end = isLeast ? Math.min(...values) : Math.max(...values);
  const rows = valued.filter(({ value }) => value === end).map(({ row }) => row);
  if (rows.length === 0 || rows.length > MOST_ALIKE) return undefined;
  return { rows, columns: columns.map(({ name }) => name) };
}

function reach(row: RowItem, columns: readonly Column[], isLeast: boolean): number | undefined {
  const values = columns.flatMap((column) => valueOf(row, column) ?? []);
  if (values.length === 0) return undefined;
  return isLeast ? Math.min(...values) : Math.max(...values);
}

/**
 * Two or more rows of one table that the message names, each completely or by a word that the others lack.
 */
function compared(
  terms: readonly Term[],
  tables: readonly Table[],
  lexicon: Lexicon,
): readonly TableAnswer[] {
  const questionTerms = terms.filter(isTelling);
  const comparisons = tables.flatMap((table) => {
    const rows = rowsNamed(questionTerms, table.rows, lexicon);
    if (rows.length < 2 || rows.length > MOST_COMPARED) return [];
    return [{ rows, columns: columnsAsked(questionTerms, table, rows, lexicon) }];
  });
  const best = comparisons.find(({ columns }) => columns.length > 0) ?? comparisons[0];
  return best === undefined ? [] : [best];
}

function rowsNamed(
  questionTerms: readonly Term[],
  rows: readonly RowItem[],
  lexicon: Lexicon,
): readonly RowItem[] {
  const candidates = rows
    .map((row) => {
      const nameTerms = lexicon.terms(row.text.head).filter(isTelling);
      const sharedTerms = new Set(
        questionTerms.filter((term) => nameTerms.some((each) => nearness(term, each) >= SAME_GROUP)),
      );
      const isWhole = nameTerms.every((each) =>
        questionTerms.some((term) => nearness(term, each) >= SAME_GROUP),
      );
      return { row, said: sharedTerms, isWhole };
    })
    .filter(({ said }) => said.size > 0);
  const isShared = (term: Term): boolean => candidates.every(({ said }) => said.has(term));
  const matchingRows = candidates.filter(
    ({ said, isWhole }) => isWhole || [...said].some((term) => !isShared(term)),
  );
  const fullMatches = matchingRows.filter(({ isWhole }) => isWhole);
  return (fullMatches.length > 1 ? fullMatches : matchingRows).map(({ row }) => row);
}
