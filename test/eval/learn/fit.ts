/** One example for a logistic model: the observed values, the outcome, and the weight of the example. */
export interface Example {
  readonly values: readonly number[];
  readonly isTrue: boolean;
  readonly weight: number;
}

export interface Fitted {
  readonly bias: number;
  readonly weights: readonly number[];
}

/** Upper limit; Newton's method converges long before it. */
const STEPS = 25;
const CLOSE = 1e-7;
const CLOSE_ORDER = 1e-4;
const LEAST_STEP = 1 / 64;

/**
 * Fits a logistic model by Newton's method. `ridge`: penalty on squared weights, relative to examples whose
 * weights sum to 1; the bias is not penalised.
 */
export function fitLogistic(examples: readonly Example[], ridge: number): Fitted {
  const size = (examples[0]?.values.length ?? 0) + 1;
  const total = examples.reduce((sum, { weight }) => sum + weight, 0);
  let at = new Array<number>(size).fill(0);
  for (let step = 0; step < STEPS; step += 1) {
    const gradient = new Array<number>(size).fill(0);
    const curvature = Array.from({ length: size }, () => new Array<number>(size).fill(0));
    for (const { values, isTrue, weight } of examples) {
      const share = weight / total;
      const row = [1, ...values];
      const logOdds = row.reduce((sum, value, i) => sum + value * (at[i] ?? 0), 0);
      const probability = 1 / (1 + Math.exp(-logOdds));
      const miss = share * (probability - (isTrue ? 1 : 0));
      const slope = share * Math.max(1e-9, probability * (1 - probability));
      row.forEach((value, i) => {
        gradient[i] = (gradient[i] ?? 0) + miss * value;
        const own = curvature[i];
        if (own === undefined || value === 0) return;
        for (let j = 0; j <= i; j += 1) own[j] = (own[j] ?? 0) + slope * value * (row[j] ?? 0);
      });
    }
    for (let i = 0; i < size; i += 1) {
      const own = curvature[i];
      if (own === undefined) continue;
      if (i > 0) {
        gradient[i] = (gradient[i] ?? 0) + ridge * (at[i] ?? 0);
        own[i] = (own[i] ?? 0) + ridge;
      }
      for (let j = i + 1; j < size; j += 1) own[j] = curvature[j]?.[i] ?? 0;
    }
    const move = solve(curvature, gradient);
    at = at.map((value, i) => value - (move[i] ?? 0));
    if (Math.max(...move.map(Math.abs)) < CLOSE) break;
  }
  const [bias = 0, ...weights] = at;
  return { bias, weights };
}

/**
 * Candidates of which one should come first: the values of each, and the share with which it should be the
 * one.
 */
export interface Choice {
  readonly rows: readonly (readonly number[])[];
  /** Sums to 1. */
  readonly shares: readonly number[];
  readonly weight: number;
}

/**
 * Weights that put the right candidates of each choice first: fits a softmax over its rows by Newton's
 * method. `ridge`: penalty on squared weights, after the values are scaled to the same spread.
 */
export function fitOrder(unlike: readonly Choice[], ridge: number): readonly number[] {
  const size = unlike[0]?.rows[0]?.length ?? 0;
  const spread = spreadOf(unlike, size);
  const choices = unlike.map((choice) => ({
    ...choice,
    rows: choice.rows.map((row) => row.map((value, i) => value / (spread[i] ?? 1))),
  }));
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  let at = new Array<number>(size).fill(0);
  for (let step = 0; step < STEPS; step += 1) {
    const gradient = at.map((value) => ridge * value);
    const curvature = at.map((_, i) => at.map((_value, j) => (i === j ? ridge : 0)));
    for (const choice of choices) addChoice(choice, at, choice.weight / total, gradient, curvature);
    const move = solve(curvature, gradient);
    const before = costOf(choices, at, ridge);
    const moved = (share: number): number[] => at.map((value, i) => value - share * (move[i] ?? 0));
    let share = 1;
    // A full step may overshoot the minimum.
    while (share > LEAST_STEP && costOf(choices, moved(share), ridge) > before) share /= 2;
    at = moved(share);
    if (share * Math.max(...move.map(Math.abs)) < CLOSE_ORDER) break;
  }
  return at.map((value, i) => value / (spread[i] ?? 1));
}

