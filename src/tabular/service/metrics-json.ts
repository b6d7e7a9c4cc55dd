import type { RareClass } from '../evaluate/rare-class.js';
import type { ModelMetrics } from '../records/records.js';
import type { Figures } from '../train/figures.js';
import type { TrainedResult } from '../train/train-model.js';

/** The figures of a trained model as stored and shown. */
export function metricsJson(result: TrainedResult): ModelMetrics {
  const { figures, model, folds, chosen, split, leaks, leftOut, withoutTarget, rowsInTable } = result;
  const common = {
    task: model.task,
    folds,
    rows: figures.rows,
    rows_learned: result.rows,
    chosen,
    split,
    leaks: leaks.map(({ column, strength }) => ({ column, strength })),
    left_out: leftOut.map(({ column, reason }) => ({ column, reason })),
    rows_without_target: withoutTarget,
    rows_in_table: rowsInTable,
  };
  switch (figures.type) {
    case 'classes':
      return { ...common, ...classFigures(figures, model.classes ?? []) };
    case 'numbers':
      return { ...common, ...numberFigures(figures) };
    default:
      return figures satisfies never;
  }
}

function classFigures(
  { metrics, baseline, rare, weights }: Extract<Figures, { readonly type: 'classes' }>,
  classes: readonly string[],
) {
  return {
    ...(rare === undefined ? {} : { rare: rareJson(rare, classes) }),
    ...(weights === undefined ? {} : { say_weights: [...weights] }),
    classes: classesJson(metrics.confusion, classes),
    accuracy: metrics.accuracy,
    accuracy_interval: [...metrics.accuracyInterval],
    macro_f1: metrics.macroF1,
    ...(metrics.auc === undefined ? {} : { auc: metrics.auc }),
    log_loss: metrics.logLoss,
    calibration_error: metrics.calibrationError,
    calibration: metrics.calibration.map((bin) => ({ ...bin })),
    baseline: { accuracy: baseline.accuracy, class: baseline.class },
    confusion: { labels: [...classes], counts: metrics.confusion.map((counts) => [...counts]) },
  };
}

function numberFigures({ metrics, baseline }: Extract<Figures, { readonly type: 'numbers' }>) {
  return {
    rmse: metrics.rmse,
    rmse_interval: [...metrics.rmseInterval],
    mae: metrics.mae,
    r2: metrics.r2,
    baseline: { rmse: baseline.rmse, mae: baseline.mae, mean: baseline.mean },
  };
}

/**
 * The figures of each class: its number of rows, the share of them that was found, and the share of its
 * predictions that was right.
 */
function classesJson(
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
): NonNullable<ModelMetrics['classes']> {
  const share = (part: number, total: number): number => (total === 0 ? 0 : part / total);
  return confusion.map((counts, index) => {
    const hits = counts[index] ?? 0;
    const rows = counts.reduce((sum, count) => sum + count, 0);
    const predictedCount = confusion.reduce((sum, line) => sum + (line[index] ?? 0), 0);
    return {
      class: classes[index] ?? '',
      rows,
      recall: share(hits, rows),
      precision: share(hits, predictedCount),
    };
  });
}

function rareJson(
  { index, ...figures }: RareClass,
  classes: readonly string[],
): NonNullable<ModelMetrics['rare']> {
  return { class: classes[index] ?? '', ...figures };
}
