import { defineRoomStore, defineRoomTable } from '../contracts/stores.js';
import type { Evaluation } from './evaluation.js';

interface EvaluationRow extends Omit<Evaluation, 'id'> {
  readonly _id: string;
}

const table = defineRoomTable<EvaluationRow>('knowledge_evaluations', [{ keys: { createdAt: -1, _id: -1 } }]);
/** As many as one page shows. */
const NEWEST = 100;

export interface EvaluationStore {
  insert(evaluation: Evaluation): Promise<void>;
  /** The newest hundred, newest first. */
  newest(): Promise<readonly Evaluation[]>;
}

export const evaluationStore = defineRoomStore<EvaluationStore>({
  tables: [table],
  open({ rows }) {
    return {
      async insert({ id, ...rest }) {
        await rows(table).insertOne({ _id: id, ...rest });
      },
      async newest() {
        const records = await rows(table).find({}).sort({ createdAt: -1, _id: -1 }).limit(NEWEST).toArray();
        return records.map(({ _id: id, ...evaluation }) => ({ id, ...evaluation }));
      },
    };
  },
});
