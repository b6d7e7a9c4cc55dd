/** One page as headings and running text. */
export interface PdfBlock {
  readonly type: 'heading' | 'text';
  readonly text: string;
}

/** What pdf-parse writes between columns of one line. */
const CELL = '\t';
const MAXIMUM_HEADING_CHARS = 90;
/** A line at least this part of the longest one was broken by the margin, not by the writer. */
const FULL_LINE = 0.7;
/** The letters of a page are not all as wide as each other. */
const NO_ROOM = 0.9;
const ENDS_SENTENCE = /[.!?:;…]["')\]”’]?$/;
const STARTS_ITEM = /^([-•*–▪◦‣·]|\(?[0-9]{1,3}[.)]|\(?[a-z][.)])\s/;
/** `2.1 Refunds`, `Chapter 3`, `BAB II`, `Pasal 4`. */
const NUMBERED_HEADING =
  /^([0-9]{1,2}(\.[0-9]{1,2}){0,3}\.?\s+\p{Lu}|(Chapter|Section|Article|Bab|BAB|Bagian|Pasal)\s+[0-9IVX]+\b)/u;
const MAXIMUM_NUMBERED_WORDS = 10;
/** A few words without punctuation or figures, over a sentence: "Free shipping". */
const TITLE = /^\p{Lu}[^\d.,:;!?|]*$/u;
const MAXIMUM_TITLE_WORDS = 6;
const BEGINS_SENTENCE = /^["'(\[“‘]?[\p{Lu}\p{N}]/u;
const CAPITALS = /^[^\p{Ll}]*\p{Lu}{3}[^\p{Ll}]*$/u;

/** Headings are compared without case, numbering and white space. */
export function headingKey(text: string): string {
  return text.replace(/\s+/g, ' ').trim().toLowerCase();
}

/**
 * Joins lines that the margin broke, and keeps the others apart: rows of tables, items of lists,
 * ends of paragraphs.
 * @param outline keys of the headings that the file's outline names
 */
export function pdfPageBlocks(pageText: string, outline: ReadonlySet<string>): PdfBlock[] {
  const lines = pageText.split('\n').map((line) => line.replace(/[ \u00A0]+/g, ' ').trim());
  const longest = Math.max(0, ...lines.map((line) => line.length));
  const blocks: PdfBlock[] = [];
  let text = '';
  let previous = '';
  const close = (): void => {
    if (text !== '') blocks.push({ type: 'text', text });
    text = '';
  };
  for (const [index, line] of lines.entries()) {
    if (line === '') {
      if (text !== '' && !text.endsWith('\n\n')) text = `${text.trimEnd()}\n\n`;
      previous = '';
      continue;
    }
    if (isHeading(line, previous, lines[index + 1] ?? '', outline)) {
      text = text.trimEnd();
      close();
      blocks.push({ type: 'heading', text: line });
      previous = '';
      continue;
    }
    text += continuation(line, previous, text, longest);
    previous = line;
  }
  text = text.trimEnd();
  close();
  return blocks;
}

/** The line with what must stand before it: nothing, a space, a line end or an empty line. */
function continuation(line: string, previous: string, text: string, longest: number): string {
  const shown = line.replaceAll(CELL, ' | ').replace(/( \| )+/g, ' | ');
  if (text === '' || text.endsWith('\n\n')) return shown;
  if (previous.includes(CELL) || line.includes(CELL) || STARTS_ITEM.test(line)) return `\n${shown}`;
  if (!wasBroken(previous, line, longest))
    return ENDS_SENTENCE.test(previous) ? `\n\n${shown}` : `\n${shown}`;
  return ` ${shown}`;
}

/** After a full stop only when the next word had no room left. */
function wasBroken(previous: string, line: string, longest: number): boolean {
  if (!ENDS_SENTENCE.test(previous)) return previous.length >= longest * FULL_LINE;
  const [word = ''] = line.split(' ');
  return previous.length + 1 + word.length >= longest * NO_ROOM;
}

function isHeading(line: string, previous: string, next: string, outline: ReadonlySet<string>): boolean {
  if (line.length > MAXIMUM_HEADING_CHARS || line.includes(CELL)) return false;
  if (outline.has(headingKey(line))) return true;
  // In the middle of a sentence a short line is only the end of it.
  if (previous !== '' && !ENDS_SENTENCE.test(previous)) return false;
  if (ENDS_SENTENCE.test(line)) return false;
  if (CAPITALS.test(line)) return true;
  if (TITLE.test(line) && line.split(' ').length <= MAXIMUM_TITLE_WORDS) {
    // The text below may go on over many lines; a list of names has no such line.
    return BEGINS_SENTENCE.test(next) && next.length > line.length && !TITLE.test(next);
  }
  // Two numbered lines in a row are a list.
  if (STARTS_ITEM.test(line) && (STARTS_ITEM.test(next) || STARTS_ITEM.test(previous))) return false;
  return NUMBERED_HEADING.test(line) && line.split(' ').length <= MAXIMUM_NUMBERED_WORDS;
}
