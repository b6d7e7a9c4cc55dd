/** Reads a text from its beginning, a whole word at a time; what it took is never read again. */
export interface TextReader {
  /** Where it stands: all before was taken. */
  position(): number;
  /**
   * The match of a pattern that stands here and, unless `within` a word, ends with one; `undefined`,
   * and nothing is taken.
   */
  take(pattern: string, where?: 'within'): RegExpExecArray | undefined;
  /** Goes back to a position it was at. */
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

/** Alternatives of a pattern from words that stand in one string. */
export function anyOf(words: string): string {
  return words.split(' ').join('|');
}
