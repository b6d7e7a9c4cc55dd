import { defineRoomStore, defineRoomTable } from '../contracts/stores.js';
import type { Confirmation } from '../contracts/tool.js';

/** What a business changed about a tool. */
export interface ToolSettings {
  readonly enabled?: boolean;
  readonly confirmation?: Confirmation;
}

const table = defineRoomTable<ToolSettings & { readonly _id: string }>('tool_settings');

export interface ToolSettingsStore {
  all(): Promise<ReadonlyMap<string, ToolSettings>>;
  get(name: string): Promise<ToolSettings>;
  change(name: string, change: ToolSettings): Promise<ToolSettings>;
  forget(name: string): Promise<void>;
}

export const toolSettingsStore = defineRoomStore<ToolSettingsStore>({
  tables: [table],
  open({ rows, reconfigured }) {
    return {
      async all() {
        const records = await rows(table).find({}).toArray();
        return new Map(records.map(({ _id: name, ...settings }) => [name, settings]));
      },
      get: async (name) => (await rows(table).findOne({ _id: String(name) })) ?? {},
      async change(name, change) {
        const row = await rows(table).findOneAndUpdate(
          { _id: String(name) },
          { $set: change },
          { upsert: true, returnDocument: 'after' },
        );
        await reconfigured();
        return row ?? {};
      },
      async forget(name) {
        await rows(table).deleteOne({ _id: String(name) });
        await reconfigured();
      },
    };
  },
});
