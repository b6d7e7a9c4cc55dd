import { ownText } from '../read/own-text.js';
import { cleanCategory } from '../read/words.js';

/** Values and characters kept at a time, for all columns of a table together. */
const MOST_VALUES = 400_000;
const MOST_CHARS = 16_000_000;
/** One code of a byte is reserved for unknown values. */
const MOST_CATEGORIES = 254;

/**
 * Gives each value of a column a code while the values arrive, and finds the frequent ones. Of a column with
 * too many values, those that were rarest so far are forgotten (lossy counting, Manku and Motwani 2002); the
 * frequent ones survive.
 */
export class CategoryCodes {
  private readonly codes = new Map<string, number>();
  private readonly counts: number[] = [];
  private chars = 0;
  private readonly mostValues: number;
  private readonly mostChars: number;

  constructor(columns: number) {
    this.mostValues = MOST_VALUES / columns;
    this.mostChars = MOST_CHARS / columns;
  }

  codeOf(cell: string): number {
    const known = this.codes.get(cell);
    if (known !== undefined) {
      this.counts[known] = (this.counts[known] as number) + 1;
      return known;
    }
    if (this.codes.size >= this.mostValues || this.chars >= this.mostChars) this.forgetRarest();
    const code = this.counts.push(1) - 1;
    this.codes.set(ownText(cell), code);
    this.chars += cell.length;
    return code;
  }

  /** The frequent values, most frequent first, and for each code that was given out its place among them or -1. */
  finish(): { readonly categories: readonly string[]; readonly placeOf: Float32Array } {
    const counts = new Map<string, number>();
    for (const [cell, code] of this.codes) {
      const value = cleanCategory(cell);
      counts.set(value, (counts.get(value) ?? 0) + (this.counts[code] as number));
    }
    // A value seen once says nothing about the next row.
    const categories = [...counts]
      .filter(([, count]) => count > 1)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .slice(0, MOST_CATEGORIES)
      .map(([value]) => value);
    const places = new Map(categories.map((category, place) => [category, place]));
    const placeOf = new Float32Array(this.counts.length).fill(-1);
    for (const [cell, code] of this.codes) placeOf[code] = places.get(cleanCategory(cell)) ?? -1;
    return { categories, placeOf };
  }

  /** Forgets at least half of the values, so that this happens seldom. */
  private forgetRarest(): void {
    const { codes, counts, mostValues, mostChars } = this;
    for (let rare = 1; codes.size > mostValues / 2 || this.chars > mostChars / 2; rare *= 2) {
      for (const [cell, code] of codes) {
        if ((counts[code] as number) > rare) continue;
        codes.delete(cell);
        this.chars -= cell.length;
      }
    }
  }
}
