import { ColumnEvidence } from './column-evidence.js';
import { DistinctCounter } from './distinct-counter.js';
import { ownText } from './own-text.js';
import { cleanCategory, cleanCell } from './words.js';

/** Maximum number of distinct values kept, per column and in total; any beyond that are only counted. */
const LARGEST_DICTIONARY = 50_000;
const ALL_DICTIONARIES = 1_000_000;
/** The same limit in characters; columns of long texts reach it sooner. */
const DICTIONARY_CHARS = 1_000_000;
const ALL_DICTIONARY_CHARS = 20_000_000;
const TOP_VALUES = 10;
/** After so many cells, a dictionary that knows fewer than one in `FEWEST_KNOWN` is no longer asked. */
const TRIED_CELLS = 10_000;
const FEWEST_KNOWN = 0.1;

/** Examines the cells of one column as they arrive. */
export class ColumnProfiler {
  private readonly codes = new Map<string, number>();
  private counts = new Uint32Array(64);
  private chars = 0;
  private late: CountedCells | undefined;

  private readonly mostValues: number;
  private readonly mostChars: number;

  constructor(columns: number) {
    this.mostValues = Math.min(LARGEST_DICTIONARY, ALL_DICTIONARIES / columns);
    this.mostChars = Math.min(DICTIONARY_CHARS, ALL_DICTIONARY_CHARS / columns);
  }

  add(raw: string): void {
    if (this.late?.isAlone !== true && this.counted(raw)) return;
    if (this.late === undefined && this.codes.size < this.mostValues && this.chars < this.mostChars) {
      this.keep(raw);
      return;
    }
    this.late ??= this.startCounting();
    this.late.add(cleanCell(raw));
  }

  finish(): {
    readonly evidence: ColumnEvidence;
    readonly distinct: number;
    readonly missing: number;
    readonly top: readonly { readonly value: string; readonly count: number }[];
    /** Those of the missing cells that are values among categories, and their counts. */
    readonly nothing: ReadonlyMap<string, number>;
    /** Cells and their counts; only the first ones if the column has too many distinct cells. */
    readonly seen: ReadonlyMap<string, number>;
  } {
    const evidence = this.late?.evidence ?? new ColumnEvidence();
    const cleaned = new Map<string, number>();
    const nothing = new Map<string, number>();
    let missing = this.late?.missing ?? 0;
    for (const [raw, code] of this.codes) {
      const cells = this.counts[code] as number;
      const cell = cleanCell(raw);
      if (cell !== '') count(cleaned, cell, cells);
      else {
        missing += cells;
        const word = cleanCategory(raw);
        if (word !== '') count(nothing, word, cells);
      }
    }
    for (const [cell, count] of cleaned) evidence.add(cell, count);
    const distinct = this.late?.distinct.count() ?? cleaned.size;
    return { evidence, distinct, missing, nothing, top: topOf(cleaned), seen: cleaned };
  }

  /** Counts a cell that the dictionary knows. */
  private counted(raw: string): boolean {
    const code = this.codes.get(raw);
    if (code === undefined) return false;
    this.counts[code] = (this.counts[code] as number) + 1;
    if (this.late !== undefined) this.late.known += 1;
    return true;
  }

  private keep(raw: string): void {
    const code = this.codes.size;
    if (code >= this.counts.length) {
      const larger = new Uint32Array(this.counts.length * 2);
      larger.set(this.counts);
      this.counts = larger;
    }
    this.codes.set(ownText(raw), code);
    this.counts[code] = 1;
    this.chars += raw.length;
  }

  private startCounting(): CountedCells {
    const counted = new CountedCells();
    for (const raw of this.codes.keys()) {
      const cell = cleanCell(raw);
      if (cell !== '') counted.distinct.add(cell);
    }
    return counted;
  }
}

function count(into: Map<string, number>, cell: string, cells: number): void {
  into.set(cell, (into.get(cell) ?? 0) + cells);
}

/** The most frequent values. */
export function topOf(counts: Iterable<readonly [string, number]>): { value: string; count: number }[] {
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, TOP_VALUES)
    .map(([value, count]) => ({ value: value.slice(0, 200), count }));
}

/** Cells that came when the dictionary of their column was full. */
class CountedCells {
  readonly evidence = new ColumnEvidence();
  readonly distinct = new DistinctCounter();
  missing = 0;
  /** Cells that the dictionary knew meanwhile. */
  known = 0;
  /** Whether the dictionary knows so few cells that asking it only takes time. */
  isAlone = false;
  private unknown = 0;

  add(cell: string): void {
    this.unknown += 1;
    if (this.unknown === TRIED_CELLS) this.isAlone = this.known < TRIED_CELLS * FEWEST_KNOWN;
    if (cell === '') {
      this.missing += 1;
      return;
    }
    this.evidence.add(cell, 1);
    this.distinct.add(cell);
  }
}
