/** Shorter words have too many neighbours: "buku" is not "buka". */
const ONE_SLIP_FROM = 5;
const TWO_SLIPS_FROM = 9;

/**
 * Finds the known word a misspelt one stands for: the same first letter, at most one slip (two in
 * long words). A slip is a letter too many, missing, wrong, or swapped with its neighbour.
 */
export class Spelling {
  private readonly byFirstLetter = new Map<string, Map<string, number>>();

  constructor(words: Iterable<string>) {
    for (const word of words) {
      const first = word.slice(0, 1);
      const bucket = this.byFirstLetter.get(first) ?? new Map<string, number>();
      this.byFirstLetter.set(first, bucket.set(word, (bucket.get(word) ?? 0) + 1));
    }
  }

  /** The word itself when it is known or nothing is near enough. */
  correct(word: string): string {
    const slips = word.length >= TWO_SLIPS_FROM ? 2 : 1;
    const bucket = this.byFirstLetter.get(word.slice(0, 1));
    if (word.length < ONE_SLIP_FROM || bucket === undefined || bucket.has(word) || !/^[a-z]+$/.test(word))
      return word;
    let best = word;
    let bestSlips = slips + 1;
    let bestCount = 0;
    for (const [candidate, count] of bucket) {
      if (candidate.length < ONE_SLIP_FROM - 1 || Math.abs(candidate.length - word.length) > slips) continue;
      const distance = editDistance(word, candidate, slips);
      if (distance < bestSlips || (distance === bestSlips && distance <= slips && count > bestCount)) {
        best = candidate;
        bestSlips = distance;
        bestCount = count;
      }
    }
    return best;
  }
}

/** Optimal string alignment distance, or `limit + 1` when it is larger. */
export function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    if (Math.min(...row) > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return Math.min(last[b.length] ?? 0, limit + 1);
}
