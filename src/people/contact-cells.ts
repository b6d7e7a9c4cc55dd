/** Columns that are facts of every contact; any other one is a field of the business. */
export const OWN_COLUMNS = ['name', 'phone', 'email', 'tags', 'locale'] as const;

/** A cell that begins so is run by spreadsheets. */
const RUNS = /^[=+\-@\t\r]/;

export function isOwnColumn(name: string): name is (typeof OWN_COLUMNS)[number] {
  return (OWN_COLUMNS as readonly string[]).includes(name);
}

/** A cell that no spreadsheet runs: it begins with an apostrophe where it would. */
export function cellOf(text: string): string {
  const safe = RUNS.test(text) || text.startsWith("'") ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What such a cell says. */
export function unescapedCell(cell: string): string {
  return cell.startsWith("'") && (RUNS.test(cell.slice(1)) || cell.startsWith("''")) ? cell.slice(1) : cell;
}
