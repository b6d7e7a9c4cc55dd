import { binAt, type BinnedTable } from '../trees/bin-columns.js';

/** A single column that practically determines the target. */
export interface Leak {
  readonly column: string;
  /**
   * The share of the errors of guessing that this column alone avoids, or its R2, on rows it was not fitted
   * to.
   */
  readonly strength: number;
}

/** Strength from which a column counts as a leak. */
const SUSPICIOUS = 0.98;
const FEWEST_ROWS = 40;

/** Finds columns that give the target away and would hardly be known before it. */
export function findLeaks(table: BinnedTable, target: Float64Array, classes: number | undefined): Leak[] {
  if (target.length < FEWEST_ROWS) return [];
  const strongest = new Map<string, number>();
  table.features.forEach((feature) => {
    const bins = Uint8Array.from(target, (_, row) => binAt(feature, row));
    const strength =
      classes === undefined
        ? explained(bins, feature.count, target)
        : beyondGuessing(bins, feature.count, target, classes, feature.feature.kind === 'number');
    const { column } = feature.feature;
    strongest.set(column, Math.max(strength, strongest.get(column) ?? 0));
  });
  return [...strongest]
    .filter(([, strength]) => strength >= SUSPICIOUS)
    .map(([column, strength]) => ({ column, strength }));
}

/** The share of the errors of guessing the most frequent class that one column avoids. */
function beyondGuessing(
  bins: Uint8Array,
  count: number,
  target: Float64Array,
  classes: number,
  isOrdered: boolean,
): number {
  const votes = new Int32Array(count * classes);
  const totals = new Int32Array(classes);
  for (let row = 0; row < target.length; row += 2) {
    const at = (bins[row] as number) * classes + (target[row] as number);
    votes[at] = (votes[at] as number) + 1;
    totals[target[row] as number] = (totals[target[row] as number] as number) + 1;
  }
  const usual = most(totals, 0, classes);
  if (isOrdered) fillGaps(votes, count, classes);
  let wrongByGuess = 0;
  let wrong = 0;
  for (let row = 1; row < target.length; row += 2) {
    if (target[row] !== usual) wrongByGuess += 1;
    if (target[row] !== most(votes, (bins[row] as number) * classes, classes)) wrong += 1;
  }
  return wrongByGuess === 0 ? 0 : 1 - wrong / wrongByGuess;
}

/** A number without votes in its bin is treated like the nearest bin below. */
function fillGaps(votes: Int32Array, count: number, classes: number): void {
  for (let bin = 2; bin < count; bin += 1) {
    const binVotes = votes.subarray(bin * classes, (bin + 1) * classes);
    if (binVotes.every((vote) => vote === 0))
      binVotes.set(votes.subarray((bin - 1) * classes, bin * classes));
  }
}

function most(votes: Int32Array, offset: number, classes: number): number {
  let best = 0;
  for (let index = 1; index < classes; index += 1) {
    if ((votes[offset + index] as number) > (votes[offset + best] as number)) best = index;
  }
  return best;
}

/** R2 of the mean of each bin, on rows the means were not computed from. */
function explained(bins: Uint8Array, count: number, target: Float64Array): number {
  const sums = new Float64Array(count);
  const rows = new Int32Array(count);
  let all = 0;
  for (let row = 0; row < target.length; row += 2) {
    const bin = bins[row] as number;
    sums[bin] = (sums[bin] as number) + (target[row] as number);
    rows[bin] = (rows[bin] as number) + 1;
    all += target[row] as number;
  }
  const mean = all / Math.ceil(target.length / 2);
  let error = 0;
  let spread = 0;
  for (let row = 1; row < target.length; row += 2) {
    const bin = bins[row] as number;
    const prediction = rows[bin] === 0 ? mean : (sums[bin] as number) / (rows[bin] as number);
    error += ((target[row] as number) - prediction) ** 2;
    spread += ((target[row] as number) - mean) ** 2;
  }
  return spread === 0 ? 0 : 1 - error / spread;
}
