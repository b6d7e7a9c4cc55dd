import type { Page, PageRequest } from '../contracts/stores.js';
import { defineRoomStore, defineRoomTable } from '../contracts/stores.js';
import type { Hook, HookDelivery } from './hook.js';
import { newestFirst } from './newest-first.js';

/** How long deliveries are kept, in seconds: they contain what people wrote. */
const KEPT_SECONDS = 7 * 24 * 3600;

/** How many ids one filter may contain. */
const ERASED_AT_ONCE = 1_000;

type Stored<Thing extends { readonly id: string }> = Omit<Thing, 'id'> & { readonly _id: string };

const hooks = defineRoomTable<Stored<Hook>>('hooks', [{ keys: { createdAt: -1, _id: -1 } }]);
const deliveries = defineRoomTable<Stored<HookDelivery>>('hook_deliveries', [
  { keys: { hookId: 1, status: 1, createdAt: -1 } },
  { keys: { createdAt: 1 }, options: { expireAfterSeconds: KEPT_SECONDS } },
  { keys: { contactId: 1, hookId: 1, order: 1 } },
]);

export interface HookStore {
  insert(hook: Hook): Promise<void>;
  get(id: string): Promise<Hook | undefined>;
  /** Every hook, newest first. */
  all(): Promise<readonly Hook[]>;
  /** Removes its deliveries as well. `false`: there is no such hook. */
  remove(id: string): Promise<boolean>;
  insertDelivery(delivery: HookDelivery): Promise<void>;
  delivery(hookId: string, id: string): Promise<HookDelivery | undefined>;
  /** The first pending delivery for this contact and hook. */
  firstPending(hookId: string, contactId: string): Promise<HookDelivery | undefined>;
  /** `undefined`: it does not exist, or no longer has one of these statuses. */
  changeDelivery(
    id: string,
    from: readonly HookDelivery['status'][],
    change: Partial<Omit<HookDelivery, 'id'>>,
  ): Promise<HookDelivery | undefined>;
  /** Newest first. */
  deliveries(
    hookId: string,
    status: HookDelivery['status'] | undefined,
    page: PageRequest,
  ): Promise<Page<HookDelivery>>;
}

export const hookStore = defineRoomStore<HookStore>({
  tables: [hooks, deliveries],
  /** Undelivered events are removed too: the business may no longer pass them on. */
  async erase({ rows }, { contactIds, conversationIds, turnIds }) {
    const ids = [...contactIds, ...conversationIds, ...turnIds];
    for (let at = 0; at < ids.length; at += ERASED_AT_ONCE) {
      const about = { $in: ids.slice(at, at + ERASED_AT_ONCE) };
      await rows(deliveries).deleteMany({ about, type: { $ne: 'contact.deleted' } });
    }
  },
  open({ rows, reconfigured }) {
    return {
      async insert({ id, ...rest }) {
        await rows(hooks).insertOne({ _id: id, ...rest });
        await reconfigured();
      },
      async get(id) {
        const row = await rows(hooks).findOne({ _id: String(id) });
        return row === null ? undefined : withId(row);
      },
      async all() {
        const records = await rows(hooks).find().sort({ createdAt: -1, _id: -1 }).toArray();
        return records.map((row) => withId(row));
      },
      async remove(id) {
        const { deletedCount } = await rows(hooks).deleteOne({ _id: String(id) });
        await rows(deliveries).deleteMany({ hookId: String(id) });
        await reconfigured();
        return deletedCount > 0;
      },
      async insertDelivery({ id, ...rest }) {
        await rows(deliveries).insertOne({ _id: id, ...rest });
      },
      async delivery(hookId, id) {
        const row = await rows(deliveries).findOne({ _id: String(id), hookId: String(hookId) });
        return row === null ? undefined : withId(row);
      },
      async firstPending(hookId, contactId) {
        const [row] = await rows(deliveries)
          .find({ contactId: String(contactId), hookId: String(hookId), status: 'pending' })
          .sort({ order: 1 })
          .limit(1)
          .toArray();
        return row === undefined ? undefined : withId(row);
      },
      async changeDelivery(id, from, change) {
        const row = await rows(deliveries).findOneAndUpdate(
          { _id: String(id), status: { $in: [...from] } },
          { $set: change },
          { returnDocument: 'after' },
        );
        return row === null ? undefined : withId(row);
      },
      async deliveries(hookId, status, page) {
        const filter = { hookId: String(hookId), ...(status === undefined ? {} : { status }) };
        const result = await newestFirst(rows(deliveries), filter, page);
        return { ...result, items: result.items.map((row) => withId(row)) };
      },
    };
  },
});

function withId<Row extends { readonly _id: string }>({
  _id: id,
  ...rest
}: Row): Omit<Row, '_id'> & { id: string } {
  return { id, ...rest };
}
