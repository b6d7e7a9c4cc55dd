import { modelJson, tabularStore, type TabularService } from '../../tabular/index.js';
import type { TableDesk } from '../../tools/index.js';

/** Only the newest are listed, since those are what people ask for. */
const MOST = 20;
/** Maximum number of reasons shown. */
const REASONS = 3;

/** Describes tables and models for tools. */
export function tableDesk(tabular: TabularService): TableDesk {
  return {
    async datasets(scope) {
      const { items } = await scope.store(tabularStore).datasets.list({ limit: MOST });
      return items.map(({ _id: id, name, rows, columns, targetCandidates }) => ({
        id,
        name,
        rows,
        // Sample values could contain people's names, so they are left out.
        columns: columns.map(({ histogram: _, top, ...column }) => ({
          ...column,
          ...(top === undefined || column.personal ? {} : { top }),
        })),
        target_candidates: targetCandidates,
      }));
    },
    async models(scope) {
      const { items } = await scope.store(tabularStore).models.list({ limit: MOST });
      return items.map((row) => {
        const { id, name, version, task, target, columns, active, metrics } = modelJson(row);
        return { id, name, version, task, target, columns, active, metrics };
      });
    },
    async predict(scope, model, row) {
      const modelRow = await tabular.model(scope, model);
      // Unknown values are passed as missing, which every model accepts.
      const cells = Object.fromEntries(modelRow.columns.map((column) => [column, row[column] ?? null]));
      const { modelId, predictions, probabilities } = await tabular.predictRows(scope, modelRow._id, [cells]);
      const [prediction = ''] = predictions;
      const probability = probabilities?.[0];
      const reasons = await tabular.explain(scope, modelRow, cells, prediction);
      const unknown = Object.keys(row).filter((column) => !modelRow.columns.includes(column));
      return {
        model_id: modelId,
        target: modelRow.target,
        prediction,
        ...(probability === undefined ? {} : { probability }),
        because: reasons.slice(0, REASONS).map(({ column, value }) => ({
          column,
          value: cells[column] ?? null,
          speaks: value > 0 ? 'for' : 'against',
        })),
        ...(unknown.length === 0 ? {} : { unknown_columns: unknown }),
      };
    },
  };
}
