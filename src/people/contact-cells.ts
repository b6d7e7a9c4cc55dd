/** Columns for facts that every contact has; any other column is a field of the business. */
export const OWN_COLUMNS = ['name', 'phone', 'email', 'tags', 'locale'] as const;

/** Spreadsheets run a cell that starts like this as a formula. */
const RUNS = /^[=+\-@\t\r]/;

export function isOwnColumn(name: string): name is (typeof OWN_COLUMNS)[number] {
  return (OWN_COLUMNS as readonly string[]).includes(name);
}

/** Escapes a cell: an apostrophe in front keeps spreadsheets from running it. */
export function cellOf(text: string): string {
  const safe = RUNS.test(text) || text.startsWith("'") ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The original text of a cell escaped by `cellOf`. */
export function unescapedCell(cell: string): string {
  return cell.startsWith("'") && (RUNS.test(cell.slice(1)) || cell.startsWith("''")) ? cell.slice(1) : cell;
}
