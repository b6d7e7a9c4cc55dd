const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** A malformed CSV row. Rows are counted as in a spreadsheet: the header is row 1. */
export class CsvFault extends Error {
  override readonly name = 'CsvFault';
  constructor(
    readonly kind: 'ragged' | 'quote-not-closed' | 'text-after-quote' | 'record-too-long',
    readonly row: number,
  ) {
    super(`Row ${row}: ${REASONS[kind]}`);
  }
}

const REASONS: Readonly<Record<CsvFault['kind'], string>> = {
  ragged: 'it has more or fewer fields than the header.',
  'quote-not-closed': 'a quote is opened and never closed.',
  'text-after-quote': 'text follows a closing quote; write a quote inside a field twice.',
  'record-too-long': 'it is too long; perhaps a quote is opened and never closed.',
};

export interface CsvScannerOptions {
  /** A single character. */
  readonly delimiter: string;
  /** Maximum length of one record, in characters. */
  readonly recordLength: number;
  /** Number of lines above the text in the file. */
  readonly rowsBefore?: number;
  /** The array is reused for the next record, so copy what you keep. Returning `false` ends the scan. */
  onRecord(fields: readonly string[], row: number): boolean | undefined;
}

/**
 * Splits text that arrives in pieces into records, strictly: a broken quote, or a row with a different number
 * of fields than the first, is a `CsvFault`. Blank lines are skipped. A quote inside an unquoted field, like
 * the inch mark in `a 5" pipe`, is literal.
 */
export class CsvScanner {
  private rest = '';
  private row: number;
  private width = -1;
  private isOver = false;
  private readonly fields: string[] = [];
  private readonly delimiter: number;

  constructor(private readonly options: CsvScannerOptions) {
    this.delimiter = options.delimiter.charCodeAt(0);
    this.row = options.rowsBefore ?? 0;
  }

  /** `false` once the scan has ended. */
  push(text: string): boolean {
    this.scan(this.rest === '' ? text : this.rest + text, false);
    return !this.isOver;
  }

  end(): void {
    this.scan(this.rest, true);
  }

  private scan(text: string, isLast: boolean): void {
    let at = 0;
    while (!this.isOver && at < text.length) {
      const next = this.readRecord(text, at, isLast);
      if (next === undefined) break;
      if (next - at > this.options.recordLength) throw this.fault('record-too-long');
      this.emit();
      at = next;
    }
    this.rest = at === 0 ? text : text.slice(at);
    if (this.rest.length > this.options.recordLength) throw this.fault('record-too-long');
  }

  private emit(): void {
    const { fields } = this;
    if (fields.length === 1 && fields[0] === '') return;
    if (this.width === -1) this.width = fields.length;
    if (fields.length !== this.width) throw this.fault('ragged');
    this.row += 1;
    if (this.options.onRecord(fields, this.row) === false) this.isOver = true;
  }

  /** Where the next record begins; `undefined` while this one is incomplete. */
  private readRecord(text: string, start: number, isLast: boolean): number | undefined {
    const { fields, delimiter } = this;
    fields.length = 0;
    let at = start;
    for (;;) {
      const end = text.charCodeAt(at) === QUOTE ? this.quoted(text, at, isLast) : this.bare(text, at, isLast);
      if (end === undefined) return undefined;
      const code = text.charCodeAt(end);
      if (code === delimiter) at = end + 1;
      else if (code === LINE_FEED || end >= text.length) return end + 1;
      else if (text.charCodeAt(end + 1) === LINE_FEED) return end + 2;
      else if (end + 1 === text.length && !isLast) return undefined;
      else return end + 1;
    }
  }

  /** Adds the unquoted field that begins at `start` and returns where it ends. */
  private bare(text: string, start: number, isLast: boolean): number | undefined {
    const { delimiter } = this;
    let end = start;
    for (; end < text.length; end += 1) {
      const code = text.charCodeAt(end);
      if (code === delimiter || code === LINE_FEED || code === CARRIAGE_RETURN) break;
    }
    if (end >= text.length && !isLast) return undefined;
    this.fields.push(text.slice(start, end));
    return end;
  }

  private quoted(text: string, start: number, isLast: boolean): number | undefined {
    let from = start + 1;
    let hasQuotes = false;
    for (;;) {
      const close = text.indexOf('"', from);
      if (close === -1 || (close + 1 === text.length && !isLast)) {
        if (isLast) throw this.fault('quote-not-closed');
        return undefined;
      }
      if (text.charCodeAt(close + 1) !== QUOTE) return this.closed(text, start, close, hasQuotes);
      hasQuotes = true;
      from = close + 2;
    }
  }

  private closed(text: string, start: number, close: number, hasQuotes: boolean): number {
    const end = close + 1;
    const code = text.charCodeAt(end);
    const isEnd =
      end >= text.length || code === this.delimiter || code === LINE_FEED || code === CARRIAGE_RETURN;
    if (!isEnd) throw this.fault('text-after-quote');
    const value = text.slice(start + 1, close);
    this.fields.push(hasQuotes ? value.replaceAll('""', '"') : value);
    return end;
  }

  private fault(kind: CsvFault['kind']): CsvFault {
    return new CsvFault(kind, this.row + 1);
  }
}