function costOf(choices: readonly Choice[], at: readonly number[], ridge: number): number {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  const misses = choices.reduce((sum, { rows, shares, weight }) => {
    const scores = rows.map((row) => row.reduce((own, value, i) => own + value * (at[i] ?? 0), 0));
    const most = Math.max(...scores);
    const all = most + Math.log(scores.reduce((own, score) => own + Math.exp(score - most), 0));
    const right = scores.reduce((own, score, r) => own + (shares[r] ?? 0) * (all - score), 0);
    return sum + (weight / total) * right;
  }, 0);
  return misses + (ridge / 2) * at.reduce((sum, value) => sum + value * value, 0);
}

/** Standard deviation of each value over all rows; 1 if all are equal. */
function spreadOf(choices: readonly Choice[], size: number): readonly number[] {
  const sums = new Float64Array(size);
  const squares = new Float64Array(size);
  let count = 0;
  for (const { rows } of choices) {
    for (const row of rows) {
      count += 1;
      row.forEach((value, i) => {
        sums[i] = (sums[i] ?? 0) + value;
        squares[i] = (squares[i] ?? 0) + value * value;
      });
    }
  }
  return Array.from(sums, (sum, i) => {
    const variance = (squares[i] ?? 0) / count - (sum / count) ** 2;
    return variance > 1e-9 ? Math.sqrt(variance) : 1;
  });
}

function addChoice(
  { rows, shares }: Choice,
  at: readonly number[],
  share: number,
  gradient: number[],
  curvature: number[][],
): void {
  const scores = rows.map((row) => row.reduce((sum, value, i) => sum + value * (at[i] ?? 0), 0));
  const most = Math.max(...scores);
  const odds = scores.map((score) => Math.exp(score - most));
  const all = odds.reduce((sum, value) => sum + value, 0);
  const mean = at.map((_, i) =>
    rows.reduce((sum, row, r) => sum + ((odds[r] ?? 0) / all) * (row[i] ?? 0), 0),
  );
  rows.forEach((row, r) => {
    const probability = (odds[r] ?? 0) / all;
    const miss = share * (probability - (shares[r] ?? 0));
    const slope = share * probability;
    row.forEach((value, i) => {
      gradient[i] = (gradient[i] ?? 0) + miss * value;
      const off = slope * (value - (mean[i] ?? 0));
      const own = curvature[i];
      if (own !== undefined && slope > 1e-9)
        row.forEach((other, j) => (own[j] = (own[j] ?? 0) + off * (other - (mean[j] ?? 0))));
    });
  });
}

/** Gaussian elimination with pivoting. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let i = column; i < size; i += 1) {
      if (Math.abs(rows[i]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = i;
    }
    const own = rows[pivot];
    const other = rows[column];
    if (own === undefined || other === undefined) continue;
    rows[pivot] = other;
    rows[column] = own;
    const lead = own[column] ?? 0;
    if (Math.abs(lead) < 1e-14) continue;
    for (let i = 0; i < size; i += 1) {
      const row = rows[i];
      if (row === undefined || i === column) continue;
      const factor = (row[column] ?? 0) / lead;
      if (factor !== 0)
        for (let j = column; j <= size; j += 1) row[j] = (row[j] ?? 0) - factor * (own[j] ?? 0);
    }
  }
  return rows.map((row, i) => (Math.abs(row[i] ?? 0) < 1e-14 ? 0 : (row[size] ?? 0) / (row[i] ?? 1)));
}

/** Pseudo-random numbers from 0 to 1, the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j] as Item, all[i] as Item];
  }
  return all;
}
