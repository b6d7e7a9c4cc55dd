import { splitSentences } from '../words/sentences.js';

/** The smallest piece that can be quoted. */
export interface Unit {
  readonly kind: 'sentence' | 'entry';
  readonly text: string;
  /** What the unit is about without saying so: headings and the line that introduces a list. */
  readonly context: string;
  /** The nearest heading or introducing line. */
  readonly heading: string;
}

const HEADING = /^(#{1,6})\s+(.+?)\s*#*$/u;
const ITEM = /^(?:[-*+•–]|\d{1,3}[.)])\s+(.+)$/u;
const TABLE_ROW = /^\|.*\|$/u;
const TABLE_RULE = /^\|[\s:|-]+\|$/u;
/** `Name: Kaos polos; Price: 75000` */
const RECORD = /^[^:;]{1,60}:\s*[^;]*(?:;\s*[^:;]{1,60}:\s*[^;]*)+;?$/u;
/** `Saturday: 09.00-14.00` */
const LABELLED = /^[^.!?:]{1,40}:\s+\S.{0,160}$/u;
/** A title line in text without marked headings: a few words without a full stop. */
const TITLE_LINE = /^\p{Lu}[^\d.,:;!?|]{2,48}$/u;
const MOST_TITLE_WORDS = 6;
/** A line this long was probably wrapped, so the sentence continues on the next line; in characters. */
const WRAPPED_LINE = 50;

/** Splits a passage (prose, Markdown, table rows) into pieces that can be quoted. */
export function toUnits(passage: string): readonly Unit[] {
  const reader = new PassageReader();
  for (const line of passage.split(/\r?\n/u)) reader.read(line.trim().replaceAll('**', ''));
  return reader.finish();
}

class PassageReader {
  private readonly units: Unit[] = [];
  private readonly headings: string[] = [];
  private leadIn = '';
  /** A line that is a title if a longer one follows. */
  private title = '';
  private prose = '';
  private tableHeader: readonly string[] | undefined;

  read(line: string): void {
    const heading = HEADING.exec(line);
    if (this.title !== '') this.settleTitle(line !== '' && heading === null && !isTitleLine(line));
    if (line === '') this.endParagraph();
    else if (heading !== null) this.readHeading((heading[1] ?? '').length, heading[2] ?? '');
    else if (TABLE_ROW.test(line)) this.readTableRow(line);
    else this.readLine(line);
  }

  finish(): readonly Unit[] {
    this.settleTitle(false);
    this.endParagraph();
    return this.units;
  }

  private readHeading(level: number, text: string): void {
    this.endParagraph();
    this.headings.length = Math.min(this.headings.length, level - 1);
    this.headings.push(text);
    this.leadIn = '';
  }

  private readTableRow(line: string): void {
    this.endProse();
    if (TABLE_RULE.test(line)) return;
    const cells = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    if (this.tableHeader === undefined) this.tableHeader = cells;
    else this.add('entry', cells.map((cell, index) => labelled(this.tableHeader?.[index], cell)).join('; '));
  }

  private readLine(line: string): void {
    const item = ITEM.exec(line)?.[1];
    if (item !== undefined || RECORD.test(line) || (this.prose === '' && isLabelled(line))) {
      this.endProse();
      this.add('entry', item ?? line);
      return;
    }
    if (line.endsWith(':') && line.length <= WRAPPED_LINE * 2) {
      this.endProse();
      this.leadIn = line;
      return;
    }
    if (this.prose === '' && isTitleLine(line)) {
      this.title = line;
      return;
    }
    this.prose = this.prose === '' ? line : `${this.prose} ${line}`;
    if (line.length < WRAPPED_LINE) this.endProse();
  }

  private settleTitle(isTitle: boolean): void {
    if (isTitle) this.leadIn = this.title;
    else if (this.title !== '') this.add('sentence', this.title);
    this.title = '';
  }

  private endParagraph(): void {
    this.endProse();
    this.tableHeader = undefined;
  }

  private endProse(): void {
    for (const sentence of splitSentences(this.prose)) this.add('sentence', sentence);
    this.prose = '';
  }

  private add(kind: Unit['kind'], text: string): void {
    if (kind === 'sentence' && this.leadIn.endsWith(':')) this.leadIn = '';
    this.units.push({
      kind,
      text,
      context: [...this.headings, this.leadIn].join('\n'),
      heading: this.leadIn === '' ? (this.headings.at(-1) ?? '') : this.leadIn,
    });
  }
}

/** Several sentences are prose, even if they contain a colon. */
function isLabelled(line: string): boolean {
  return LABELLED.test(line) && splitSentences(line).length === 1;
}

function isTitleLine(line: string): boolean {
  return TITLE_LINE.test(line) && line.split(' ').length <= MOST_TITLE_WORDS;
}

function labelled(label: string | undefined, cell: string): string {
  return label === undefined || label === '' ? cell : `${label}: ${cell}`;
}
