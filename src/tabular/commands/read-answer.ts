import { dateText, readDate } from '../read/date-format.js';
import { numberBy, readNumber } from '../read/number-format.js';
import { cleanCell, readBoolean } from '../read/words.js';
import type { ColumnPlan } from '../features/column-plan.js';

export type ReadAnswer =
  | { readonly type: 'value'; readonly value: string }
  | { readonly type: 'skip' | 'finish' | 'stop' }
  | { readonly type: 'unreadable'; readonly kind: 'number' | 'date' | 'boolean' };

const SKIP = /^(?:skip|lewati|lewat|tidak tahu|ga(?:k)? tahu|unknown|don.?t know|-|\?)$/i;
const FINISH = /^(?:now|done|that.?s all|sekarang|selesai|cukup|itu saja)$/i;
const STOP = /^(?:stop|cancel|batal|berhenti|quit)$/i;

/** Parses what a person wrote for one column, into the format of its cells. */
export function readAnswer(text: string, plan: ColumnPlan | undefined): ReadAnswer {
  const answer = text.trim();
  // A category may be called "Skip"; then the category is meant.
  const category = plan?.type === 'category' ? categoryOf(plan.categories, answer) : undefined;
  if (category !== undefined) return { type: 'value', value: category };
  if (SKIP.test(answer)) return { type: 'skip' };
  if (FINISH.test(answer)) return { type: 'finish' };
  if (STOP.test(answer)) return { type: 'stop' };
  const cell = cleanCell(answer);
  switch (plan?.type) {
    case 'number': {
      const value = numberOf(cell, plan.decimal);
      // In the format of the column, so that it is read back as the same number.
      return Number.isNaN(value)
        ? { type: 'unreadable', kind: 'number' }
        : { type: 'value', value: String(value).replace('.', plan.decimal) };
    }
    case 'boolean':
      return Number.isNaN(readBoolean(cell))
        ? { type: 'unreadable', kind: 'boolean' }
        : { type: 'value', value: cell };
    case 'date': {
      const { dayFirst, monthFirst } = readDate(cell);
      const days = Number.isNaN(plan.dateOrder === 'day-first' ? dayFirst : monthFirst)
        ? dayFirst || monthFirst
        : plan.dateOrder === 'day-first'
          ? dayFirst
          : monthFirst;
      return Number.isNaN(days)
        ? { type: 'unreadable', kind: 'date' }
        : { type: 'value', value: dateText(days).replace(/\.000Z$/, '') };
    }
    case 'category':
    case undefined:
      return { type: 'value', value: answer };
    default:
      return plan satisfies undefined;
  }
}

/**
 * Tries the column's decimal mark, then the other: people write `1.500.000` if the table has `1500000`, and
 * `1,5` if it has `1.5`.
 */
function numberOf(cell: string, decimal: '.' | ','): number {
  const reading = readNumber(cell);
  const other = decimal === '.' ? ',' : '.';
  const number = numberBy(decimal, reading);
  return Number.isNaN(number) ? numberBy(other, reading) : number;
}

function categoryOf(categories: readonly string[], answer: string): string | undefined {
  if (answer === '') return undefined;
  const lower = answer.toLowerCase();
  return (
    categories.find((each) => each === answer) ?? categories.find((each) => each.toLowerCase() === lower)
  );
}
