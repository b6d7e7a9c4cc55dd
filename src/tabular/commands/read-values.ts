/** `price=100 city=Solo "unit price"="1 000"`: a name, spelled like the column or nearly so, and a value. */
const PAIR = /(?:"([^"]+)"|([^\s=,;]+))\s*[=:]\s*(?:"([^"]*)"|([^\s,;]*))/g;

/** Values by column; names that match no column are left out. */
export function readValues(text: string, columns: readonly string[]): Map<string, string> {
  const byName = new Map(columns.map((column) => [plain(column), column]));
  const values = new Map<string, string>();
  for (const [, quotedName, name, quotedValue, value] of text.matchAll(PAIR)) {
    const column = byName.get(plain(quotedName ?? name ?? ''));
    if (column !== undefined) values.set(column, quotedValue ?? value ?? '');
  }
  return values;
}

/** `Unit Price`, `unit_price` and `unitprice` are the same name. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]+/g, '');
}
