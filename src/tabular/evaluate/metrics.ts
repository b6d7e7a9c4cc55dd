/** Probabilities of k classes per row, row by row. */
export interface ClassScores {
  readonly classes: number;
  readonly probabilities: Float64Array;
}

/** 95 %, two-sided. */
const Z = 1.96;
const CALIBRATION_BINS = 10;

export interface ClassMetrics {
  readonly accuracy: number;
  readonly accuracyInterval: readonly [number, number];
  readonly macroF1: number;
  readonly auc: number | undefined;
  readonly logLoss: number;
  /** Mean distance between the stated probability and the share that was right, 0..1. */
  readonly calibrationError: number;
  /**
   * For each range of probabilities: the mean probability, the share that was right, and the number of rows.
   */
  readonly calibration: readonly { readonly said: number; readonly right: number; readonly rows: number }[];
  /** Row: actual class; column: predicted class. */
  readonly confusion: readonly (readonly number[])[];
}

/** `predictions`: the predicted class of each row, if that is not simply the likeliest one. */
export function classMetrics(
  { classes, probabilities }: ClassScores,
  actual: Float64Array,
  predictions?: ArrayLike<number>,
): ClassMetrics {
  const rows = actual.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let logLoss = 0;
  const bins = Array.from({ length: CALIBRATION_BINS }, () => ({ count: 0, sure: 0, right: 0 }));
  for (let row = 0; row < rows; row += 1) {
    const truth = actual[row] as number;
    const predictedClass = predictions?.[row] ?? bestClass(probabilities, row, classes);
    const counts = confusion[truth];
    if (counts !== undefined) counts[predictedClass] = (counts[predictedClass] ?? 0) + 1;
    const sure = probabilities[row * classes + predictedClass] as number;
    const bin = bins[Math.min(CALIBRATION_BINS - 1, Math.floor(sure * CALIBRATION_BINS))];
    if (bin !== undefined) {
      bin.count += 1;
      bin.sure += sure;
      bin.right += Number(predictedClass === truth);
    }
    logLoss -= Math.log(Math.max(probabilities[row * classes + truth] as number, 1e-15));
  }
  const right = confusion.reduce((sum, counts, index) => sum + (counts[index] ?? 0), 0);
  return {
    accuracy: right / rows,
    accuracyInterval: shareInterval(right, rows),
    macroF1: macroF1(confusion),
    auc: meanAuc({ classes, probabilities }, actual),
    logLoss: logLoss / rows,
    calibrationError: bins.reduce((sum, { sure, right: hits }) => sum + Math.abs(sure - hits), 0) / rows,
    calibration: bins
      .filter(({ count }) => count > 0)
      .map(({ count, sure, right: hits }) => ({ said: sure / count, right: hits / count, rows: count })),
    confusion,
  };
}

/** The likeliest class; `weights`: how much each class counts, if not all alike. */
export function bestClass(
  probabilities: Float64Array,
  row: number,
  classes: number,
  weights?: readonly number[],
): number {
  const valueOf = (index: number): number =>
    (probabilities[row * classes + index] as number) * (weights?.[index] ?? 1);
  let best = 0;
  for (let index = 1; index < classes; index += 1) if (valueOf(index) > valueOf(best)) best = index;
  return best;
}

/** New rows an interval applies to, as a share of the rows counted. */
const NEW_ROWS = 1 / 5;

/**
 * Where the share will lie, 95 times in 100, among a fifth as many new rows: Wilson's interval, widened for
 * the chance in both counts and rounded outwards to what that many rows can show.
 */
function shareInterval(count: number, rows: number): readonly [number, number] {
  const share = count / rows;
  const total = rows / (1 + 1 / NEW_ROWS);
  const centre = share + Z ** 2 / (2 * total);
  const spread = Z * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2));
  const divisor = 1 + Z ** 2 / total;
  const sampleSize = Math.max(1, Math.round(rows * NEW_ROWS));
  const low = Math.floor(((centre - spread) / divisor) * sampleSize) / sampleSize;
  const high = Math.ceil(((centre + spread) / divisor) * sampleSize) / sampleSize;
  return [Math.max(0, low), Math.min(1, high)];
}

/** Mean F1 of the classes that occur or were predicted. Row: actual class; column: predicted class. */
export function macroF1(confusion: readonly ArrayLike<number>[]): number {
  let sum = 0;
  let present = 0;
  confusion.forEach((counts, index) => {
    const hits = counts[index] ?? 0;
    let actual = 0;
    for (let column = 0; column < counts.length; column += 1) actual += counts[column] ?? 0;
    const predictedCount = confusion.reduce((total, row) => total + (row[index] ?? 0), 0);
    if (actual + predictedCount === 0) return;
    present += 1;
    sum += (2 * hits) / (actual + predictedCount);
  });
  return present === 0 ? 0 : sum / present;
}

/** Area under the ROC curve: for the second of two classes, or the mean of each class against the rest. */
function meanAuc(scores: ClassScores, actual: Float64Array): number | undefined {
  if (scores.classes === 2) return aucOf(scores, actual, 1);
  const values = Array.from({ length: scores.classes }, (_, index) => aucOf(scores, actual, index)).filter(
    (value) => value !== undefined,
  );
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function aucOf(
  { classes, probabilities }: ClassScores,
  actual: Float64Array,
  targetClass: number,
): number | undefined {
  const order = Uint32Array.from(actual, (_, index) => index);
  const scoreAt = (row: number): number => probabilities[row * classes + targetClass] as number;
  order.sort((a, b) => scoreAt(a) - scoreAt(b));
  let rankSum = 0;
  let positives = 0;
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && scoreAt(order[end] as number) === scoreAt(order[start] as number)) end += 1;
    const rank = (start + end + 1) / 2;
    for (let index = start; index < end; index += 1) {
      if (actual[order[index] as number] !== targetClass) continue;
      rankSum += rank;
      positives += 1;
    }
    start = end;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

export interface NumberMetrics {
  readonly rmse: number;
  readonly rmseInterval: readonly [number, number];
  readonly mae: number;
  readonly r2: number;
}

export function numberMetrics(predicted: Float64Array, actual: Float64Array): NumberMetrics {
  const rows = actual.length;
  const mean = actual.reduce((sum, value) => sum + value, 0) / rows;
  let squares = 0;
  let fourths = 0;
  let absolute = 0;
  let spread = 0;
  for (let row = 0; row < rows; row += 1) {
    const error = (predicted[row] as number) - (actual[row] as number);
    squares += error ** 2;
    fourths += error ** 4;
    absolute += Math.abs(error);
    spread += ((actual[row] as number) - mean) ** 2;
  }
  const meanSquare = squares / rows;
  // The spread of the mean squared error gives that of its root; widened for new rows, as for a share.
  const deviation = Math.sqrt((Math.max(0, fourths / rows - meanSquare ** 2) / rows) * (1 + 1 / NEW_ROWS));
  return {
    rmse: Math.sqrt(meanSquare),
    rmseInterval: [Math.sqrt(Math.max(0, meanSquare - Z * deviation)), Math.sqrt(meanSquare + Z * deviation)],
    mae: absolute / rows,
    r2: spread === 0 ? 0 : 1 - squares / spread,
  };
}
