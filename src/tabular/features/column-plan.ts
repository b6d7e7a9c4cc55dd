import type { Feature } from '../matrix.js';
import { readDate, dateBy, type DateOrder } from '../read/date-format.js';
import { numberBy, readNumber, type DecimalMark } from '../read/number-format.js';
import { ownText } from '../read/own-text.js';
import { cleanCategory, cleanCell, readBoolean } from '../read/words.js';
import { datePart, datePartsOf } from './date-parts.js';

/** How one raw column is turned into numbers; stored with the model. */
export type ColumnPlan =
  | { readonly type: 'number'; readonly column: string; readonly decimal: DecimalMark }
  | { readonly type: 'boolean'; readonly column: string }
  | {
      readonly type: 'date';
      readonly column: string;
      readonly dateOrder: DateOrder;
      readonly hasTime: boolean;
    }
  /** In the order of their codes; the empty string stands for missing values. */
  | { readonly type: 'category'; readonly column: string; readonly categories: readonly string[] };

/** What a client may send for one cell. */
export type Cell = string | number | boolean | null | undefined;

/** The features of the given plans, in order. */
export function featuresOf(plans: readonly ColumnPlan[]): Feature[] {
  return plans.flatMap((plan): Feature[] => {
    const { column } = plan;
    switch (plan.type) {
      case 'number':
      case 'boolean':
        return [{ name: column, column, kind: 'number' }];
      case 'date':
        return datePartsOf(plan.hasTime).map((part) => ({
          name: `${column} (${part})`,
          column,
          kind: 'number',
        }));
      case 'category':
        return [{ name: column, column, kind: 'category', categories: plan.categories }];
      default:
        return plan satisfies never;
    }
  });
}

/** A cell as one number, before a date is split into its parts. */
export function cellValue(plan: ColumnPlan, cell: Cell): number {
  if (cell === null || cell === undefined)
    return plan.type === 'category' ? plan.categories.indexOf('') : Number.NaN;
  if (typeof cell === 'string') return textValue(plan, cell);
  if (plan.type === 'category') return plan.categories.indexOf(String(cell));
  return Number.isFinite(Number(cell)) ? Number(cell) : Number.NaN;
}

function textValue(plan: ColumnPlan, text: string): number {
  const cell = cleanCell(text);
  switch (plan.type) {
    case 'number':
      return cell === '' ? Number.NaN : numberBy(plan.decimal, readNumber(cell));
    case 'boolean':
      return cell === '' ? Number.NaN : readBoolean(cell);
    case 'date':
      return dateBy(plan.dateOrder, readDate(cell));
    case 'category': {
      // "none" is missing for a model that knows no such category.
      const code = plan.categories.indexOf(cleanCategory(text));
      return code === -1 ? plan.categories.indexOf(cell) : code;
    }
    default:
      return plan satisfies never;
  }
}

/** How many parsed texts are cached per column, so that 200 columns take some 20 MB. */
const CACHED_TEXTS = 1000;

/** Writes the cells of one column into the arrays of its features. */
export class ColumnEncoder {
  private readonly cache = new Map<string, number>();

  constructor(
    readonly plan: ColumnPlan,
    private readonly into: readonly Float32Array[],
  ) {
    // Searching the list of categories for every cell would be slow.
    if (plan.type === 'category') plan.categories.forEach((category, code) => this.cache.set(category, code));
  }

  encode(cell: Cell, row: number): void {
    const value = this.valueOf(cell);
    if (this.plan.type !== 'date') {
      const [column] = this.into;
      if (column !== undefined) column[row] = value;
      return;
    }
    const parts = datePartsOf(this.plan.hasTime);
    // The artifact receives float32, so the parts are computed from that.
    const days = Math.fround(value);
    this.into.forEach((column, index) => {
      const part = parts[index];
      if (part !== undefined) column[row] = datePart(part, days);
    });
  }

  /** The cell as one number, in full precision. */
  valueOf(cell: Cell): number {
    return typeof cell === 'string' ? this.cached(cell) : cellValue(this.plan, cell);
  }

  private cached(cell: string): number {
    const cached = this.cache.get(cell);
    if (cached !== undefined) return cached;
    const value = cellValue(this.plan, cell);
    if (this.cache.size < CACHED_TEXTS) this.cache.set(ownText(cell), value);
    return value;
  }
}
