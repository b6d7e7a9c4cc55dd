import { columnLike, wordsOf } from '../read/find-column.js';

/**
 * `price=100 city=Solo "unit price"="1 000"`: a name, spelled like the column or nearly so, and a value. A comma
 * ends a value unless it is between digits.
 */
const PAIR = /(?:"([^"]+)"|([^\s=,;]+))\s*[=:]\s*(?:"([^"]*)"|((?:[^\s,;]|(?<=\d),(?=\d))*))/g;

export interface GivenValues {
  /** By column. */
  readonly values: ReadonlyMap<string, string>;
  /** Names that match no column, or several. */
  readonly unknown: readonly string[];
}

export function readValues(text: string, columns: readonly string[]): GivenValues {
  const values = new Map<string, string>();
  const unknown: string[] = [];
  const named = columns.map((column) => ({ name: column }));
  for (const [, quotedName, plainName, quotedValue, value] of text.matchAll(PAIR)) {
    const name = quotedName ?? plainName ?? '';
    const column = columnLike(wordsOf(name), named);
    if (column === undefined) unknown.push(name);
    else values.set(column.name, quotedValue ?? value ?? '');
  }
  return { values, unknown };
}
