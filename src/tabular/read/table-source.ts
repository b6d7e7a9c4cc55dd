import { TABLE_LIMITS, TabularError, type TableFormat } from '../../contracts/tabular.js';
import { CsvFault, CsvScanner } from '../../lib/csv/csv-scanner.js';
import { separatorLine } from '../../lib/csv/sniff-delimiter.js';
import {
  isKnownEncoding,
  pieceDecoder,
  withoutControls,
  type PieceDecoder,
} from '../../lib/text/decode-text.js';
import { findHeader } from './find-header.js';
import { RowFilter, type RowReader } from './row-filter.js';
import { HeaderReader, type ReadHeader } from './table-header.js';

/** Bytes of a file, in pieces of any size. */
export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Longest record, in characters. */
const LONGEST_RECORD = 1024 * 1024;
/** Enough text to recognise the header and the delimiter. */
const SAMPLE_CHARS = 64 * 1024;
/** Magic bytes of files that people often send believing they are CSV. */
const MAGIC: readonly (readonly [start: string, kind: string, name: string])[] = [
  ['PK', 'zip', 'a ZIP or Excel file; save the sheet as CSV'],
  ['\u00D0\u00CF\u0011\u00E0', 'excel', 'an old Excel file; save the sheet as CSV'],
  ['%PDF', 'pdf', 'a PDF'],
  ['\u001F\u008B', 'gzip', 'a compressed file'],
  ['\u0089PNG', 'picture', 'a picture'],
  ['\u00FF\u00D8\u00FF', 'picture', 'a picture'],
  ['<', 'markup', 'a web page or XML; open it in a spreadsheet and save the sheet as CSV'],
  ['{', 'json', 'JSON'],
  ['[{', 'json', 'JSON'],
];
const MOST_CONTROLS = 0.02;

export interface TableReader extends RowReader {
  /** Unnamed columns are numbered, and duplicate names are made unique. */
  onHeader(names: readonly string[], format: TableFormat): void;
  /** `totalRows`: number of totals lines below the last row that were left out. */
  onEnd?(left: { readonly totalRows: number }): void;
}

/**
 * Reads a table from its bytes as they arrive, so that only one piece is in memory at a time.
 * @throws TabularError, and whatever the reader throws
 */
export async function readTable(
  pieces: Pieces,
  choices: Partial<TableFormat>,
  reader: TableReader,
): Promise<void> {
  let source: TableSource | undefined;
  let bytes = 0;
  for await (const piece of pieces) {
    if (piece.length === 0) continue;
    bytes += piece.length;
    if (bytes > TABLE_LIMITS.bytes) {
      throw tooManyBytes();
    }
    source ??= new TableSource(piece, choices, reader);
    if (!source.add(piece)) return;
  }
  if (source === undefined) throw new TabularError('empty', 'The file is empty.');
  source.end();
}

export function tooManyBytes(): TabularError {
  return new TabularError('too-large', 'The file is larger than 200 MB.', {
    reason: { key: 'tables.reason.tooManyBytes', values: { most: TABLE_LIMITS.bytes / (1024 * 1024) } },
  });
}

class TableSource {
  private readonly decoder: PieceDecoder;
  private scanner: CsvScanner | undefined;
  private rows: RowFilter | undefined;
  private readonly header = new HeaderReader();
  private format: TableFormat | undefined;
  private sample = '';

  constructor(
    first: Uint8Array,
    private readonly choices: Partial<TableFormat>,
    private readonly reader: TableReader,
  ) {
    refuseOtherKinds(first);
    const { encoding } = choices;
    if (encoding !== undefined && !isKnownEncoding(encoding)) {
      throw new TabularError('invalid-csv', `The encoding ${encoding.slice(0, 40)} is not known.`, {
        reason: { key: 'tables.reason.unknownEncoding', values: { encoding: encoding.slice(0, 40) } },
      });
    }
    this.decoder = pieceDecoder(first, encoding);
  }

