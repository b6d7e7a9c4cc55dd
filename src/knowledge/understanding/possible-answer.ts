import type { PossibleAnswer } from '../../contracts/answers.js';
import type { Weekday } from '../../contracts/settings.js';
import { weekdaysIn } from '../../lib/time/weekdays-in.js';
import type { Item, Passage, Section } from './texts/items.js';
import { nearness, SAME_GROUP, type Lexicon, type Term } from './words/lexicon.js';
import { rowSentence, type Cell, type Row } from './texts/rows.js';
import { isPriceColumn } from './texts/tables.js';

/** Longest section that is quoted as a whole, in characters. */
const SHORT_SECTION = 360;
/** Longest quote from a longer section, in characters: the passage that answers and its neighbours. */
const QUOTE = 320;
const LONGEST_LABEL = 60;

/** The parts of a question that determine which cells it asks for. */
export interface CellRequest {
  readonly terms: readonly Term[];
  readonly asksAmount: boolean;
  /** Whether it may ask if something is there: "masih ada?", "do you have". */
  readonly asksStock: boolean;
  /** Weekdays it names: prices may differ by day. */
  readonly days: ReadonlySet<Weekday>;
  /** Columns that were compared; if there are any, they are the requested cells. */
  readonly columns?: readonly string[];
  /** Omit all other columns, because many rows are shown at once. */
  readonly isList?: boolean;
}

/** An item as shown to a person. */
export function toPossibleAnswer(item: Item, request: CellRequest, lexicon: Lexicon): PossibleAnswer {
  if (item.type === 'entry') {
    const { entry } = item;
    return {
      reference: { type: 'entry', id: entry.id },
      entry,
      documentId: entry.id,
      title: entry.question,
      label: labelOf(item),
      text: entry.answer,
      locale: entry.locale,
    };
  }
  const { section, passage } = item;
  const { document } = section;
  return {
    reference: { type: 'passage', chunkId: passage.chunkId, unit: passage.position },
    documentId: document.id,
    title: document.title,
    label: labelOf(item),
    text:
      passage.row === undefined
        ? quote(section, passage)
        : rowSentence(passage.row, {
            isAsked: requestedCells(request, passage.row, lexicon),
            isPrice: ({ column }) => isPriceColumn(column, lexicon),
            onlyAsked: request.isList === true,
          }),
    locale: document.locale,
  };
}

/** The name of an item when it is offered as a choice. */
export function labelOf(item: Item): string {
  if (item.type === 'entry') return item.entry.question;
  const { headings, document } = item.section;
  const { unit, row } = item.passage;
  if (row !== undefined) return shortLabel(row.name);
  const heading = unit.heading === '' ? headings.at(-1) : unit.heading.replace(/:$/, '');
  return shortLabel(heading === undefined || heading === document.title ? unit.text : heading);
}

function shortLabel(text: string): string {
  if (text.length <= LONGEST_LABEL) return text;
  const end = text.lastIndexOf(' ', LONGEST_LABEL - 1);
  return `${text.slice(0, end > 0 ? end : LONGEST_LABEL - 1)}…`;
}

/** Returns a test for the cells a question asks for, by column name or by asking for an amount. */
function requestedCells(
  { terms, asksAmount, asksStock, days, columns = [] }: CellRequest,
  row: Row,
  lexicon: Lexicon,
): (cell: Cell) => boolean {
  if (columns.length > 0) return ({ column }) => columns.includes(column);
  const nameTerms = lexicon.terms(row.name);
  const otherTerms = terms.filter((term) =>
    nameTerms.every((nameTerm) => nearness(term, nameTerm) < SAME_GROUP),
  );
  const cells = bestNamed(row.cells, otherTerms, lexicon);
  const beside = row.cells.filter(
    ({ column }) => (asksStock && isStock(column, lexicon)) || isOfDay(column, days),
  );
  if (cells.size > 0 || beside.length > 0) return (cell) => cells.has(cell) || beside.includes(cell);
  return asksAmount ? ({ value }) => /\d{4,}|\d[.,]\d{3}/.test(value) : () => false;
}

function isStock(column: string, lexicon: Lexicon): boolean {
  const stock = lexicon.term('stok');
  return lexicon.terms(column).some((term) => nearness(term, stock) >= SAME_GROUP);
}

/** "Senin-Jumat", "Weekend": whether a column is for one of the days. */
function isOfDay(column: string, days: ReadonlySet<Weekday>): boolean {
  return days.size > 0 && [...weekdaysIn(column)].some((day) => days.has(day));
}

/** A word this light does not name a cell. */
const LIGHT = 0.2;

/**
 * The cells named by a question, except those of which it names only part of what it names of another: "South
 * Bali" is not asked for in "to North Bali".
 */
function bestNamed(cells: readonly Cell[], terms: readonly Term[], lexicon: Lexicon): ReadonlySet<Cell> {
  const named = cells.map((cell) => {
    const { column, value } = cell;
    const own = lexicon
      .terms(/\d{4,}/.test(value) ? column : `${column} ${value}`)
      .filter(({ weight }) => weight > LIGHT);
    const by = new Set(terms.filter((term) => own.some((each) => nearness(term, each) >= SAME_GROUP)));
    return { cell, by };
  });
  const best = named.filter(
    ({ by }) =>
      by.size > 0 &&
      !named.some((other) => other.by.size > by.size && [...by].every((term) => other.by.has(term))),
  );
  return new Set(best.map(({ cell }) => cell));
}

/** Whether two passages produce the same text, because neighbours are quoted along with them. */
export function haveSameText(a: Item, b: Item): boolean {
  if (a.type !== 'passage' || b.type !== 'passage' || a.section !== b.section) return false;
  if (a.passage.row !== undefined || b.passage.row !== undefined) return false;
  return quoteOf(a) === quoteOf(b);
}

/** What a person reads of an item that is no table row. */
export function quoteOf(item: Item): string {
  return item.type === 'entry' ? item.entry.answer : quote(item.section, item.passage);
}

/** The whole section if it is short, otherwise the passage that answers with its neighbours. */
function quote({ passages }: Section, passage: Passage): string {
  const all = passages.filter(({ row }) => row === undefined);
  if (lengthOf(all) <= SHORT_SECTION) return joined(all);
  const at = all.indexOf(passage);
  const selection = [passage];
  for (const next of [at + 1, at - 1, at + 2]) {
    const beside = all[next];
    if (beside === undefined || beside.unit.heading !== passage.unit.heading) continue;
    if (beside.unit.kind !== passage.unit.kind || beside.unit.kind === 'entry') continue;
    if (lengthOf([...selection, beside]) > QUOTE) break;
    selection.push(beside);
  }
  return joined(all.filter((each) => selection.includes(each)));
}

function lengthOf(passages: readonly Passage[]): number {
  return passages.reduce((sum, { unit }) => sum + unit.text.length + 1, 0);
}

function joined(passages: readonly Passage[]): string {
  let text = '';
  let heading = '';
  for (const { unit } of passages) {
    const isItem = unit.kind === 'entry';
    const leadIn = unit.heading !== heading && unit.heading.endsWith(':') ? `${unit.heading}\n` : '';
    heading = unit.heading;
    const piece = isItem ? `- ${unit.text}` : unit.text;
    const separator =
      text === '' ? '' : isItem || leadIn !== '' || text.split('\n').at(-1)?.startsWith('- ') ? '\n' : ' ';
    text += `${separator}${leadIn}${piece}`;
  }
  return passages.length === 1 ? text.replace(/^- /, '') : text;
}
