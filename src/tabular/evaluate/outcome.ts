import { cleanCategory, cleanCell, readBoolean } from '../read/words.js';

/** How predictions compare with true values that the table already contains. */
export type Outcome =
  | { readonly type: 'classes'; readonly rows: number; readonly right: number }
  | { readonly type: 'numbers'; readonly rows: number; readonly rmse: number };

/** Nothing is reported for fewer rows. */
const FEWEST_ROWS = 20;

/** Compares predictions with known values, row by row. */
export class OutcomeWatch {
  private rows = 0;
  private right = 0;
  private squares = 0;

  private readonly classes: ReadonlySet<string>;
  private readonly valueOf: ((cell: string) => number) | undefined;

  /** `classes` for a target of classes; `valueOf` reads the cells of a numeric target. */
  constructor({ classes, valueOf }: { readonly classes?: readonly string[]; valueOf(cell: string): number }) {
    this.classes = new Set(classes);
    this.valueOf = classes === undefined ? valueOf : undefined;
  }

  add(cell: string, prediction: string | number): void {
    const category = cleanCategory(cell);
    const actual = this.classes.has(category) ? category : cleanCell(cell);
    if (actual === '') return;
    if (this.valueOf === undefined) {
      this.rows += 1;
      this.right += Number(this.isSaid(actual, String(prediction)));
      return;
    }
    const value = this.valueOf(actual);
    if (Number.isNaN(value)) return;
    this.rows += 1;
    this.squares += (value - Number(prediction)) ** 2;
  }

  /** A cell that is not a class as written may be one in other words: "ya" or "iya" if "Ya" was learned. */
  private isSaid(actual: string, prediction: string): boolean {
    if (this.classes.has(actual)) return actual === prediction;
    const meaning = readBoolean(actual);
    return actual.toLowerCase() === prediction.toLowerCase() || meaning === readBoolean(prediction);
  }

  outcome(): Outcome | undefined {
    const { rows } = this;
    if (rows < FEWEST_ROWS) return undefined;
    return this.valueOf === undefined
      ? { type: 'classes', rows, right: this.right / rows }
      : { type: 'numbers', rows, rmse: Math.sqrt(this.squares / rows) };
  }
}
