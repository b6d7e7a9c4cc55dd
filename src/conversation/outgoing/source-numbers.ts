/** `[2]`, or several at once: `[1, 3]`. */
const MARKER = /\s?\[(\d{1,2}(?:\s?,\s?\d{1,2})*)\]/g;
/** A marker that may continue in the next part of the text. */
const OPEN_MARKER = /\[[\d\s,]*$/;

/**
 * Renumbers an answer's sources from 1 in the order of citation, whatever numbers the model was given.
 * Removes numbers without a source. Works alike on a whole text and on its successive parts.
 */
export class SourceNumbers {
  /** `count` sources were given as 1 to `count`; `used` are those cited so far, in order. */
  constructor(
    private readonly count: number,
    private readonly cited: number[] = [],
  ) {}

  /** The original numbers of the sources, in the order of their new ones. */
  get order(): readonly number[] {
    return this.cited;
  }

  /** A copy for text that may be discarded; its citations do not count here. */
  fork(): SourceNumbers {
    return new SourceNumbers(this.count, [...this.cited]);
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
    if (!this.cited.includes(number)) this.cited.push(number);
    return this.cited.indexOf(number) + 1;
  }
}

/** The part of the text before an incomplete marker. */
export function beforeOpenMarker(text: string): string {
  return text.replace(OPEN_MARKER, '');
}
