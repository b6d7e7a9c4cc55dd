/** Groups of three letters of a text, counted: alike where words are only spelt differently. */
export class LetterGroups {
  private readonly counts = new Map<string, number>();
  private readonly length: number;

  constructor(words: readonly string[]) {
    const text = ` ${words.join(' ')} `;
    for (let i = 0; i + 3 <= text.length; i += 1) {
      const group = text.slice(i, i + 3);
      if (group.trim() !== '') this.counts.set(group, (this.counts.get(group) ?? 0) + 1);
    }
    this.length = Math.sqrt([...this.counts.values()].reduce((sum, count) => sum + count * count, 0));
  }

  cosine(other: LetterGroups): number {
    if (this.length === 0 || other.length === 0) return 0;
    let sum = 0;
    for (const [group, count] of this.counts) sum += count * (other.counts.get(group) ?? 0);
    return sum / (this.length * other.length);
  }
}
