import type { Catalogue, CatalogueItem } from '../contracts/catalogue.js';
import { allItems } from '../contracts/stores.js';
import { readRow } from './understanding/texts/rows.js';

/** Kinds of file whose passages are rows. */
const TABLE_KINDS: readonly string[] = ['csv', 'tsv', 'xlsx'];
const MOST_ITEMS = 5_000;
const MOST_DOCUMENTS = 1_000;
const AMOUNT = /^(?:rp\.?|idr|usd|us\$|\$|€|eur|sgd|myr)?\s*(-?\d[\d.,]*)\s*(?:,-|rb|ribu|k|jt|juta)?$/iu;
const SCALES: readonly (readonly [RegExp, number])[] = [
  [/\d\s*(?:rb|ribu|k)$/iu, 1_000],
  [/\d\s*(?:jt|juta)$/iu, 1_000_000],
];

/** Reads the rows of the tables a business has uploaded. */
export function createCatalogue(): Catalogue {
  return {
    async items(scope) {
      const documents = await allItems((page) => scope.documents.list(page), MOST_DOCUMENTS);
      const items: CatalogueItem[] = [];
      for (const { id, title, kind, status } of documents) {
        if (status !== 'ready' || !TABLE_KINDS.includes(kind)) continue;
        if (items.length >= MOST_ITEMS) break;
        for (const chunk of await scope.documents.chunks(id)) {
          items.push(...rowsOf(chunk.text).map((row) => ({ documentId: id, table: title, ...row })));
        }
      }
      return items.slice(0, MOST_ITEMS);
    },
  };
}

function rowsOf(text: string): Pick<CatalogueItem, 'name' | 'cells'>[] {
  return text.split('\n').flatMap((line) => {
    const row = readRow(line);
    if (row === undefined) return [];
    const cells = row.cells.map(({ column, value }) => {
      const amount = amountIn(value);
      return { column, value, ...(amount === undefined ? {} : { amount }) };
    });
    return [{ name: row.name, cells }];
  });
}

/** `Rp45.000`, `45,000`, `85rb` and `1,25 jt` are amounts; `0812-3456` and `B-12` are not. */
export function amountIn(value: string): number | undefined {
  const input = value.trim();
  const [, digits] = AMOUNT.exec(input) ?? [];
  if (digits === undefined) return undefined;
  const scale = SCALES.find(([ending]) => ending.test(input))?.[1] ?? 1;
  const amount = Number(plainNumber(digits)) * scale;
  return Number.isFinite(amount) ? amount : undefined;
}

/**
 * Separators before groups of three digits separate thousands; otherwise the last one is the decimal point.
 */
function plainNumber(digits: string): string {
  if (/^-?\d{1,3}(?:[.,]\d{3})+$/.test(digits)) return digits.replace(/[.,]/g, '');
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  if (last === -1) return digits;
  return `${digits.slice(0, last).replace(/[.,]/g, '')}.${digits.slice(last + 1)}`;
}
