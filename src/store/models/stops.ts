import { defineTable } from '../database.js';

export interface StopRow {
  readonly _id: string;
  readonly tenantId: string;
  readonly eventKey: string;
  readonly expiresAt: Date;
}

export const stopTable = defineTable<StopRow>(
  'stops',
  { _id: String, tenantId: String, eventKey: String, expiresAt: Date },
  [{ keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } }],
);
