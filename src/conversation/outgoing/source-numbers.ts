/** `[2]`, or several at once: `[1, 3]`. */
const MARKER = /\s?\[(\d{1,2}(?:\s?,\s?\d{1,2})*)\]/g;
/** A marker that may go on in the next piece of a text. */
const OPEN_MARKER = /\[[\d\s,]*$/;

/**
 * Numbers the sources of an answer from 1 in the order in which it cites them, whatever numbers the
 * model was given them by. A number that no source has is taken out. The same for a whole text
 * and for its pieces one after the other.
 */
export class SourceNumbers {
  /** `count` sources were given as 1 to `count`; `used` are those cited so far, in order. */
  constructor(
    private readonly count: number,
    private readonly used: number[] = [],
  ) {}

  /** The numbers the sources were given by, in the order of their new ones. */
  get order(): readonly number[] {
    return this.used;
  }

  /** For a text that may be thrown away: what it cites is then not counted here. */
  fork(): SourceNumbers {
    return new SourceNumbers(this.count, [...this.used]);
  }

  renumber(text: string): string {
    return text.replace(MARKER, (marker, list: string) => {
      const citedNumbers = list.split(',').map(Number);
      const numbers = citedNumbers.filter((n) => n >= 1 && n <= this.count).map((n) => this.numberOf(n));
      if (numbers.length === 0) return '';
      const inOrder = [...new Set(numbers)].sort((a, b) => a - b).join(', ');
      return marker.replace(/\[.*\]/s, `[${inOrder}]`);
    });
  }

  private numberOf(number: number): number {
    if (!this.used.includes(number)) this.used.push(number);
    return this.used.indexOf(number) + 1;
  }
}

/** The beginning of a text that ends in no half of a marker. */
export function beforeOpenMarker(text: string): string {
  return text.replace(OPEN_MARKER, '');
}
