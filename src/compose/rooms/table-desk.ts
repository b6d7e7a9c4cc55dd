import { modelJson, tabularStore, type TabularService } from '../../tabular/index.js';
import type { TableDesk } from '../../tools/index.js';

/** The newest ones are what somebody asks for. */
const MOST = 20;

/** Tables and models as tools tell of them. */
export function tableDesk(tabular: TabularService): TableDesk {
  return {
    async datasets(scope) {
      const { items } = await scope.store(tabularStore).datasets.list({ limit: MOST });
      return items.map(({ _id: id, name, rows, columns, targetCandidates }) => ({
        id,
        name,
        rows,
        columns,
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
      const { modelId, predictions, probabilities } = await tabular.predictRows(scope, model, [row]);
      const probability = probabilities?.[0];
      return {
        model_id: modelId,
        prediction: predictions[0],
        ...(probability === undefined ? {} : { probability }),
      };
    },
  };
}
