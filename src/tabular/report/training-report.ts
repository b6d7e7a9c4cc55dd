import type { Button } from '../../contracts/channel.js';
import type { CommandReply } from '../../contracts/command.js';
import type { Translate } from '../../contracts/i18n.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { excerpt } from '../../lib/text/excerpt.js';
import { shortId } from '../../lib/ids/short-id.js';
import type { ModelMetrics, ModelRow, TrainingRow } from '../records/records.js';
import { reasonText } from './reason-text.js';

/** How many columns are named as the most important ones. */
const MAX_NAMED = 3;
const FEWEST_SHARE = 0.02;
/** Characters of a column's name on a button. */
const LONGEST_LABEL = 30;
/** An area under the ROC curve from which the probabilities are of use; 0.5 is chance. */
const USEFUL_RANKING = 0.6;
/** Fewer rows of a class say little about it. */
const FEWEST_OF_CLASS = 10;
/** A class with a lower recall is worth mentioning. */
const HARDLY_FOUND = 0.5;
/** Up to this calibration error, the stated probabilities count as accurate. */
const WELL_CALIBRATED = 0.05;

/** Reports how a training went, in words a shop owner understands. */
export function trainingReport(training: TrainingRow, model: ModelRow | undefined, t: Translate): string {
  const { metrics, error, wish } = training;
  const target = escapeMarkdown(wish.target);
  if (error?.code === 'cancelled') return t('tables.train.stopped');
  if (error !== undefined) return t('tables.train.failed', { target, detail: whyFailed(error, t) });
  if (metrics === undefined) return t('tables.train.failed', { target, detail: '' });
  return [
    t('tables.train.done', { target, rows: metrics.rows_learned }),
    figureLine(metrics, t),
    isNoBetter(metrics) ? t('tables.train.noBetter', { target }) : '',
    promiseLine(metrics, t),
    rareLine(metrics, t),
    classesLine(metrics, t),
    isNoBetter(metrics) ? '' : matterLine(model, t),
    ...metrics.leaks.map(({ column }) => t('tables.train.leak', { column: escapeMarkdown(column) })),
    splitLine(metrics, t),
    leftOutLine(metrics, t),
    keptLine(training, model, t),
    t('tables.train.next', { name: escapeMarkdown(training.name) }),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/**
 * Whether the model predicts no better than guessing. Rows in which a rare class is found count for more than
 * accuracy shows, and so does a ranking of rows that is clearly better than chance.
 */
function isNoBetter({ accuracy, auc, rare, say_weights: weights, mae, r2, baseline }: ModelMetrics): boolean {
  if (accuracy === undefined) return (r2 ?? 0) <= 0 || (mae ?? 0) >= Number(baseline['mae'] ?? Infinity);
  const isUneven = rare !== undefined || weights !== undefined;
  return !isUneven && accuracy <= Number(baseline['accuracy'] ?? 0) && (auc ?? 0) < USEFUL_RANKING;
}

/** In the reader's language, also where all that is known is that it failed. */
function whyFailed({ code, reason, detail }: NonNullable<TrainingRow['error']>, t: Translate): string {
  return code === 'failed' && reason === undefined ? t('tables.error.failed') : reasonText(t, reason, detail);
}

/** The final text of the progress message. */
export function endLine({ wish, error, status }: TrainingRow, t: Translate): string {
  const target = escapeMarkdown(wish.target);
  if (error?.code === 'cancelled') return t('tables.train.stoppedFor', { target });
  return t('tables.train.over', { target, worked: String(status === 'done') });
}

/**
 * Buttons for a new model: predict, train again without columns that give the target away and, if there is an
 * earlier version, compare the versions and switch between them.
 */
export function reportButtons(
  model: ModelRow | undefined,
  versions: readonly ModelRow[],
  t: Translate,
): NonNullable<CommandReply['buttons']> {
  if (model === undefined) return [];
  const id = shortId(model._id);
  const rows = [
    [{ label: t('tables.button.predict'), action: `/predict with ${id}` }],
    ...leakButtons(model, t),
  ];
  const before = versions.find(({ version }) => version < model.version);
  if (before === undefined) return rows;
  return [
    ...rows,
    [
      { label: t('tables.button.compare'), action: `/models compare ${id}` },
      model.active
        ? {
            label: t('tables.button.back', { version: before.version }),
            action: `/models activate ${shortId(before._id)}`,
          }
        : { label: t('tables.button.use', { version: model.version }), action: `/models activate ${id}` },
    ],
  ];
}

function leakButtons({ _id, metrics, datasetId }: ModelRow, t: Translate): Button[][] {
  const [leak, ...others] = metrics?.leaks ?? [];
  if (leak === undefined || datasetId === undefined) return [];
  const column = excerpt(leak.column, LONGEST_LABEL);
  const label = t('tables.button.without', { column, count: 1 + others.length });
  return [[{ label, action: `/train without | ${shortId(_id)}` }]];
}

/** The accuracy in per cent, or the error, beside that of a guess. */
export function figureLine(metrics: ModelMetrics, t: Translate): string {
  const { accuracy, accuracy_interval: interval = [], rmse, mae, r2, baseline } = metrics;
  const { rmse_interval: errors = [] } = metrics;
  if (accuracy !== undefined) {
    return t('tables.train.accuracy', {
      right: Math.round(accuracy * 100),
      guess: Math.round(Number(baseline['accuracy'] ?? 0) * 100),
      low: Math.round((interval[0] ?? accuracy) * 100),
      high: Math.round((interval[1] ?? accuracy) * 100),
    });
  }
  if (rmse === undefined || mae === undefined) return '';
  return t('tables.train.error', {
    mae,
    guess: Number(baseline['mae'] ?? 0),
    rmse,
    low: errors[0] ?? rmse,
    high: errors[1] ?? rmse,
    explained: Math.round(Math.max(0, r2 ?? 0) * 100),
  });
}

/** Whether "80 % sure" is right in 80 of 100 cases. */
function promiseLine({ calibration_error: off }: ModelMetrics, t: Translate): string {
  if (off === undefined) return '';
  return t('tables.train.promises', { kept: String(off <= WELL_CALIBRATED), off: Math.ceil(off * 100) });
}

/** If one of two classes is rare: from which probability, below 50 %, it is predicted. */
function rareLine({ rare }: ModelMetrics, t: Translate): string {
  if (rare === undefined) return '';
  return t('tables.train.rare', {
    class: escapeMarkdown(rare.class),
    share: Math.max(1, Math.round(rare.share * 100)),
    from: Math.round(rare.threshold * 100),
    found: Math.round(rare.recall * 100),
    right: Math.round(rare.precision * 100),
  });
}

/**
 * Names the class that is hardest to recognise, if fewer than half of its rows are found, and how rare
 * classes are handled.
 */
function classesLine({ classes = [], rare, say_weights: weights }: ModelMetrics, t: Translate): string {
  const enough = classes.filter(({ rows }) => rows >= FEWEST_OF_CLASS);
  const [hardest] = enough.toSorted((a, b) => a.recall - b.recall);
  if (rare !== undefined || hardest === undefined || hardest.recall >= HARDLY_FOUND) return '';
  const line = t('tables.train.hardest', {
    class: escapeMarkdown(hardest.class),
    found: Math.round(hardest.recall * 100),
    rows: hardest.rows,
  });
  return weights === undefined ? line : `${line} ${t('tables.train.uneven')}`;
}

function matterLine(model: ModelRow | undefined, t: Translate): string {
  const columns = (model?.importance ?? [])
    .filter(({ share }) => share >= FEWEST_SHARE)
    .slice(0, MAX_NAMED)
    .map(({ column, share }) => `${escapeMarkdown(column)} (${Math.round(share * 100)} %)`);
  return columns.length === 0 ? '' : t('tables.train.matters', { columns: columns.join(', ') });
}

function splitLine({ split }: ModelMetrics, t: Translate): string {
  switch (split) {
    case 'time':
      return t('tables.train.byTime');
    case 'group':
      return t('tables.train.byGroup');
    default:
      return '';
  }
}

function leftOutLine({ left_out: leftOut }: ModelMetrics, t: Translate): string {
  if (leftOut.length === 0) return '';
  return t('tables.train.leftOut', {
    columns: leftOut.map(({ column }) => escapeMarkdown(column)).join(', '),
  });
}

/** After an automatic retraining, says which version is used now. */
function keptLine({ onlyIfBetter }: TrainingRow, model: ModelRow | undefined, t: Translate): string {
  if (onlyIfBetter !== true || model === undefined) return '';
  return t('tables.train.replaced', { replaced: String(model.active), version: model.version });
}
