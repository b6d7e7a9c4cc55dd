import { defineRoomStore, defineRoomTable } from '../../contracts/stores.js';
import type { McpServer, CustomTool } from './custom-tool.js';

/**
 * Schemas contain names that are not allowed as field names (`$ref`, `a.b`), so the definition is stored as
 * text. Both kinds share one collection, because a cluster limits the collections of all its tenants
 * together.
 */
interface CustomToolRow {
  /** `tool/name` or `server/id`. */
  readonly _id: string;
  readonly definition: string;
  readonly sealedHeaders?: string;
  /** Servers only: tools that must not come back. */
  readonly removed?: readonly string[];
  /** When the tool was added, or the server last asked for its tools. */
  readonly at: Date;
}

const table = defineRoomTable<CustomToolRow>('own_tools');
const TOOL = 'tool/';
const SERVER = 'server/';
/** Matches all ids of a kind; '0' follows '/' in the sort order. */
const idsOf = (kind: string) => ({ $gt: kind, $lt: `${kind.slice(0, -1)}0` });

export interface CustomToolStore {
  /** Ordered by name. */
  all(): Promise<readonly CustomTool[]>;
  /** Returns whether the name was new. */
  put(tool: CustomTool): Promise<boolean>;
  /** Returns what was removed. */
  remove(name: string): Promise<CustomTool | undefined>;
  servers(): Promise<readonly McpServer[]>;
  server(id: string): Promise<McpServer | undefined>;
  putServer(server: McpServer): Promise<void>;
  /** Keeps the tool from coming back when the server is asked for its tools again. */
  markRemoved(serverId: string, tool: string): Promise<void>;
  removeServer(id: string): Promise<void>;
}

export const customToolStore = defineRoomStore<CustomToolStore>({
  tables: [table],
  open({ rows, reconfigured }) {
    const put = async ({ _id, ...row }: CustomToolRow): Promise<boolean> => {
      const { matchedCount } = await rows(table).replaceOne({ _id }, row, { upsert: true });
      return matchedCount === 0;
    };
    return {
      async all() {
        const records = await rows(table)
          .find({ _id: idsOf(TOOL) })
          .sort({ _id: 1 })
          .toArray();
        return records.map(toolOf);
      },
      async put(tool) {
        const isNew = await put(rowOfTool(tool));
        await reconfigured();
        return isNew;
      },
      async remove(name) {
        const row = await rows(table).findOneAndDelete({ _id: `${TOOL}${name}` });
        await reconfigured();
        return row === null ? undefined : toolOf(row);
      },
      async servers() {
        const records = await rows(table)
          .find({ _id: idsOf(SERVER) })
          .toArray();
        return records.map(serverOf);
      },
      async server(id) {
        const row = await rows(table).findOne({ _id: `${SERVER}${id}` });
        return row === null ? undefined : serverOf(row);
      },
      async putServer(server) {
        await put(rowOfServer(server));
      },
      async markRemoved(serverId, tool) {
        await rows(table).updateOne({ _id: `${SERVER}${serverId}` }, { $addToSet: { removed: tool } });
      },
      async removeServer(id) {
        await rows(table).deleteOne({ _id: `${SERVER}${id}` });
      },
    };
  },
});

function rowOfTool({ name, createdAt, sealedHeaders, ...definition }: CustomTool): CustomToolRow {
  return {
    _id: `${TOOL}${name}`,
    definition: JSON.stringify(definition),
    ...(sealedHeaders === undefined ? {} : { sealedHeaders }),
    at: createdAt,
  };
}

function toolOf({ _id, definition, at, sealedHeaders }: CustomToolRow): CustomTool {
  // Written only by `rowOfTool`.
  const content = JSON.parse(definition) as Omit<CustomTool, 'name' | 'createdAt' | 'sealedHeaders'>;
  const name = _id.slice(TOOL.length);
  return { ...content, name, createdAt: at, ...(sealedHeaders === undefined ? {} : { sealedHeaders }) };
}

function rowOfServer({ id, url, sealedHeaders, removed, refreshedAt }: McpServer): CustomToolRow {
  return {
    _id: `${SERVER}${id}`,
    definition: url,
    ...(sealedHeaders === undefined ? {} : { sealedHeaders }),
    removed,
    at: refreshedAt,
  };
}

function serverOf({ _id, definition, sealedHeaders, removed = [], at }: CustomToolRow): McpServer {
  return {
    id: _id.slice(SERVER.length),
    url: definition,
    ...(sealedHeaders === undefined ? {} : { sealedHeaders }),
    removed,
    refreshedAt: at,
  };
}
