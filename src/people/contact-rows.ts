import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import type { ContactChange, TenantScope } from '../contracts/stores.js';
import { HttpProblem } from '../lib/api/problem.js';
import { sniffDelimiter } from '../lib/csv/sniff-delimiter.js';
import { isOwnColumn, OWN_COLUMNS, unescapedCell } from './contact-cells.js';
import { changeFrom, contactBody } from './contact-json.js';

/** How many characters to read at a time. */
const PIECE = 64 * 1024;
const MOST_ROWS = 1_000_000;

/** A row of a table of contacts. Rows are numbered as in a spreadsheet: the header is row 1. */
export interface ContactRow {
  readonly row: number;
  /** How much of the table has been read, 0..1. */
  readonly part: number;
  readonly read: { readonly change: ContactChange } | { readonly problem: string };
}

/** Reads a table of contacts piece by piece. Throws `HttpProblem` if the text is not such a table. */
export async function* contactRows(scope: TenantScope, text: string): AsyncGenerator<ContactRow> {
  const parser = parse({
    bom: true,
    delimiter: sniffDelimiter(text.slice(0, PIECE)),
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });
  const size = Math.max(1, Buffer.byteLength(text));
  const source = Readable.from(pieces(text), { objectMode: false });
  source.pipe(parser);
  let columns: readonly string[] | undefined;
  let row = 1;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (columns === undefined) {
        columns = columnsOf(record);
        continue;
      }
      row += 1;
      if (row > MOST_ROWS) throw new HttpProblem(422, 'too_many_rows', 'A file has at most a million rows.');
      yield {
        row,
        part: parser.info.bytes / size,
        read: readRow(scope, columns, record),
      };
    }
  } catch (cause) {
    if (cause instanceof HttpProblem || !(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new HttpProblem(422, 'invalid_csv', 'The file is not a CSV file that can be read.', { cause });
  } finally {
    source.destroy();
    parser.destroy();
  }
  if (columns === undefined) throw noKnownColumn();
}

function* pieces(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += PIECE) yield text.slice(at, at + PIECE);
}

function columnsOf(header: readonly string[]): readonly string[] {
  const columns = header.map((name) => name.trim());
  if (!columns.some((name) => isOwnColumn(name.toLowerCase()))) throw noKnownColumn();
  return columns;
}

function noKnownColumn(): HttpProblem {
  return new HttpProblem(
    422,
    'no_known_column',
    `The first row must name columns: ${OWN_COLUMNS.join(', ')}.`,
  );
}

function readRow(
  scope: TenantScope,
  columns: readonly string[],
  cells: readonly string[],
): ContactRow['read'] {
  if (cells.length > columns.length) return { problem: 'it has more cells than the header' };
  const own: Record<string, unknown> = {};
  const fields = new Map<string, string>();
  for (const [index, column] of columns.entries()) {
    const cell = unescapedCell((cells[index] ?? '').trim());
    const name = column.toLowerCase();
    if (cell === '' || column === '') continue;
    if (name === 'tags') own['tags'] = tagsIn(cell);
    else if (isOwnColumn(name)) own[name] = cell;
    else fields.set(column, cell);
  }
  const parsed = contactBody.safeParse({
    ...own,
    ...(fields.size === 0 ? {} : { fields: Object.fromEntries(fields) }),
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` };
  }
  if (Object.keys(parsed.data).length === 0) return { problem: 'it is empty' };
  try {
    return { change: changeFrom(parsed.data, scope.settings) };
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    return { problem: error.message };
  }
}

function tagsIn(cell: string): readonly string[] {
  return cell
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
