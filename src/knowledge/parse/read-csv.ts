import { CsvError, parse } from 'csv-parse/sync';
import type { Options } from 'csv-parse/sync';
import { KnowledgeError } from '../../contracts/knowledge.js';

export interface CsvTable {
  readonly header: readonly string[];
  /** Each as long as the header. */
  readonly rows: readonly (readonly string[])[];
}

export interface CsvLimits {
  readonly rows: number;
  readonly recordBytes: number;
}

const DELIMITERS = [',', ';', '\t'] as const;
const TEXT_AFTER_QUOTE = 'text follows a closing quote; write a quote inside a field twice.';
/** Enough lines to tell a delimiter from a comma inside a sentence. */
const SNIFFED_LINES = 50;
const SNIFFED_CHARS = 64 * 1024;

/**
 * Reads CSV strictly: a broken quote or a row with too few or too many fields is an error that
 * names the row, counted as a spreadsheet does (the header is row 1).
 * @throws KnowledgeError `invalid-csv`, `too-large`, `no-text`
 */
export function readCsv(text: string, limits: CsvLimits, delimiter = sniffDelimiter(text)): CsvTable {
  const [header, ...rows] = records(text, limits, delimiter);
  if (!header) throw new KnowledgeError('no-text', 'The table is empty.');
  if (rows.length > limits.rows) {
    throw new KnowledgeError('too-large', `The table has more than ${limits.rows} rows.`);
  }
  return { header: header.map((name, column) => name.trim() || `Column ${column + 1}`), rows };
}

function records(text: string, limits: CsvLimits, delimiter: string): string[][] {
  const options = {
    bom: true,
    delimiter,
    max_record_size: limits.recordBytes,
    skip_empty_lines: true,
    // One more than allowed, so that the caller sees that there are too many.
    to: limits.rows + 2,
  };
  try {
    return strictly(
      () => parse(text, options),
      () => parse(text, { ...options, ...BARE_QUOTES }),
    );
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw rowError(error);
  }
}

/**
 * A quote in the middle of a field that is not quoted, like the inches of `a 5" pipe`, means
 * itself. csv-parse accepts it only together with text after a closing quote, which is a fault:
 * there the field keeps its first quote.
 */
const BARE_QUOTES: Options = {
  relax_quotes: true,
  cast: (value, { quoting, records: read }) => {
    if (quoting && value.startsWith('"')) throw brokenQuote(read + 1);
    return value;
  },
};

function strictly(strict: () => string[][], relaxed: () => string[][]): string[][] {
  try {
    return strict();
  } catch (error) {
    if (error instanceof CsvError && error.code === 'INVALID_OPENING_QUOTE') return relaxed();
    throw error;
  }
}

function brokenQuote(row: number): KnowledgeError {
  return new KnowledgeError('invalid-csv', `Row ${row}: ${TEXT_AFTER_QUOTE}`, { row });
}

function rowError(error: CsvError): KnowledgeError {
  // csv-parse tells how many records were read before the bad one.
  const row = (typeof error['records'] === 'number' ? error['records'] : 0) + 1;
  return new KnowledgeError('invalid-csv', `Row ${row}: ${reason(error)}`, { row, cause: error });
}

function reason(error: CsvError): string {
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return 'it has more or fewer fields than the header.';
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened and never closed.';
    case 'CSV_INVALID_CLOSING_QUOTE':
      return TEXT_AFTER_QUOTE;
    case 'CSV_MAX_RECORD_SIZE':
      return 'it is too long.';
    default:
      return 'it is not valid CSV.';
  }
}

/** The delimiter that cuts most lines into the same number of fields, commas winning a draw. */
export function sniffDelimiter(text: string): string {
  const lines = unquotedLines(text.slice(0, SNIFFED_CHARS)).slice(0, SNIFFED_LINES);
  let best = { delimiter: ',', agreeing: 0, fields: 1 };
  for (const delimiter of DELIMITERS) {
    const first = lines[0]?.split(delimiter).length ?? 1;
    if (first < 2) continue;
    const agreeing = lines.filter((line) => line.split(delimiter).length === first).length;
    const better = agreeing > best.agreeing || (agreeing === best.agreeing && first > best.fields);
    if (better) best = { delimiter, agreeing, fields: first };
  }
  return best.delimiter;
}

/** Lines with what stands in quotes taken out, so that its delimiters and line ends do not count. */
function unquotedLines(text: string): string[] {
  const bare = text.replace(/"[^"]*"/g, '""');
  return bare.split(/\r\n|\n|\r/).filter((line) => line !== '');
}
