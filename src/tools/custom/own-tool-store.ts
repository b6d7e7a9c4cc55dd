import { defineRoomStore, defineRoomTable } from '../../contracts/stores.js';
import type { McpServer, OwnTool } from './own-tool.js';

/** Schemas hold names that a field cannot have (`$ref`, `a.b`), so the definition is kept as text. */
interface OwnToolRow {
  readonly _id: string;
  readonly definition: string;
  readonly serverId?: string;
  readonly sealedHeaders?: string;
  readonly createdAt: Date;
}

interface McpServerRow extends Omit<McpServer, 'id'> {
  readonly _id: string;
}

const tools = defineRoomTable<OwnToolRow>('own_tools', [{ keys: { serverId: 1 } }]);
const servers = defineRoomTable<McpServerRow>('mcp_servers');

export interface OwnToolStore {
  /** In the order of their names. */
  all(): Promise<readonly OwnTool[]>;
  /** Whether there was none of that name. */
  put(tool: OwnTool): Promise<boolean>;
  /** What was removed. */
  remove(name: string): Promise<OwnTool | undefined>;
  servers(): Promise<readonly McpServer[]>;
  server(id: string): Promise<McpServer | undefined>;
  putServer(server: McpServer): Promise<void>;
  /** It will not come back when the server is asked for its tools again. */
  markRemoved(serverId: string, tool: string): Promise<void>;
  removeServer(id: string): Promise<void>;
}

export const ownToolStore = defineRoomStore<OwnToolStore>({
  tables: [tools, servers],
  open({ rows, reconfigured }) {
    return {
      async all() {
        const found = await rows(tools).find({}).sort({ _id: 1 }).toArray();
        return found.map(toolOf);
      },
      async put(tool) {
        const { _id: name, ...row } = rowOf(tool);
        const { matchedCount } = await rows(tools).replaceOne({ _id: name }, row, { upsert: true });
        await reconfigured();
        return matchedCount === 0;
      },
      async remove(name) {
        const row = await rows(tools).findOneAndDelete({ _id: String(name) });
        await reconfigured();
        return row === null ? undefined : toolOf(row);
      },
      async servers() {
        return (await rows(servers).find({}).toArray()).map(serverOf);
      },
      async server(id) {
        const row = await rows(servers).findOne({ _id: String(id) });
        return row === null ? undefined : serverOf(row);
      },
      async putServer({ id, ...row }) {
        await rows(servers).replaceOne({ _id: id }, row, { upsert: true });
      },
      async markRemoved(serverId, tool) {
        await rows(servers).updateOne({ _id: String(serverId) }, { $addToSet: { removed: String(tool) } });
      },
      async removeServer(id) {
        await rows(servers).deleteOne({ _id: String(id) });
      },
    };
  },
});

function rowOf({ name, createdAt, sealedHeaders, ...definition }: OwnTool): OwnToolRow {
  const { call } = definition;
  return {
    _id: name,
    definition: JSON.stringify(definition),
    ...(call.type === 'mcp' ? { serverId: call.serverId } : {}),
    ...(sealedHeaders === undefined ? {} : { sealedHeaders }),
    createdAt,
  };
}

function toolOf({ _id: name, definition, createdAt, sealedHeaders }: OwnToolRow): OwnTool {
  // Written by `rowOf` alone.
  const known = JSON.parse(definition) as Omit<OwnTool, 'name' | 'createdAt' | 'sealedHeaders'>;
  return { ...known, name, createdAt, ...(sealedHeaders === undefined ? {} : { sealedHeaders }) };
}

function serverOf({ _id: id, ...server }: McpServerRow): McpServer {
  return { id, ...server };
}
