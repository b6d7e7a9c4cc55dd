/**
 * Counts of the three-letter groups of a text, which are similar for different spellings of the same words.
 */
export class LetterGroups {
  readonly counts = new Map<string, number>();
  readonly length: number;

  constructor(words: readonly string[]) {
    const text = ` ${words.join(' ')} `;
    for (let i = 0; i + 3 <= text.length; i += 1) {
      const group = text.slice(i, i + 3);
      if (group.trim() !== '') this.counts.set(group, (this.counts.get(group) ?? 0) + 1);
    }
    this.length = Math.sqrt([...this.counts.values()].reduce((sum, count) => sum + count * count, 0));
  }
}

/** The letter groups of many texts, to compute how similar a message is to each. */
export class LetterIndex {
  /** For each group, alternately the position of a text and how often the text contains the group. */
  private readonly holders = new Map<string, number[]>();

  constructor(private readonly texts: readonly LetterGroups[]) {
    texts.forEach(({ counts }, position) => {
      for (const [group, count] of counts) {
        const holders = this.holders.get(group);
        if (holders === undefined) this.holders.set(group, [position, count]);
        else holders.push(position, count);
      }
    });
  }

  /** Similarity to each text, by position, 0..1. */
  cosines(message: LetterGroups): Float64Array {
    const cosines = new Float64Array(this.texts.length);
    for (const [group, count] of message.counts) {
      const holders = this.holders.get(group) ?? [];
      for (let i = 0; i < holders.length; i += 2) {
        const position = holders[i] ?? 0;
        cosines[position] = (cosines[position] ?? 0) + count * (holders[i + 1] ?? 0);
      }
    }
    this.texts.forEach(({ length }, position) => {
      const product = message.length * length;
      cosines[position] = product === 0 ? 0 : (cosines[position] ?? 0) / product;
    });
    return cosines;
  }
}
