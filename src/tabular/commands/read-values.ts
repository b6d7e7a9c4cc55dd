/** `price=100 city=Solo "unit price"="1 000"`: a name, as the table writes it or nearly so, and a value. */
const PAIR = /(?:"([^"]+)"|([^\s=,;]+))\s*[=:]\s*(?:"([^"]*)"|([^\s,;]*))/g;

/** Values by the columns they mean; names that mean none are left out. */
export function readValues(text: string, columns: readonly string[]): Map<string, string> {
  const byName = new Map(columns.map((column) => [plain(column), column]));
  const found = new Map<string, string>();
  for (const [, quotedName, name, quotedValue, value] of text.matchAll(PAIR)) {
    const column = byName.get(plain(quotedName ?? name ?? ''));
    if (column !== undefined) found.set(column, quotedValue ?? value ?? '');
  }
  return found;
}

/** `Unit Price`, `unit_price` and `unitprice` are one name. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]+/g, '');
}
