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
]);

export interface FollowUpFilter {
  readonly status?: FollowUp['status'];
  readonly contactIds?: readonly string[];
}

export interface FollowUpStore {
  insert(followUp: FollowUp): Promise<void>;
  get(id: string): Promise<FollowUp | undefined>;
  /** Changes it while it is pending; `undefined` when it no longer is, or never was. */
  changePending(id: string, change: Partial<Omit<FollowUp, 'id'>>): Promise<FollowUp | undefined>;
  /** Newest first. */
  list(filter: FollowUpFilter, page: PageRequest): Promise<Page<FollowUp>>;
}

export const followUpStore = defineRoomStore<FollowUpStore>({
  tables: [table],
  open({ rows }) {
    return {
      async insert({ id, ...rest }) {
        await rows(table).insertOne({ _id: id, ...rest });
      },
      async get(id) {
        const row = await rows(table).findOne({ _id: String(id) });
        return row === null ? undefined : followUpOf(row);
      },
      async changePending(id, change) {
        const row = await rows(table).findOneAndUpdate(
          { _id: String(id), status: 'pending' },
          { $set: change },
          { returnDocument: 'after' },
        );
        return row === null ? undefined : followUpOf(row);
      },
      async list({ status, contactIds }, page) {
        const filter = {
          ...(status === undefined ? {} : { status }),
          ...(contactIds === undefined ? {} : { contactId: { $in: contactIds.map(String) } }),
        };
        const found = await newestFirst(rows(table), filter, page);
        return { ...found, items: found.items.map((row) => followUpOf(row)) };
      },
    };
  },
});

function followUpOf({ _id: id, ...followUp }: FollowUpRow): FollowUp {
  return { id, ...followUp };
}
