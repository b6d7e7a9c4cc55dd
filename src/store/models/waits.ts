import { defineTable } from '../database.js';

export interface WaitRow {
  readonly _id: string;
  readonly until: Date;
}

export const waitTable = defineTable<WaitRow>('platform_waits', { _id: String, until: Date }, [
  { keys: { until: 1 }, options: { expireAfterSeconds: 0 } },
]);
