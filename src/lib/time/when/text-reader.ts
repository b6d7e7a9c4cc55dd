/** Consumes a text from the beginning in whole words; consumed text is not read again. */
export interface TextReader {
  /** The current position: everything before it has been consumed. */
  position(): number;
  /**
   * Consumes a match at the current position, which must end at a word boundary unless `within` is given;
   * otherwise returns `undefined` and consumes nothing.
   */
  take(pattern: string, where?: 'within'): RegExpExecArray | undefined;
  /** Returns to an earlier position. */
  back(position: number): void;
}

const GAP = /[\s,]*/y;
const WORD_END = String.raw`(?![\p{L}\p{N}])`;

export function textReader(text: string): TextReader {
  let at = 0;
  return {
    position: () => at,
    back(position) {
      at = position;
    },
    take(pattern, where) {
      GAP.lastIndex = at;
      const gap = GAP.exec(text)?.[0].length ?? 0;
      const sticky = new RegExp(`(?:${pattern})${where === undefined ? WORD_END : ''}`, 'iuy');
      sticky.lastIndex = at + gap;
      const match = sticky.exec(text);
      if (match === null || match[0] === '') return undefined;
      at = sticky.lastIndex;
      return match;
    },
  };
}

/** A pattern of alternatives from a space-separated list of words. */
export function anyOf(words: string): string {
  return words.split(' ').join('|');
}
