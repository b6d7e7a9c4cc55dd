/**
 * Work that pauses regularly so that others get their turn: at each `yield` it can be suspended, or stopped
 * if its time is up.
 */
export type Work<Result> = Generator<Pause, Result, undefined>;

/** `wait`: nothing can be done until something else has happened. */
export type Pause = 'wait' | undefined;

/** Documents processed between two pauses. */
const STEP = 128;

/** True whenever enough documents have been processed for a pause. */
export const isPause = (index: number): boolean => index % STEP === STEP - 1;

/** Distinguishes work from a finished reply. */
export const isWork = <Result>(value: Result | Work<Result>): value is Work<Result> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value;

/** Does the work without pausing. */
export function finish<Result>(work: Work<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Rows sorted at once; a longer list is sorted in pieces of this size, which are then merged. */
const SORT_PIECE = 4_096;

/** Sorts by `key`, with pauses. */
export function* sortByKey<Row extends { readonly key: string }>(rows: Row[]): Work<Row[]> {
  const byKey = (a: Row, b: Row): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  if (rows.length <= SORT_PIECE) return rows.sort(byKey);
  let pieces: Row[][] = [];
  for (let at = 0; at < rows.length; at += SORT_PIECE) {
    pieces.push(rows.slice(at, at + SORT_PIECE).sort(byKey));
    yield;
  }
  while (pieces.length > 1) {
    const merged: Row[][] = [];
    for (let i = 0; i < pieces.length; i += 2)
      merged.push(yield* merge(pieces[i] ?? [], pieces[i + 1] ?? []));
    pieces = merged;
  }
  return pieces[0] ?? [];
}

function* merge<Row extends { readonly key: string }>(a: readonly Row[], b: readonly Row[]): Work<Row[]> {
  const out: Row[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left && (!right || left.key <= right.key)) {
      out.push(left);
      i += 1;
    } else if (right) {
      out.push(right);
      j += 1;
    }
    if (out.length % SORT_PIECE === 0) yield;
  }
  return out;
}

/** `map` with pauses. */
export function* mapSlowly<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Result,
): Work<Result[]> {
  const out: Result[] = [];
  for (const [index, item] of items.entries()) {
    out.push(work(item));
    if (isPause(index)) yield;
  }
  return out;
}
