import type { CommandContext, CommandReply } from '../../contracts/command.js';
import { quote } from '../../lib/text/excerpt.js';
import { shortId } from '../../lib/ids/short-id.js';
import type { ModelRow } from '../records/records.js';
import { numberText } from '../report/number-text.js';
import type { TabularNeeds } from './needs.js';

const REASONS = 3;

/**
 * The prediction for one row, and the reasons. Values not given are missing, which every model can handle.
 */
export async function predictOne(
  { t, locale, scope, services }: CommandContext<TabularNeeds>,
  row: ModelRow,
  values: ReadonlyMap<string, string>,
): Promise<CommandReply> {
  const cells = Object.fromEntries(row.columns.map((column) => [column, values.get(column) ?? '']));
  const { predictions, probabilities } = await services.tabular.predictRows(scope, row._id, [cells]);
  const [prediction = ''] = predictions;
  const [sure] = probabilities ?? [];
  const target = quote(row.target === '' ? row.name : row.target);
  const sentence =
    sure === undefined
      ? t('tables.predict.number', { target, prediction: numberText(Number(prediction), locale) })
      : t('tables.predict.class', {
          target,
          prediction: quote(String(prediction)),
          sure: Math.round(sure * 100),
        });
  const reasons = (await services.tabular.explain(scope, row, cells, prediction))
    .filter(({ value }) => Math.abs(value) > 1e-6)
    .slice(0, REASONS)
    .map(
      ({ column, value }) =>
        `${quote(column)} ${quote(values.get(column) ?? t('tables.predict.notGiven'))} (${value > 0 ? '↑' : '↓'})`,
    );
  const because = reasons.length === 0 ? [] : [t('tables.predict.because', { reasons: reasons.join(', ') })];
  return {
    text: [sentence, ...because].join('\n'),
    buttons: [[{ label: t('tables.button.another'), action: `/predict with ${shortId(row._id)}` }]],
  };
}
