import { defineRoomStore, defineRoomTable } from '../contracts/stores.js';

/** How long a finished export is kept, in seconds. */
const KEPT_SECONDS = 24 * 3600;

export interface ContactExport {
  readonly id: string;
  readonly status: 'queued' | 'running' | 'done' | 'failed';
  /** 0..1 */
  readonly progress: number;
  /** Contacts stored so far. */
  readonly contacts: number;
  /** Parts stored so far. */
  readonly parts: number;
  /** Where the next part begins; `null`: there is none. */
  readonly cursor?: string | null;
  /** Known once all contacts have been scanned for their fields. */
  readonly fieldNames?: readonly string[];
  readonly error?: { readonly code: string; readonly detail: string };
  readonly createdAt: Date;
}

type Row = Omit<ContactExport, 'id'> & { readonly _id: string };

interface PartRow {
  readonly _id: string;
  readonly exportId: string;
  readonly text: string;
  readonly createdAt: Date;
}

const expires = [{ keys: { createdAt: 1 }, options: { expireAfterSeconds: KEPT_SECONDS } }] as const;
const table = defineRoomTable<Row>('contact_exports', expires);
const partTable = defineRoomTable<PartRow>('contact_export_parts', [
  ...expires,
  { keys: { exportId: 1, _id: 1 } },
]);

/** An export is discarded when a contact is erased, because the person may be in it. */
const OUTDATED = {
  status: 'failed',
  error: { code: 'contact_erased', detail: 'A contact was erased since. Please export again.' },
} as const;

export interface ContactExportStore {
  insert(item: ContactExport): Promise<void>;
  get(id: string): Promise<ContactExport | undefined>;
  /** `false`: the export has ended in the meantime, and nothing is changed. */
  change(id: string, change: Partial<Omit<ContactExport, 'id'>>): Promise<boolean>;
  /** Saving the same part again replaces it. */
  savePart(id: string, part: number, text: string, at: Date): Promise<void>;
  part(id: string, part: number): Promise<string | undefined>;
  removeParts(id: string): Promise<void>;
}

export const contactExportStore = defineRoomStore<ContactExportStore>({
  tables: [table, partTable],
  /** The person may be in any export, so all of them are removed. */
  async erase({ rows }) {
    await rows(table).updateMany({ status: { $ne: 'failed' } }, { $set: OUTDATED });
    await rows(partTable).deleteMany({});
  },
  open({ rows }) {
    return {
      async insert({ id, ...rest }) {
        await rows(table).insertOne({ _id: id, ...rest });
      },
      async get(id) {
        const row = await rows(table).findOne({ _id: String(id) });
        if (row === null) return undefined;
        const { _id, ...rest } = row;
        return { id: _id, ...rest };
      },
      async change(id, change) {
        const isUnderWay = { _id: String(id), status: { $in: ['queued', 'running'] as const } };
        const { matchedCount } = await rows(table).updateOne(isUnderWay, { $set: change });
        return matchedCount === 1;
      },
      async savePart(id, part, text, at) {
        const row = { exportId: String(id), text, createdAt: at };
        await rows(partTable).updateOne({ _id: partId(id, part) }, { $set: row }, { upsert: true });
      },
      async part(id, part) {
        return (await rows(partTable).findOne({ _id: partId(id, part) }))?.text;
      },
      async removeParts(id) {
        await rows(partTable).deleteMany({ exportId: String(id) });
      },
    };
  },
});

function partId(id: string, part: number): string {
  return `${String(id)}:${String(part)}`;
}
