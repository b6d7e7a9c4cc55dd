import type { CellValue, Row, Workbook, Worksheet } from 'exceljs';
import { KnowledgeError } from '../../contracts/knowledge.js';
import { withoutControls } from '../../lib/text/decode-text.js';
import type { ParsedSection } from './parsed-document.js';
import type { ParseLimits } from './parse-limits.js';
import { rowText } from './parse-table.js';

/** No real table is wider; cells further right are not read. */
const MAXIMUM_COLUMNS = 500;
/** Default names that spreadsheet programs give to sheets. */
const UNNAMED = /^(sheet|lembar|tabelle|hoja|feuil)\s?\d+$/i;

/**
 * Each row as `Header: value`, as for a CSV, under the name of its sheet. Formulas are read as their last
 * values; hidden sheets are skipped, because they are not meant for customers.
 * @throws KnowledgeError `unreadable`, `too-large`, `no-text`
 */
export async function parseXlsx(
  bytes: Uint8Array,
  limits: Pick<ParseLimits, 'rows' | 'outputChars'>,
): Promise<{ readonly sections: readonly ParsedSection[] }> {
  const workbook = await load(bytes);
  const sections: ParsedSection[] = [];
  let chars = 0;
  for (const sheet of workbook.worksheets.filter(({ state }) => state === 'visible')) {
    for (const section of sheetSections(sheet)) {
      sections.push(section);
      chars += section.text.length;
      if (sections.length > limits.rows) throw tooLarge(`The tables have more than ${limits.rows} rows.`);
      if (chars > limits.outputChars) {
        throw tooLarge(`The text of the tables is longer than ${limits.outputChars} characters.`);
      }
    }
  }
  if (sections.length === 0) throw new KnowledgeError('no-text', 'No sheet has rows under a header.');
  return { sections };
}

async function load(bytes: Uint8Array): Promise<Workbook> {
  const { default: excel } = await import('exceljs');
  const workbook = new excel.Workbook();
  try {
    // The library's type is for an older Node.
    await workbook.xlsx.load(Buffer.from(bytes) as unknown as Parameters<typeof workbook.xlsx.load>[0]);
    return workbook;
  } catch (cause) {
    throw new KnowledgeError('unreadable', 'The workbook is damaged and cannot be read.', { cause });
  }
}

function* sheetSections(sheet: Worksheet): Generator<ParsedSection> {
  const headings = UNNAMED.test(sheet.name) ? [] : [withoutControls(sheet.name).trim()];
  const rows: Row[] = [];
  sheet.eachRow((row) => rows.push(row));
  let header: string[] | undefined;
  let title: string | undefined;
  for (const row of rows) {
    const cells = cellsOf(row);
    const filled = cells.filter((cell) => cell !== '').length;
    if (filled === 0) continue;
    if (header === undefined) {
      // A single value above the table is its title.
      if (filled === 1 && title === undefined && rows.length > 2) {
        title = cells.find((cell) => cell !== '') ?? '';
        continue;
      }
      header = cells.map((name, column) => name || `Column ${column + 1}`);
      continue;
    }
    const text = rowText(header, cells);
    yield { headings: title === undefined ? headings : [...headings, title], text };
  }
}

function cellsOf(row: Row): string[] {
  const cells: string[] = [];
  row.eachCell((cell, column) => {
    if (column > MAXIMUM_COLUMNS) return;
    while (cells.length < column) cells.push('');
    // A merged cell repeats the value of its first cell.
    const isRepeat = cell.isMerged && cell.master.address !== cell.address;
    cells[column - 1] = isRepeat ? '' : withoutControls(cellText(cell.value, cell.numFmt)).trim();
  });
  return cells;
}

function cellText(value: CellValue, format: string | undefined): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return dateText(value);
  if (typeof value === 'number') return numberText(value, format ?? '');
  if (typeof value !== 'object') return String(value);
  if ('richText' in value) return value.richText.map(({ text }) => text).join('');
  if ('hyperlink' in value) return linkText(value.text, value.hyperlink);
  if ('error' in value) return '';
  return cellText(value.result, format);
}

/** The text of a link may be rich text, which the types do not show. */
function linkText(text: unknown, address: string): string {
  const isRich = typeof text === 'object' && text !== null && 'richText' in text;
  const words = isRich ? cellText(text as CellValue, undefined) : typeof text === 'string' ? text : '';
  return words === '' ? address.replace(/^(mailto|tel):/i, '') : words;
}

/** Dates in sheets have no time zone; a time of day alone is a date at the start of their calendar. */
function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) return '';
  const [day = '', time = ''] = date.toISOString().split('T');
  const clock = time.slice(0, 5);
  if (date.getUTCFullYear() < 1901) return clock;
  return clock === '00:00' ? day : `${day} ${clock}`;
}

function numberText(value: number, format: string): string {
  if (format.includes('%')) return `${trimmed(value * 100)}%`;
  return trimmed(value);
}

/** Drops the rounding error of binary fractions: 0.1 + 0.2 is 0.3. */
function trimmed(value: number): string {
  return String(Number(value.toPrecision(15)));
}

function tooLarge(detail: string): KnowledgeError {
  return new KnowledgeError('too-large', detail);
}
