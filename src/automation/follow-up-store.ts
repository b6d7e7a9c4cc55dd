import { FOLLOW_UP_REASONS } from '../contracts/follow-up-planner.js';
import type { Page, PageRequest } from '../contracts/stores.js';
import { defineRoomStore, defineRoomTable } from '../contracts/stores.js';
import type { FollowUp } from './follow-up.js';
import { newestFirst } from './newest-first.js';

interface FollowUpRow extends Omit<FollowUp, 'id'> {
  readonly _id: string;
}

const table = defineRoomTable<FollowUpRow>('follow_ups', [
  { keys: { status: 1, createdAt: -1 } },
  { keys: { contactId: 1, createdAt: -1 } },
  { keys: { createdAt: -1, _id: -1 } },
  { keys: { status: 1, nextRunAt: 1 } },
  {
    keys: { status: 1, endedAt: -1 },
    // Pending follow-ups are many and have no end yet, so the index leaves them out.
    options: { partialFilterExpression: { endedAt: { $exists: true } } },
  },
]);

export interface FollowUpFilter {
  readonly status?: FollowUp['status'];
  readonly contactIds?: readonly string[];
}

/** Fields to change; `undefined` removes the field. */
export type FollowUpChange = { readonly [Field in keyof Omit<FollowUp, 'id'>]?: FollowUp[Field] | undefined };

/** Conditions that must still hold, besides being pending. */
export interface FollowUpCondition {
  /** Its message is not being sent yet. */
  readonly unsaid?: true;
  /** It still has this time; `undefined`: it still has none. */
  readonly nextRunAt?: Date | undefined;
}

export interface FollowUpStore {
  /** `false`: a follow-up with this id exists and is left unchanged. */
  insert(followUp: FollowUp): Promise<boolean>;
  get(id: string): Promise<FollowUp | undefined>;
  /** Changes a pending follow-up; `undefined` if it is not pending, fails a condition or does not exist. */
  changePending(id: string, change: FollowUpChange, still?: FollowUpCondition): Promise<FollowUp | undefined>;
  /** How many are still to be sent before a moment. */
  countDue(before: Date): Promise<number>;
  /** Follow-ups that failed from a moment until before another, latest first. */
  failed(
    ended: { readonly from: Date; readonly until?: Date },
    limit: number,
    contactIds?: readonly string[],
  ): Promise<readonly FollowUp[]>;
  /** Newest first. */
  list(filter: FollowUpFilter, page: PageRequest): Promise<Page<FollowUp>>;
  /** The steps of one round of a sequence, in order. */
  steps(ids: readonly string[]): Promise<readonly FollowUp[]>;
}

export const followUpStore = defineRoomStore<FollowUpStore>({
  tables: [table],
  async erase({ rows }, { contactIds, conversationIds }) {
    await rows(table).deleteMany({
      $or: [{ contactId: { $in: [...contactIds] } }, { conversationId: { $in: [...conversationIds] } }],
    });
  },
  open({ rows }) {
    return {
      async insert({ id, ...rest }) {
        const { upsertedCount } = await rows(table).updateOne(
          { _id: String(id) },
          { $setOnInsert: present(rest) },
          { upsert: true },
        );
        return upsertedCount === 1;
      },
      async get(id) {
        const row = await rows(table).findOne({ _id: String(id) });
        return row === null ? undefined : followUpOf(row);
      },
      async changePending(id, change, still = {}) {
        const unsetFields = Object.entries(change).filter(([, value]) => value === undefined);
        const filter = {
          _id: String(id),
          status: 'pending' as const,
          ...(still.unsaid === undefined ? {} : { sayingSince: { $exists: false } }),
          ...('nextRunAt' in still ? { nextRunAt: still.nextRunAt ?? { $exists: false } } : {}),
        };
        const row = await rows(table).findOneAndUpdate(
          filter,
          {
            $set: present(change),
            ...(unsetFields.length === 0
              ? {}
              : { $unset: Object.fromEntries(unsetFields.map(([name]) => [name, 1 as const])) }),
          },
          { returnDocument: 'after' },
        );
        return row === null ? undefined : followUpOf(row);
      },
      async list({ status, contactIds }, page) {
        const filter = {
          ...(status === undefined ? {} : { status }),
          ...(contactIds === undefined ? {} : { contactId: { $in: contactIds.map(String) } }),
        };
        const result = await newestFirst(rows(table), filter, page);
        return { ...result, items: result.items.map((row) => followUpOf(row)) };
      },
      async failed({ from, until }, limit, contactIds) {
        const filter = {
          status: 'failed' as const,
          endedAt: { $gte: from, ...(until === undefined ? {} : { $lt: until }) },
          ...(contactIds === undefined ? {} : { contactId: { $in: contactIds.map(String) } }),
        };
        const records = await rows(table).find(filter).sort({ endedAt: -1 }).limit(limit).toArray();
        return records.map((row) => followUpOf(row));
      },
      countDue(before) {
        return rows(table).countDocuments({ status: 'pending', nextRunAt: { $lt: before } });
      },
      async steps(ids) {
        const records = await rows(table)
          .find({ _id: { $in: ids.map(String) } })
          .toArray();
        const place = new Map(ids.map((id, index) => [id, index]));
        return records
          .map((row) => followUpOf(row))
          .sort((one, other) => (place.get(one.id) ?? 0) - (place.get(other.id) ?? 0));
      },
    };
  },
});

function present(fields: FollowUpChange): Omit<Partial<FollowUpRow>, '_id'> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Earlier versions stored the platform's words as the reason. */
function followUpOf({ _id: id, ...followUp }: FollowUpRow): FollowUp {
  const { reason } = followUp;
  if (reason === undefined || FOLLOW_UP_REASONS.includes(reason)) return { id, ...followUp };
  return { id, ...followUp, reason: 'not_delivered', detail: reason };
}
