import type { AuditEntry } from '../contracts/audit.js';
import {
  defineRoomStore,
  defineRoomTable,
  StoreError,
  type Page,
  type PageRequest,
} from '../contracts/stores.js';

/** How long the audit trail is kept, in seconds. */
const KEPT_SECONDS = 2 * 365 * 24 * 3600;

type AuditRow = Omit<AuditEntry, 'id'> & { readonly _id: string };

const trail = defineRoomTable<AuditRow>('audit', [
  { keys: { at: -1, _id: -1 } },
  { keys: { at: 1 }, options: { expireAfterSeconds: KEPT_SECONDS } },
]);

export interface AuditStore {
  add(entry: Omit<AuditEntry, 'id' | 'at'>): Promise<void>;
  /** Newest first. */
  list(page: PageRequest): Promise<Page<AuditEntry>>;
}

export const auditStore = defineRoomStore<AuditStore>({
  tables: [trail],
  open({ rows, clock, makeId }) {
    return {
      async add(entry) {
        await rows(trail).insertOne({ _id: makeId('audit'), at: clock.now(), ...entry });
      },
      async list({ limit, cursor }) {
        const after = cursor === undefined ? undefined : await rows(trail).findOne({ _id: String(cursor) });
        if (after === null) throw new StoreError('invalid-cursor', 'the cursor names nothing of this list');
        const older =
          after === undefined
            ? {}
            : { $or: [{ at: { $lt: after.at } }, { at: after.at, _id: { $lt: after._id } }] };
        const records = await rows(trail)
          .find(older)
          .sort({ at: -1, _id: -1 })
          .limit(limit + 1)
          .toArray();
        const items = records.slice(0, limit).map(({ _id: id, ...entry }) => ({ id, ...entry }));
        const last = items.at(-1);
        return records.length > limit && last !== undefined ? { items, nextCursor: last.id } : { items };
      },
    };
  },
});
