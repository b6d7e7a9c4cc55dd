import type { Lane } from '../../contracts/stores.js';
import { defineTable } from '../database.js';

export interface LaneRow extends Omit<Lane, 'owner'> {
  readonly _id: string;
  /** Absent while nobody works on the conversation. */
  readonly owner?: string;
  /** When it must be looked at again; for a held lane that is when its lease ends, or earlier. */
  readonly dueAt: Date;
  /** 1970 while nobody holds it. */
  readonly leaseUntil: Date;
  /** Counts `mark`: tells a release whether somebody marked the lane meanwhile. */
  readonly marks: number;
  /** It is looked at once more then, whatever was found before. */
  readonly keepUntil?: Date;
  /** The account whose connection its work goes through; absent: any process will do. */
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

/** A tenant's id has no slash. */
export function laneIdOf(tenantId: string, conversationId: string): string {
  return `${tenantId}/${conversationId}`;
}
