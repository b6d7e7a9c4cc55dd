import { z } from 'zod';
import type { Catalogue, CatalogueItem } from '../../contracts/catalogue.js';
import { ToolError, type Tool } from '../../contracts/tool.js';
import { defineTool } from '../define-tool.js';

const MOST_SHOWN = 20;
const WORDS = /[\p{L}\p{N}]+/gu;

const condition = z.strictObject({
  column: z.string().min(1).max(100),
  is: z.enum(['equal', 'contains', 'at_least', 'at_most']),
  value: z.union([z.string().max(200), z.number()]),
});
type Condition = z.output<typeof condition>;

/** Tools that search and compare what the business offers in its tables. */
export function catalogueTools({ catalogue }: { readonly catalogue: Catalogue }): readonly Tool[] {
  return [
    defineTool({
      name: 'catalogue_search',
      description:
        'Finds products, rooms, fares and the like in the price lists and tables of the business: by words, by conditions on columns ("price at_most 100000"), the cheapest or dearest first. Without anything it shows which columns there are.',
      inputSchema: z.strictObject({
        words: z.string().trim().max(200).optional().describe('Words of the name or of any cell'),
        where: z.array(condition).max(5).optional(),
        sort_by: z.string().max(100).optional().describe('Name of a column'),
        order: z.enum(['ascending', 'descending']).default('ascending'),
        limit: z.int().min(1).max(MOST_SHOWN).default(8),
      }),
      effect: 'read',
      async run({ words = '', where = [], sort_by: sortBy, order, limit }, { scope }) {
        const all = await catalogue.items(scope);
        const columns = columnsOf(all);
        for (const name of [
          ...where.map(({ column }) => column),
          ...(sortBy === undefined ? [] : [sortBy]),
        ]) {
          if (all.length > 0 && !columns.some((column) => isColumn(column, name)))
            throw noColumn(name, columns);
        }
        const meeting = all.filter((item) => where.every((each) => meets(item, each)));
        const matches = byWords(meeting, words);
        const sorted = sortBy === undefined ? matches : sortedBy(matches, sortBy, order === 'descending');
        return { columns, total: sorted.length, items: sorted.slice(0, limit).map(itemJson) };
      },
    }),
    defineTool({
      name: 'recommend_items',
      description:
        'Things of the catalogue that are most like a given one, e.g. when it is sold out or too dear.',
      inputSchema: z.strictObject({
        like: z.string().trim().min(1).max(200).describe('Name of the thing in the catalogue'),
        where: z.array(condition).max(5).optional(),
        limit: z.int().min(1).max(MOST_SHOWN).default(3),
      }),
      effect: 'read',
      async run({ like, where = [], limit }, { scope }) {
        const all = await catalogue.items(scope);
        const [reference] = byWords(all, like);
        if (reference === undefined)
          throw new ToolError('failed', 'There is no such thing in the catalogue.');
        const others = all
          .filter((item) => item !== reference && item.table === reference.table)
          .filter((item) => where.every((each) => meets(item, each)))
          .map((item) => ({ item, likeness: likenessOf(reference, item) }))
          .toSorted((a, b) => b.likeness - a.likeness);
        return { like: itemJson(reference), items: others.slice(0, limit).map(({ item }) => itemJson(item)) };
      },
    }),
  ];
}

function itemJson({ table, name, cells }: CatalogueItem) {
  return { name, table, ...Object.fromEntries(cells.map(({ column, value }) => [column, value])) };
}

function columnsOf(items: readonly CatalogueItem[]): readonly string[] {
  return [...new Set(items.flatMap(({ cells }) => cells.map(({ column }) => column)))].slice(0, 100);
}

function noColumn(name: string, columns: readonly string[]): ToolError {
  return new ToolError('invalid-input', `There is no column "${name}"; there are: ${columns.join(', ')}.`);
}

/** `price` matches `Price (Rp)`. */
function isColumn(column: string, query: string): boolean {
  const [own, queryWords] = [wordsIn(column), wordsIn(query)];
  return queryWords.length > 0 && queryWords.every((word) => own.includes(word));
}

function cellOf({ cells }: CatalogueItem, column: string): CatalogueItem['cells'][number] | undefined {
  return cells.find((cell) => cell.column === column) ?? cells.find((cell) => isColumn(cell.column, column));
}

function meets(item: CatalogueItem, { column, is, value }: Condition): boolean {
  const cell = cellOf(item, column);
  if (cell === undefined) return false;
  const text = cell.value.toLowerCase();
  // `Number` reads blank text as 0.
  const amount = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
  switch (is) {
    case 'equal':
      return cell.amount === amount || text === String(value).toLowerCase();
    case 'contains':
      return text.includes(String(value).toLowerCase());
    case 'at_least':
      return cell.amount !== undefined && cell.amount >= amount;
    case 'at_most':
      return cell.amount !== undefined && cell.amount <= amount;
    default:
      return is satisfies never;
  }
}

/** Items that contain more than half of the words, the best matches first. */
function byWords(items: readonly CatalogueItem[], text: string): readonly CatalogueItem[] {
  const queryWords = [...new Set(wordsIn(text))];
  if (queryWords.length === 0) return items;
  return items
    .map((item) => {
      const name = wordsIn(item.name);
      const all = [...name, ...wordsIn([item.table, ...item.cells.map(({ value }) => value)].join(' '))];
      const matches = queryWords.filter((word) => all.some((each) => each.startsWith(word)));
      const nameMatches = matches.filter((word) => name.some((each) => each.startsWith(word)));
      return {
        item,
        matchCount: matches.length,
        rank: matches.length + nameMatches.length / 2 - name.length / 1_000,
      };
    })
    .filter(({ matchCount }) => matchCount > queryWords.length / 2)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ item }) => item);
}

/** Items without that cell come last. */
function sortedBy(items: readonly CatalogueItem[], column: string, isDescending: boolean) {
  const key = (item: CatalogueItem): number | string | undefined => {
    const cell = cellOf(item, column);
    return cell?.amount ?? cell?.value.toLowerCase();
  };
  return items.toSorted((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
    const compared =
      typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y));
    return isDescending ? -compared : compared;
  });
}

/** Counts equal cells and common words of the names, and how close amounts are. */
function likenessOf(reference: CatalogueItem, other: CatalogueItem): number {
  const shares = reference.cells.map((cell) => {
    const otherCell = cellOf(other, cell.column);
    if (otherCell === undefined) return 0;
    if (cell.amount === undefined || otherCell.amount === undefined) {
      return otherCell.value.toLowerCase() === cell.value.toLowerCase() ? 1 : 0;
    }
    const largest = Math.max(Math.abs(cell.amount), Math.abs(otherCell.amount));
    return largest === 0 ? 1 : 1 - Math.abs(cell.amount - otherCell.amount) / largest;
  });
  const name = new Set(wordsIn(other.name));
  const common = wordsIn(reference.name).filter((word) => name.has(word)).length;
  return shares.reduce((sum, share) => sum + share, 0) + common;
}

function wordsIn(text: string): readonly string[] {
  return text.toLowerCase().match(WORDS) ?? [];
}
