/** One value of a row under the name of its column. */
export interface Cell {
  readonly column: string;
  readonly value: string;
}

/** A row of a table: the cell that names it, and the others. */
export interface Row {
  readonly name: string;
  readonly cells: readonly Cell[];
}

const CELL = /^([^:;]{1,60}):\s*(.*)$/u;
const NUMERIC = /^[\s\d.,%+-]*$/u;

/** Reads `Name: Cap; Price: 45000`; `undefined` when the text is no row. */
export function readRow(text: string): Row | undefined {
  const cells: { column: string; value: string }[] = [];
  for (const part of text.split(/;\s*/u)) {
    const [, column, value] = CELL.exec(part) ?? [];
    const last = cells.at(-1);
    if (column !== undefined && value !== undefined) cells.push({ column, value });
    else if (last === undefined) return undefined;
    // A value may hold a semicolon itself.
    else last.value = `${last.value}; ${part}`;
  }
  if (cells.length < 2) return undefined;
  const name = cells.find(({ value }) => !NUMERIC.test(value)) ?? cells[0];
  if (name === undefined) return undefined;
  return { name: name.value, cells: cells.filter((cell) => cell !== name && cell.value !== '') };
}

const CURRENCY = /\(?\b(rp|idr|usd|eur|sgd|myr|aud)\b\.?\)?|[$€£]/iu;
const SIGNS: Readonly<Record<string, string>> = { rp: 'Rp', idr: 'Rp', usd: 'US$', eur: '€' };

/** A cell as people write it: `Kilat (Rp): 58000` is `Kilat: Rp58.000`. */
export function readable({ column, value }: Cell): string {
  const [, currency] = CURRENCY.exec(column) ?? [];
  const label = column
    .replace(CURRENCY, '')
    .replace(/[_\s]+/g, ' ')
    .replace(/\(\s*\)/g, '')
    .trim();
  const shown =
    /^\d{4,}$/.test(value.trim()) && currency !== undefined ? money(value.trim(), currency) : value.trim();
  return label === '' ? shown : `${label}: ${shown}`;
}

/** A row as a line: its name, then the cells that were asked for, then the others. */
export function rowSentence(
  { name, cells }: Row,
  isAsked: (cell: Cell) => boolean,
  onlyAsked = false,
): string {
  const asked = cells.filter(isAsked);
  const rest = onlyAsked ? [] : cells.filter((cell) => !asked.includes(cell));
  const said = [...asked, ...rest].map(readable).join(', ');
  return said === '' ? name : `${name} — ${said}`;
}

function money(digits: string, currency: string): string {
  const sign = SIGNS[currency.toLowerCase()] ?? `${currency.toUpperCase()} `;
  return `${sign}${digits.replace(/\B(?=(\d{3})+(?!\d))/g, '.')}`;
}
