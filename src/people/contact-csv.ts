import { parse } from 'csv-parse/sync';
import type { Events } from '../contracts/events.js';
import type { Clock } from '../contracts/runtime.js';
import { allItems, StoreError, type Contact, type TenantScope } from '../contracts/stores.js';
import { HttpProblem } from '../lib/api/problem.js';
import { sniffDelimiter } from '../lib/csv/sniff-delimiter.js';
import { changeFrom, contactBody, contactJson } from './contact-json.js';
import { saveContact } from './save-contact.js';

const OWN_COLUMNS = ['name', 'phone', 'email', 'tags', 'locale'] as const;
const MOST_ROWS = 100_000;
/** A cell that begins so is run by spreadsheets. */
const RUNS = /^[=+\-@\t\r]/;

export interface ImportReport {
  readonly created: number;
  readonly updated: number;
  /** Rows are counted as a spreadsheet does: the header is row 1. */
  readonly rejected: readonly { readonly row: number; readonly reason: string }[];
}

/** Saves each row; what is wrong with one is said and holds up no other. */
export async function importContacts(
  scope: TenantScope,
  text: string,
  { clock, events }: { readonly clock: Clock; readonly events: Events },
): Promise<ImportReport> {
  const [header = [], ...rows] = recordsIn(text);
  const columns = header.map((name) => name.trim());
  if (!columns.some((name) => isOwn(name.toLowerCase()))) {
    throw new HttpProblem(
      422,
      'no_known_column',
      `The first row must name columns: ${OWN_COLUMNS.join(', ')}.`,
    );
  }
  const report = { created: 0, updated: 0, rejected: [] as { row: number; reason: string }[] };
  for (const [index, cells] of rows.entries()) {
    const row = index + 2;
    try {
      const { contact, isNew } = await saveRow(scope, columns, cells, clock.now());
      await events.emit(scope, isNew ? 'contact.created' : 'contact.updated', contactJson(contact));
      report[isNew ? 'created' : 'updated'] += 1;
    } catch (error) {
      report.rejected.push({ row, reason: reasonOf(error) });
    }
  }
  return report;
}

function recordsIn(text: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      delimiter: sniffDelimiter(text),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      to: MOST_ROWS + 1,
    });
  } catch (cause) {
    throw new HttpProblem(422, 'invalid_csv', 'The file is not a CSV file that can be read.', { cause });
  }
}

async function saveRow(
  scope: TenantScope,
  columns: readonly string[],
  cells: readonly string[],
  at: Date,
): Promise<{ readonly contact: Contact; readonly isNew: boolean }> {
  if (cells.length > columns.length) throw new Error('it has more cells than the header');
  const own: Record<string, unknown> = {};
  const fields: Record<string, string> = {};
  for (const [index, column] of columns.entries()) {
    const cell = unescaped((cells[index] ?? '').trim());
    const name = column.toLowerCase();
    if (cell === '' || column === '') continue;
    if (name === 'tags')
      own['tags'] = cell
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== '');
    else if (isOwn(name)) own[name] = cell;
    else fields[column] = cell;
  }
  const parsed = contactBody.safeParse({ ...own, ...(Object.keys(fields).length === 0 ? {} : { fields }) });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  if (Object.keys(parsed.data).length === 0) throw new Error('it is empty');
  const change = changeFrom(parsed.data, scope.settings.country);
  const { name } = change;
  if (typeof name !== 'string' || change.phone !== undefined || change.email !== undefined) {
    return saveContact(scope, change, at);
  }
  // With nothing but a name to go by, the same name is the same person: a second import makes no second one.
  const { items } = await scope.contacts.list({ query: name }, { limit: 50 });
  const same = items.find((contact) => contact.name === name);
  if (same === undefined) return saveContact(scope, change, at);
  return { contact: (await scope.contacts.update(same.id, change)) ?? same, isNew: false };
}

function reasonOf(error: unknown): string {
  if (error instanceof StoreError && error.kind !== 'conflict') throw error;
  return error instanceof Error ? error.message : String(error);
}

function isOwn(name: string): name is (typeof OWN_COLUMNS)[number] {
  return (OWN_COLUMNS as readonly string[]).includes(name);
}

/** All contacts as CSV; a cell that a spreadsheet would run begins with an apostrophe. */
export async function exportContacts(scope: TenantScope): Promise<string> {
  const contacts = await allItems((page) => scope.contacts.list({}, page), MOST_ROWS);
  const fieldNames = [...new Set(contacts.flatMap(({ fields }) => Object.keys(fields)))].sort();
  const header = [...OWN_COLUMNS, ...fieldNames];
  const lines = contacts.map((contact) => rowOf(contact, fieldNames));
  return `${[header, ...lines].map((row) => row.map(cellOf).join(',')).join('\r\n')}\r\n`;
}

function rowOf(contact: Contact, fieldNames: readonly string[]): readonly string[] {
  const { name = '', phone = '', email = '', tags, locale = '', fields } = contact;
  return [
    name,
    phone,
    email,
    tags.join(','),
    locale,
    ...fieldNames.map((field) => String(fields[field] ?? '')),
  ];
}

function cellOf(text: string): string {
  const safe = RUNS.test(text) || text.startsWith("'") ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function unescaped(cell: string): string {
  return cell.startsWith("'") && (RUNS.test(cell.slice(1)) || cell.startsWith("''")) ? cell.slice(1) : cell;
}