  /** Returns `false` once no more is needed. */
  add(piece: Uint8Array): boolean {
    return this.push(this.decoder.decode(piece), false);
  }

  end(): void {
    this.push(this.decoder.end(), true);
    try {
      this.scanner?.end();
    } catch (error) {
      throw tableError(error);
    }
    if (this.rows === undefined && this.format !== undefined) this.begin(this.header.finish(), this.format);
    this.reader.onEnd?.({ totalRows: this.rows?.leftOut ?? 0 });
  }

  private push(text: string, isLast: boolean): boolean {
    if (this.scanner !== undefined) return this.scan(this.scanner, text);
    this.sample += text;
    if (this.sample.length < SAMPLE_CHARS && !isLast) return true;
    const { sample } = this;
    this.sample = '';
    return this.start(sample);
  }

  /** Recognises the format once enough text has arrived. */
  private start(text: string): boolean {
    if (controlShare(text.slice(0, SAMPLE_CHARS)) > MOST_CONTROLS) {
      throw otherKind('other', 'not text');
    }
    const clean = text.replace(/^\uFEFF/, '');
    const separator = separatorLine(clean);
    const body = clean.slice(separator?.length ?? 0);
    const { delimiter: chosen = separator?.delimiter, titleRows: above } = this.choices;
    const { delimiter, start, titleRows } = findHeader(body, {
      ...(chosen === undefined ? {} : { delimiter: chosen }),
      ...(above === undefined ? {} : { titleRows: above }),
    });
    const { encoding } = this.decoder;
    const format = { encoding, delimiter, ...(titleRows === 0 ? {} : { titleRows }) };
    this.format = format;
    const linesAbove = titleRows + (separator === undefined ? 0 : 1);
    this.scanner = new CsvScanner({
      delimiter,
      recordLength: LONGEST_RECORD,
      rowsBefore: linesAbove,
      onRecord: (cells) => {
        if (this.rows !== undefined) return this.rows.add(cells);
        return this.begin(this.header.add(cells), format);
      },
    });
    return this.scan(this.scanner, body.slice(start));
  }

  /** Passes on the header and the first rows once the column names are known. */
  private begin(header: ReadHeader | undefined, format: TableFormat): boolean {
    if (header === undefined) return true;
    const rows = new RowFilter(this.reader);
    this.rows = rows;
    this.reader.onHeader(header.names, format);
    return header.rows.every((cells) => rows.add(cells));
  }

  private scan(scanner: CsvScanner, text: string): boolean {
    try {
      return scanner.push(text);
    } catch (error) {
      throw tableError(error);
    }
  }
}

function tableError(error: unknown): unknown {
  if (!(error instanceof CsvFault)) return error;
  const { row } = error;
  const reason = { key: FAULTS[error.kind], values: { row } };
  return new TabularError('invalid-csv', error.message, { row, reason, cause: error });
}

const FAULTS = {
  ragged: 'tables.reason.ragged',
  'quote-not-closed': 'tables.reason.quoteNotClosed',
  'text-after-quote': 'tables.reason.textAfterQuote',
  'record-too-long': 'tables.reason.recordTooLong',
} as const satisfies Record<CsvFault['kind'], string>;

function otherKind(kind: string, name: string): TabularError {
  return new TabularError('not-a-table', `The file is ${name}.`, {
    reason: { key: 'tables.reason.otherKind', values: { kind } },
  });
}

function refuseOtherKinds(first: Uint8Array): void {
  const head = Buffer.from(first.subarray(0, 8)).toString('latin1');
  const kind = MAGIC.find(([start]) => head.startsWith(start));
  if (kind !== undefined) throw otherKind(kind[1], kind[2]);
}

function controlShare(text: string): number {
  const cleaned = withoutControls(text);
  let controls = 0;
  for (let index = 0; index < text.length; index += 1) if (text[index] !== cleaned[index]) controls += 1;
  return controls / Math.max(1, text.length);
}
