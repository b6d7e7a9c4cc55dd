import type { Lane } from '../../contracts/stores.js';
import { defineTable } from '../database.js';

export interface LaneRow extends Omit<Lane, 'owner'> {
  readonly _id: string;
  /** Absent while nobody is working on the conversation. */
  readonly owner?: string;
  /** When it must be looked at next; for a held lane, when its lease ends or earlier. */
  readonly dueAt: Date;
  /** 1970 while the lane is free. */
  readonly leaseUntil: Date;
  /** Counts calls of `mark`, so that a release knows whether the lane was marked in the meantime. */
  readonly marks: number;
  /** The lane is looked at once more at this time, whatever was found before. */
  readonly keepUntil?: Date;
  /** The account whose connection the work needs; absent: any process can do it. */
  readonly needs?: string;
}

export const laneTable = defineTable<LaneRow>(
  'lanes',
  {
    _id: String,
    tenantId: String,
    conversationId: String,
    owner: String,
    dueAt: Date,
    leaseUntil: Date,
    fence: Number,
    marks: Number,
    keepUntil: Date,
    needs: String,
  },
  [{ keys: { dueAt: 1 } }],
);

/** Unambiguous, because a tenant's id contains no slash. */
export function laneIdOf(tenantId: string, conversationId: string): string {
  return `${tenantId}/${conversationId}`;
}
