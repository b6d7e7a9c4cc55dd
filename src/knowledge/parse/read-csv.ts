import { KnowledgeError } from '../../contracts/knowledge.js';
import { CsvFault, CsvScanner } from '../../lib/csv/csv-scanner.js';
import { separatorLine, sniffDelimiter } from '../../lib/csv/sniff-delimiter.js';

export interface CsvTable {
  readonly header: readonly string[];
  /** Each row has as many fields as the header. */
  readonly rows: readonly (readonly string[])[];
}

export interface CsvLimits {
  readonly rows: number;
  readonly recordBytes: number;
}

/**
 * Reads CSV strictly: a broken quote or a row with too few or too many fields is an error that names the row,
 * numbered as in a spreadsheet (the header is row 1).
 * @throws KnowledgeError `invalid-csv`, `too-large`, `no-text`
 */
export function readCsv(text: string, limits: CsvLimits, delimiter?: string): CsvTable {
  const clean = text.replace(/^\uFEFF/, '');
  const separator = separatorLine(clean);
  const body = clean.slice(separator?.length ?? 0);
  const [header, ...rows] = records(body, limits, delimiter ?? separator?.delimiter ?? sniffDelimiter(body));
  if (!header) throw new KnowledgeError('no-text', 'The table is empty.');
  if (rows.length > limits.rows) {
    throw new KnowledgeError('too-large', `The table has more than ${limits.rows} rows.`);
  }
  return { header: header.map((name, column) => name.trim() || `Column ${column + 1}`), rows };
}

function records(text: string, limits: CsvLimits, delimiter: string): string[][] {
  const read: string[][] = [];
  const scanner = new CsvScanner({
    delimiter,
    recordLength: limits.recordBytes,
    onRecord(fields) {
      read.push([...fields]);
      // Reads one row more than allowed, so that the caller notices that there are too many.
      return read.length < limits.rows + 2;
    },
  });
  try {
    if (scanner.push(text)) scanner.end();
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    throw new KnowledgeError('invalid-csv', error.message, { row: error.row, cause: error });
  }
  return read;
}
