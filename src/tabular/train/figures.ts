import { classMetrics, numberMetrics, type ClassMetrics, type NumberMetrics } from '../evaluate/metrics.js';
import { thresholdRareClass, type RareClass } from '../evaluate/rare-class.js';
import { weighRareClasses } from '../evaluate/weigh-rare-classes.js';
import type { OutOfFold } from './cross-validate.js';
import { probabilitiesOf } from './losses.js';

/** How good a model is on rows it never saw, beside a baseline that needs no model. */
export type Figures =
  | {
      readonly type: 'classes';
      readonly rows: number;
      readonly metrics: ClassMetrics;
      /** Set if one of two classes is so rare that it is predicted below 50 %. */
      readonly rare: RareClass | undefined;
      /** Set if some of many classes are so rare that they weigh more: the weight of each class. */
      readonly weights: readonly number[] | undefined;
      /** Always predicting the most frequent class. */
      readonly baseline: { readonly accuracy: number; readonly class: string };
    }
  | {
      readonly type: 'numbers';
      readonly rows: number;
      readonly metrics: NumberMetrics;
      /** Always predicting the mean. */
      readonly baseline: { readonly rmse: number; readonly mae: number; readonly mean: number };
      /** A sample of actual and predicted values, for the picture. */
      readonly points: readonly (readonly [number, number])[];
    };

const MOST_POINTS = 500;

export function figuresOf(
  { scores, rows, ends }: OutOfFold,
  target: Float64Array,
  classes: readonly string[] | undefined,
  scale: { readonly mean: number; readonly deviation: number } | undefined,
): Figures {
  const actual = Float64Array.from(rows, (row) => target[row] as number);
  if (classes !== undefined) {
    const probabilities = probabilitiesOf(scores, classes.length);
    const thresholded = classes.length === 2 ? thresholdRareClass(probabilities, actual, ends) : undefined;
    const many =
      classes.length === 2
        ? undefined
        : weighRareClasses({ probabilities, actual, classes: classes.length }, ends);
    const predictions = thresholded?.predictions ?? many?.predictions;
    return {
      type: 'classes',
      rows: rows.length,
      metrics: classMetrics({ classes: classes.length, probabilities }, actual, predictions),
      rare: thresholded?.rare,
      weights: many?.weights,
      baseline: majority(actual, classes),
    };
  }
  const { mean, deviation } = scale ?? { mean: 0, deviation: 1 };
  const predicted = scores.map((score) => score * deviation + mean);
  const guess = numberMetrics(new Float64Array(actual.length).fill(mean), actual);
  const step = Math.max(1, actual.length / MOST_POINTS);
  const points = Array.from({ length: Math.min(MOST_POINTS, actual.length) }, (_, index) => {
    const at = Math.floor(index * step);
    return [actual[at] ?? 0, predicted[at] ?? 0] as const;
  });
  return {
    type: 'numbers',
    rows: rows.length,
    metrics: numberMetrics(predicted, actual),
    baseline: { rmse: guess.rmse, mae: guess.mae, mean },
    points,
  };
}

function majority(actual: Float64Array, classes: readonly string[]): { accuracy: number; class: string } {
  const counts = new Array<number>(classes.length).fill(0);
  for (const value of actual) counts[value] = (counts[value] ?? 0) + 1;
  const most = Math.max(...counts);
  return { accuracy: most / actual.length, class: classes[counts.indexOf(most)] ?? '' };
}

/** Whether the first is better; with equal accuracy, the one with the smaller log loss is. */
export function isBetter(first: Figures, second: Figures): boolean {
  if (first.type === 'numbers' || second.type === 'numbers') {
    return first.type === 'numbers' && second.type === 'numbers' && first.metrics.rmse < second.metrics.rmse;
  }
  // If one class is rare, accuracy says little: always predicting the other is often right.
  const balance = (first.rare?.f1 ?? 0) - (second.rare?.f1 ?? 0);
  if (first.rare !== undefined && second.rare !== undefined && balance !== 0) return balance > 0;
  if (first.weights !== undefined && second.weights !== undefined)
    return first.metrics.macroF1 > second.metrics.macroF1;
  const difference = first.metrics.accuracy - second.metrics.accuracy;
  return difference === 0 ? first.metrics.logLoss < second.metrics.logLoss : difference > 0;
}
