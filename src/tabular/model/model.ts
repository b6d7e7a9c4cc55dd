import type { Task } from '../features/choose-columns.js';
import type { ColumnPlan } from '../features/column-plan.js';
import type { FeatureReference } from '../evaluate/drift.js';
import type { LinearWeights } from '../linear/design.js';
import type { LinearLayout } from '../linear/table-design.js';
import type { Forest } from '../trees/forest.js';
import type { Familiarity } from '../text/familiarity.js';
import type { TextFeatures } from '../text/text-design.js';

/** Everything a prediction needs; the artifact is made from it. */
export interface TabularModel {
  readonly task: Task;
  readonly target: string;
  /** In the order of the class numbers; absent for regression. */
  readonly classes?: readonly string[];
  readonly plans: readonly ColumnPlan[];
  readonly predictor: Predictor;
  /** The distribution of its features in training; absent for texts. */
  readonly reference?: readonly FeatureReference[];
  /** How much each class's probability weighs when one is chosen; absent: all alike. */
  readonly sayWeights?: readonly number[];
  /** For regression: turns scores into values (`score * deviation + mean`). */
  readonly scale?: { readonly mean: number; readonly deviation: number };
}

export type Predictor =
  | { readonly type: 'trees'; readonly forest: Forest }
  | { readonly type: 'linear'; readonly layout: LinearLayout; readonly weights: LinearWeights }
  | ({
      readonly type: 'text';
      readonly columns: readonly string[];
      readonly weights: LinearWeights;
      /** Absent in models that were trained before it existed. */
      readonly familiarity?: Familiarity;
    } & TextFeatures);
