const WORD_JOINER = '\u2060';

/** Control characters, and those that turn the direction of what follows. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;
/** Marks that mean something wherever they stand; `_` within a word does not. */
const INLINE_MARK = /[\\`*[\]<>~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
const ENTITY = /&(?=#?\w+;)/g;
/** Headings, lists, quotes and rules are known by what a line begins with. */
const LINE_START = /^(?:[#+=-]|\d{1,9}(?=[.)]))/;
/** What platforms turn into links and mentions by themselves, whatever the Markdown says. */
const LIVE = /(?<=:)(?=\/\/)|(?<=@)(?=[\p{L}\p{N}_])|(?<=[\p{L}\p{N}]\.)(?=\p{L})|(?<=w)(?=ww\.)/giu;

/**
 * Markdown that shows a text of somebody else (a name, a title, a quote) as it stands and on one
 * line: no link, no mention, no formatting of theirs reaches the reader.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(INVISIBLE, ' ')
    .replace(INLINE_MARK, '\\$&')
    .replace(ENTITY, '\\&')
    .replace(LIVE, WORD_JOINER)
    .replace(/ {2,}/g, ' ')
    .trim()
    .replace(LINE_START, (start) => (/^\d/.test(start) ? `${start}\\` : `\\${start}`));
}
