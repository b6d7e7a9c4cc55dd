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
  for (const [, quotedName, plainName, quotedValue, value] of text.matchAll(PAIR)) {
    const name = quotedName ?? plainName ?? '';
    const column = columnNamed(name, columns);
    if (column === undefined) unknown.push(name);
    else values.set(column, quotedValue ?? value ?? '');
  }
  return { values, unknown };
}

/** The column of this name, or else the only one that ends with it, as `Kota` does for `Pembeli Kota`. */
function columnNamed(name: string, columns: readonly string[]): string | undefined {
  const wanted = wordsOf(name);
  const exact = columns.find((column) => wordsOf(column).join('') === wanted.join(''));
  if (exact !== undefined || wanted.length === 0) return exact;
  const [match, ...others] = columns.filter(
    (column) => wordsOf(column).slice(-wanted.length).join(' ') === wanted.join(' '),
  );
  return others.length === 0 ? match : undefined;
}

/** `Unit Price` and `unit_price` are the same words. */
function wordsOf(name: string): readonly string[] {
  return name
    .toLowerCase()
    .split(/[\s_.-]+/)
    .filter((word) => word !== '');
}
