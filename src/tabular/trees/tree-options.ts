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

/**
 * LightGBM's defaults where they are good. Measured by cross-validation on training rows alone
 * (Adult, California housing): trees that each see a part of the columns are better for both.
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

/** A number tells more of each row than a class does, and bears larger trees. */
const REGRESSION = { leaves: 63, featureShare: 0.7 } as const;

export function treeOptionsFor(classes: number | undefined): TreeOptions {
  return classes === undefined ? { ...TREE_OPTIONS, ...REGRESSION } : TREE_OPTIONS;
}
