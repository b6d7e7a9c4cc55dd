import { seededRandom, shuffle } from './random.js';

/** Rows to train on, and rows to test on, which training never saw. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

export interface FoldOptions {
  readonly rows: number;
  readonly folds: number;
  readonly seed: number;
  /** Class of each row: every fold gets its share of every class. */
  readonly classes?: Float64Array;
  /**
   * Rows of one group stay together: what is known of a customer must not help to predict the same customer.
   */
  readonly groups?: Float64Array;
  /** When each row happened: later rows are predicted from earlier ones. */
  readonly times?: Float64Array;
}

export type SplitKind = 'time' | 'group' | 'random';

export function splitKind({ times, groups }: Pick<FoldOptions, 'times' | 'groups'>): SplitKind {
  if (times !== undefined) return 'time';
  return groups !== undefined ? 'group' : 'random';
}

export function makeFolds(options: FoldOptions): Fold[] {
  const { times, groups } = options;
  if (times !== undefined) return timeFolds(times, options);
  const parts = groups === undefined ? randomParts(options) : groupParts(groups, options);
  return Array.from({ length: options.folds }, (_, fold) => ({
    train: rowsWhere(options.rows, (row) => parts[row] !== fold),
    test: rowsWhere(options.rows, (row) => parts[row] === fold),
  })).filter(({ train, test }) => train.length > 0 && test.length > 0);
}

/** The earliest part is only trained on; each later one is predicted from all before it. */
function timeFolds(times: Float64Array, { rows, folds }: FoldOptions): Fold[] {
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  const cuts = Array.from({ length: folds + 2 }, (_, index) => Math.round((index * rows) / (folds + 1)));
  // Rows of the same time belong to the same part.
  const moved = cuts.map((cut) => {
    let at = cut;
    while (at > 0 && at < rows && times[order[at] as number] === times[order[at - 1] as number]) at += 1;
    return at;
  });
  return Array.from({ length: folds }, (_, fold) => ({
    train: order.slice(0, moved[fold + 1]).sort(),
    test: order.slice(moved[fold + 1], moved[fold + 2]).sort(),
  })).filter(({ train, test }) => train.length > 0 && test.length > 0);
}

function randomParts({ rows, folds, seed, classes }: FoldOptions): Uint8Array {
  const order = shuffle(
    Int32Array.from({ length: rows }, (_, row) => row),
    seededRandom(seed),
  );
  // Sorted by class before the rows are dealt out in turn; the stable sort keeps the shuffled order within a
  // class.
  if (classes !== undefined) order.sort((a, b) => (classes[a] as number) - (classes[b] as number));
  const parts = new Uint8Array(rows);
  order.forEach((row, index) => {
    parts[row] = index % folds;
  });
  return parts;
}

function groupParts(groups: Float64Array, { folds, seed }: FoldOptions): Uint8Array {
  const names = [...new Set(groups)];
  const order = shuffle(
    Int32Array.from({ length: names.length }, (_, index) => index),
    seededRandom(seed),
  );
  const partOf = new Map<number, number>();
  order.forEach((index, position) => partOf.set(names[index] as number, position % folds));
  return Uint8Array.from(groups, (group) => partOf.get(group) ?? 0);
}

function rowsWhere(rows: number, isIn: (row: number) => boolean): Int32Array {
  const indexes = new Int32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    if (!isIn(row)) continue;
    indexes[count] = row;
    count += 1;
  }
  return indexes.slice(0, count);
}
