/** A piece of text that is not split further, and what came before it. */
export interface TextUnit {
  readonly text: string;
  /**
   * How it is joined to the previous unit: within a sentence, within a list or table, or as a new paragraph.
   */
  readonly joiner: '' | ' ' | '\n' | '\n\n';
}

const LIST_LINE = /^\s*([-*•–▪]|\(?[0-9]{1,3}[.)]|\(?[a-z][.)])\s/;
const ROW_LINE = /( \| |\t|^[^:.;]{1,80}: .*; )/;
/** Longer text is passed to the segmenter in pieces, so that each step stays short. */
const SEGMENTED_CHARS = 20_000;

/** Splits a section into sentences, list items and table rows, in order; only white space is lost. */
export function* splitUnits(text: string, maximumChars: number): Generator<TextUnit> {
  let first = true;
  for (const paragraph of text.split(/\n[ \t]*\n\s*/)) {
    if (paragraph.trim() === '') continue;
    let joiner: TextUnit['joiner'] = first ? '' : '\n\n';
    first = false;
    for (const unit of paragraphUnits(paragraph)) {
      for (const piece of fitting(unit.text, maximumChars)) {
        yield { text: piece.text, joiner: joiner || (piece.isFirst ? unit.joiner : piece.joiner) };
        joiner = '';
      }
    }
  }
}

function* paragraphUnits(paragraph: string): Generator<TextUnit> {
  const lines = paragraph.split('\n').filter((line) => line.trim() !== '');
  const isTabular =
    lines.some((line) => LIST_LINE.test(line)) ||
    lines.filter((line) => ROW_LINE.test(line)).length > lines.length / 2;
  if (lines.length > 1 && isTabular) {
    for (const line of lines) yield { text: line.trimEnd(), joiner: '\n' };
    return;
  }
  for (const line of lines) {
    let joiner: TextUnit['joiner'] = '\n';
    for (const sentence of sentences(line)) {
      yield { text: sentence, joiner };
      joiner = ' ';
    }
  }
}

/**
 * Sentences of a line, trimmed. English rules also suit Indonesian, which ends sentences with the same marks.
 */
function* sentences(line: string): Generator<string> {
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
  for (const stretch of stretches(line)) {
    for (const { segment } of segmenter.segment(stretch)) {
      const sentence = segment.trim();
      if (sentence !== '') yield sentence;
    }
  }
}

function* stretches(line: string): Generator<string> {
  let start = 0;
  while (line.length - start > SEGMENTED_CHARS) {
    const space = line.lastIndexOf(' ', start + SEGMENTED_CHARS);
    const end = space > start ? space : wholeCharacters(line, start + SEGMENTED_CHARS);
    yield line.slice(start, end);
    start = end;
  }
  yield line.slice(start);
}

interface Piece {
  readonly text: string;
  readonly joiner: '' | ' ';
  readonly isFirst: boolean;
}

/** Splits a unit that is too long at spaces, or inside a word if there is none. */
function* fitting(text: string, maximum: number): Generator<Piece> {
  let start = 0;
  let joiner: Piece['joiner'] = '';
  while (text.length - start > maximum) {
    const space = text.lastIndexOf(' ', start + maximum);
    const end = space > start ? space : wholeCharacters(text, start + maximum);
    const piece = text.slice(start, end).trim();
    if (piece !== '') yield { text: piece, joiner, isFirst: start === 0 };
    joiner = space > start ? ' ' : '';
    start = end;
  }
  const rest = start === 0 ? text : text.slice(start).trim();
  if (rest !== '') yield { text: rest, joiner, isFirst: start === 0 };
}

/** `position`, or a little before it, so that no character of several code units is split. */
function wholeCharacters(text: string, position: number): number {
  const CONTEXT = 64;
  const from = Math.max(0, position - CONTEXT);
  const segments = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(
    text.slice(from, position + CONTEXT),
  );
  const start = segments.containing(position - from)?.index ?? position - from;
  if (start > 0) return from + start;
  // A pile of combining marks longer than the context: keep at least surrogate pairs whole.
  const code = text.charCodeAt(position);
  return code >= 0xdc00 && code <= 0xdfff ? position - 1 : position;
}
