export interface TreeOptions {
  readonly leaves: number;
  readonly minimumRows: number;
  readonly minimumHessian: number;
  readonly minimumGain: number;
  /** L2 on leaf values. */
  readonly lambda: number;
  /** Minimum number of rows in a group of categories. */
  readonly minimumGroup: number;
  readonly learningRate: number;
  /** Share of the columns that each tree may use, 0..1: diverse trees have a smaller error together. */
  readonly featureShare: number;
  /** Determines which columns. */
  readonly seed: number;
  readonly mostRounds: number;
  /** Rounds without improvement on the held-out rows, after which training stops. */
  readonly patience: number;
  /** By raw column: 1 if a larger value must never lower the prediction, -1 for the opposite. */
  readonly monotone: Readonly<Record<string, 1 | -1>>;
}

/**
 * LightGBM's defaults where they are good. Measured by cross-validation on training rows alone (Adult,
 * California housing): both improve if each tree sees only part of the columns.
 */
export const TREE_OPTIONS = {
  leaves: 15,
  minimumRows: 20,
  minimumHessian: 1e-3,
  minimumGain: 1e-9,
  lambda: 0,
  minimumGroup: 100,
  learningRate: 0.1,
  featureShare: 0.6,
  seed: 42,
  mostRounds: 1000,
  patience: 30,
  monotone: {},
} as const satisfies TreeOptions;

/** A number carries more information per row than a class does, and supports larger trees. */
const REGRESSION = { leaves: 63, featureShare: 0.7 } as const;

export function treeOptionsFor(classes: number | undefined): TreeOptions {
  return classes === undefined ? { ...TREE_OPTIONS, ...REGRESSION } : TREE_OPTIONS;
}

/** With this many rows, larger trees need far fewer rounds, and their leaves still have enough rows. */
const MANY_ROWS = 200_000;
const LEAVES_OF_MANY_ROWS = 63;
/** Cells that all rounds of one fit may read together: some minutes on one thread. */
const MOST_CELLS_READ = 3e9;
/** Enough for a useful forest, however large the table is. */
const FEWEST_ROUNDS = 100;

/** Options with which a large table is learned in minutes; `cells` is how many a round reads. */
export function affordableOptions(
  options: TreeOptions,
  { rows, cells }: { readonly rows: number; readonly cells: number },
): TreeOptions {
  const affordable = Math.max(FEWEST_ROUNDS, Math.floor(MOST_CELLS_READ / cells));
  return {
    ...options,
    leaves: rows < MANY_ROWS ? options.leaves : Math.max(options.leaves, LEAVES_OF_MANY_ROWS),
    mostRounds: Math.min(options.mostRounds, affordable),
  };
}
