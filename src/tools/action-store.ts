import type { Action } from '../contracts/actions.js';
import type { Page, PageRequest } from '../contracts/stores.js';
import { defineRoomStore, defineRoomTable, StoreError } from '../contracts/stores.js';

interface ActionRow extends Omit<Action, 'id'> {
  readonly _id: string;
}

const table = defineRoomTable<ActionRow>('actions', [
  { keys: { status: 1, createdAt: -1 } },
  { keys: { createdAt: -1, _id: -1 } },
]);

type Change = Partial<Omit<Action, 'id'>>;

export interface ActionStore {
  /** Resolves to the action stored under the id: the given one, or an earlier one. */
  insert(action: Action): Promise<{ readonly action: Action; readonly isNew: boolean }>;
  get(id: string): Promise<Action | undefined>;
  /** Decides a waiting action that has not expired; `undefined`: it is not waiting. */
  decide(id: string, at: Date, change: Change): Promise<Action | undefined>;
  /** Marks the tool as started; `undefined`: it was started before, or must not run. */
  begin(id: string, at: Date): Promise<Action | undefined>;
  /** `undefined`: its status is no longer `from`. */
  change(id: string, from: Action['status'], change: Change): Promise<Action | undefined>;
  /** Newest first. */
  list(
    filter: { readonly status?: Action['status']; readonly at: Date },
    page: PageRequest,
  ): Promise<Page<Action>>;
}

export const actionStore = defineRoomStore<ActionStore>({
  tables: [table],
  async erase({ rows }, { contactIds, conversationIds }) {
    const ids = { $in: [...contactIds] };
    // Staff may have requested something about them.
    await rows(table).deleteMany({
      $or: [
        { contactId: ids },
        { 'arguments.contact_id': ids },
        { conversationId: { $in: [...conversationIds] } },
      ],
    });
  },
  open({ rows }) {
    const update = async (filter: Record<string, unknown>, change: Change): Promise<Action | undefined> => {
      const row = await rows(table).findOneAndUpdate(filter, { $set: change }, { returnDocument: 'after' });
      return row === null ? undefined : actionOf(row);
    };
    const get = async (id: string): Promise<Action | undefined> => {
      const row = await rows(table).findOne({ _id: String(id) });
      return row === null ? undefined : actionOf(row);
    };
    return {
      get,
      async insert({ id, ...rest }) {
        const row = await rows(table).findOneAndUpdate(
          { _id: id },
          { $setOnInsert: rest },
          { upsert: true, returnDocument: 'before' },
        );
        return row === null
          ? { action: { id, ...rest }, isNew: true }
          : { action: actionOf(row), isNew: false };
      },
      decide: (id, at, change) =>
        update({ _id: String(id), status: 'waiting', expiresAt: { $gt: at } }, change),
      begin: (id, at) =>
        update({ _id: String(id), status: 'running', startedAt: { $exists: false } }, { startedAt: at }),
      change: (id, from, change) => update({ _id: String(id), status: from }, change),
      async list({ status, at }, { limit, cursor }) {
        const after = cursor === undefined ? undefined : await rows(table).findOne({ _id: String(cursor) });
        if (after === null) throw new StoreError('invalid-cursor', 'the cursor names no action');
        const older =
          after === undefined
            ? []
            : [
                { createdAt: { $lt: after.createdAt } },
                { createdAt: after.createdAt, _id: { $lt: after._id } },
              ];
        const records = await rows(table)
          .find({ $and: [ofStatus(status, at), ...(older.length === 0 ? [] : [{ $or: older }])] })
          .sort({ createdAt: -1, _id: -1 })
          .limit(limit + 1)
          .toArray();
        const items = records.slice(0, limit).map(actionOf);
        const last = items.at(-1);
        return records.length > limit && last !== undefined ? { items, nextCursor: last.id } : { items };
      },
    };
  },
});

/** An action past its time has expired, whether or not that was recorded. */
function ofStatus(status: Action['status'] | undefined, at: Date) {
  if (status === undefined) return {};
  if (status === 'waiting') return { status, expiresAt: { $gt: at } };
  if (status !== 'expired') return { status };
  return { $or: [{ status }, { status: 'waiting' as const, expiresAt: { $lte: at } }] };
}

function actionOf({ _id: id, ...action }: ActionRow): Action {
  return { id, ...action };
}
