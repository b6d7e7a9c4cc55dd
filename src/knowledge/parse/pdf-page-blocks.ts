import type { PageLine } from './pdf-tables.js';

/** A part of a page: a heading or running text. */
export interface PdfBlock {
  readonly type: 'heading' | 'text';
  readonly text: string;
}

const MAXIMUM_HEADING_CHARS = 90;
/** A line at least this part of the longest one was broken by the margin, not by the writer. */
const FULL_LINE = 0.7;
/** From this part of the longest line on there was no room for the next word: letters differ in width. */
const NO_ROOM = 0.9;
const ENDS_SENTENCE = /[.!?:;…]["')\]”’]?$/;
const STARTS_ITEM = /^([-•*–▪◦‣·]|\(?[0-9]{1,3}[.)]|\(?[a-z][.)])\s/;
/** `2.1 Refunds`, `Chapter 3`, `BAB II`, `Pasal 4`. */
const NUMBERED_HEADING =
  /^([0-9]{1,2}(\.[0-9]{1,2}){0,3}\.?\s+\p{Lu}|(Chapter|Section|Article|Bab|BAB|Bagian|Pasal)\s+[0-9IVX]+\b)/u;
const MAXIMUM_NUMBERED_WORDS = 10;
/** A few words without punctuation or digits, above a sentence: "Free shipping". */
const TITLE = /^\p{Lu}[^\d.,:;!?|]*$/u;
const MAXIMUM_TITLE_WORDS = 6;
const BEGINS_SENTENCE = /^["'(\[“‘]?[\p{Lu}\p{N}]/u;
const CAPITALS = /^[^\p{Ll}]*\p{Lu}{3}[^\p{Ll}]*$/u;

const NOTHING: PageLine = { text: '', isRow: false };

/** Headings are compared regardless of case and white space. */
export function headingKey(text: string): string {
  return text.replace(/\s+/g, ' ').trim().toLowerCase();
}

/**
 * Joins lines that the margin broke, and keeps the others apart: table rows, list items, ends of paragraphs.
 * @param outline keys of the headings named in the file's outline
 */
export function pdfPageBlocks(lines: readonly PageLine[], outline: ReadonlySet<string>): PdfBlock[] {
  const longest = longestOf(lines);
  const blocks: PdfBlock[] = [];
  let text = '';
  let previous: PageLine = NOTHING;
  const close = (): void => {
    if (text !== '') blocks.push({ type: 'text', text });
    text = '';
  };
  for (const [index, line] of lines.entries()) {
    if (line.text === '') {
      if (text !== '' && !text.endsWith('\n\n')) text = `${text.trimEnd()}\n\n`;
      previous = NOTHING;
      continue;
    }
    if (isHeading(line, previous, lines[index + 1] ?? NOTHING, outline)) {
      text = text.trimEnd();
      close();
      blocks.push({ type: 'heading', text: line.text });
      previous = NOTHING;
      continue;
    }
    text = continued(text, line, previous, longest);
    previous = line;
  }
  text = text.trimEnd();
  close();
  return blocks;
}

/** Whether the last line of a page was broken by the margin in the middle of a sentence. */
export function endsMidSentence(lines: readonly PageLine[]): boolean {
  const last = lines.findLast(({ text }) => text !== '');
  return last !== undefined && isMidSentence(last, longestOf(lines));
}

/**
 * Completes a text that the end of a page interrupted with the first lines of the next page, as far as its
 * paragraph goes. Returns the lines after it.
 */
export function completeParagraph(
  text: string,
  lines: readonly PageLine[],
): { readonly text: string; readonly rest: readonly PageLine[] } {
  if (!/^\p{Ll}/u.test(lines[0]?.text ?? '')) return { text, rest: lines };
  const longest = longestOf(lines);
  let whole = text;
  for (const [index, line] of lines.entries()) {
    if (line.isRow || line.text === '') return { text: whole, rest: lines.slice(index) };
    whole = brokenWord(whole, line.text) ?? `${whole} ${line.text}`;
    if (!isMidSentence(line, longest)) return { text: whole, rest: lines.slice(index + 1) };
  }
  return { text: whole, rest: [] };
}

function isMidSentence({ text, isRow }: PageLine, longest: number): boolean {
  return !isRow && !ENDS_SENTENCE.test(text) && wasBroken(text, '', longest);
}

function longestOf(lines: readonly PageLine[]): number {
  return Math.max(0, ...lines.map(({ text, isRow }) => (isRow ? 0 : text.length)));
}

/** Appends the line after what must come in between: nothing, a space, a line break or an empty line. */
function continued(text: string, line: PageLine, previous: PageLine, longest: number): string {
  if (text === '' || text.endsWith('\n\n')) return text + line.text;
  if (previous.isRow || line.isRow || STARTS_ITEM.test(line.text)) return `${text}\n${line.text}`;
  const word = brokenWord(text, line.text);
  if (word !== undefined) return word;
  if (wasBroken(previous.text, line.text, longest)) return `${text} ${line.text}`;
  return ENDS_SENTENCE.test(previous.text) ? `${text}\n\n${line.text}` : `${text}\n${line.text}`;
}

/**
 * Appends the line if it continues after a hyphen at the end of the text; `undefined`: there is no such
 * hyphen. Between small letters the margin added the hyphen, so it is dropped (`pengem-`, `balian`). It
 * belongs to the text if the same word follows (`baju-`, `baju`), after a single letter, and next to anything
 * but small letters (`KW-`, `1042`).
 */
function brokenWord(text: string, line: string): string | undefined {
  const [, before = '', hyphen = ''] = /([\p{L}\p{N}]+)([-\u2010\u00AD])$/u.exec(text) ?? [];
  const [after = ''] = /^[\p{L}\p{N}]+/u.exec(line) ?? [];
  if (before === '' || after === '') return undefined;
  const isTwice = before.toLowerCase() === after.slice(0, before.length).toLowerCase();
  const isSet = /\p{Ll}$/u.test(before) && /^\p{Ll}/u.test(after) && before.length > 1 && !isTwice;
  return hyphen === '\u00AD' || isSet ? text.slice(0, -1) + line : text + line;
}

/** Whether the margin broke the line: after the end of a sentence, only if the next word had no room left. */
function wasBroken(previous: string, line: string, longest: number): boolean {
  if (!ENDS_SENTENCE.test(previous)) return previous.length >= longest * FULL_LINE;
  const [word = ''] = line.split(' ');
  return previous.length + 1 + word.length >= longest * NO_ROOM;
}

function isHeading(
  { text: line, isRow, isLarge = false }: PageLine,
  { text: previous, isRow: isAfterRow }: PageLine,
  { text: next, isRow: isBeforeRow }: PageLine,
  outline: ReadonlySet<string>,
): boolean {
  if (line.length > MAXIMUM_HEADING_CHARS || isRow) return false;
  if (outline.has(headingKey(line))) return true;
  if (isLarge && /\p{L}/u.test(line) && !ENDS_SENTENCE.test(line)) return true;
  // In the middle of a sentence, a short line is only the end of it.
  if (previous !== '' && !isAfterRow && !ENDS_SENTENCE.test(previous)) return false;
  if (ENDS_SENTENCE.test(line)) return false;
  if (CAPITALS.test(line)) return true;
  if (TITLE.test(line) && line.split(' ').length <= MAXIMUM_TITLE_WORDS) {
    if (isBeforeRow) return true;
    // The text below may continue over many lines; a list of names has no such line.
    return BEGINS_SENTENCE.test(next) && next.length > line.length && !TITLE.test(next);
  }
  // Two numbered lines in a row are a list.
  if (STARTS_ITEM.test(line) && (STARTS_ITEM.test(next) || STARTS_ITEM.test(previous))) return false;
  return NUMBERED_HEADING.test(line) && line.split(' ').length <= MAXIMUM_NUMBERED_WORDS;
}
