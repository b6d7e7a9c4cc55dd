const WORD_JOINER = '\u2060';

/** Control characters, including those that change text direction. */
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;
/** Characters that are markup anywhere; `_` inside a word is not. */
const INLINE_MARK = /[\\`*[\]<>~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
const ENTITY = /&(?=#?\w+;)/g;
/** Headings, lists, quotes and rules start at the beginning of a line. */
const LINE_START = /^(?:[#+=-]|\d{1,9}(?=[.)]))/;
/** Text platforms turn into links and mentions on their own, whatever the Markdown says. */
const LIVE = /(?<=:)(?=\/\/)|(?<=@)(?=[\p{L}\p{N}_])|(?<=[\p{L}\p{N}]\.)(?=\p{L})|(?<=w)(?=ww\.)/giu;

/**
 * Markdown that displays somebody else's text (a name, a title, a quote) literally on one line: none of its
 * links, mentions or formatting take effect.
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
