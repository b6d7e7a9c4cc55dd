export interface TreeOptions {
  readonly leaves: number;
  readonly minimumRows: number;
  readonly minimumHessian: number;
  readonly minimumGain: number;
  /** L2 on leaf values. */
  readonly lambda: number;
  /** Rows of a group of categories, at least. */
  readonly minimumGroup: number;
  readonly learningRate: number;
  /** Share of the features that each tree may ask for, 0..1: trees that differ err less together. */
  readonly featureShare: number;
  /** Decides which. */
  readonly seed: number;
  readonly mostRounds: number;
  /** Rounds without a better figure on the rows held out, after which it ends. */
  readonly patience: number;
  /** By raw column: 1 when more must never predict less, -1 for the opposite. */
  readonly monotone: Readonly<Record<string, 1 | -1>>;
}

/** LightGBM's defaults where they are good, so that both grow alike. */
export const TREE_OPTIONS = {
  leaves: 31,
  minimumRows: 20,
  minimumHessian: 1e-3,
  minimumGain: 1e-9,
  lambda: 0,
  minimumGroup: 100,
  learningRate: 0.1,
  featureShare: 1,
  seed: 42,
  mostRounds: 1000,
  patience: 30,
  monotone: {},
} as const satisfies TreeOptions;
