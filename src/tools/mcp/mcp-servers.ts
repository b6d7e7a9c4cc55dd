import type { Confirmation, ToolContext } from '../../contracts/tool.js';
import { defineJob, handleJob, type Job, type JobQueue } from '../../contracts/queue.js';
import type { Clock, Logger } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { ToolError } from '../../contracts/tool.js';
import type { GuardedFetch } from '../../lib/net/guarded-fetch.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { inputOf, SchemaError } from '../custom/input-schema.js';
import type { McpCall, McpServer, CustomTool } from '../custom/custom-tool.js';
import { customToolStore } from '../custom/custom-tool-store.js';
import type { HeaderMap, HeaderVault } from '../custom/sealed-headers.js';
import { TOOL_NAME, type ToolRegistry } from '../registry.js';
import { freeName, toolName } from '../tool-name.js';
import { toolSettingsStore } from '../tool-settings-store.js';
import { McpServerError } from './mcp-error.js';

const LONGEST_DESCRIPTION = 1000;

/** Loaded on demand, because the SDK takes a while to load and most businesses connect no server. */
const client = () => import('./mcp-client.js');

const refreshJob = defineJob<{ readonly serverId: string }>('tools.mcp', { tries: 1 });

export interface McpServersDependencies {
  readonly builtIn: ToolRegistry;
  readonly outbound: GuardedFetch;
  readonly vault: HeaderVault;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ListedServer {
  readonly serverName: string;
  readonly tools: readonly CustomTool[];
  readonly skipped: readonly { readonly operation: string; readonly reason: string }[];
}

/** The MCP servers that businesses connected, and their tools. */
export class McpServers {
  constructor(private readonly deps: McpServersDependencies) {}

  jobs(): readonly Job[] {
    return [
      handleJob(refreshJob, {
        run: (scope, { serverId }, { signal }) => this.refresh(scope, serverId, signal),
      }),
    ];
  }

  /**
   * Lists the server's tools as tools of the business, without storing them. Rejects with `McpServerError`.
   */
  async list(
    scope: TenantScope,
    target: { readonly url: string; readonly headers: HeaderMap },
    confirmation: Confirmation | undefined,
    signal: AbortSignal,
  ): Promise<ListedServer> {
    const { outbound, clock } = this.deps;
    const serverId = idOf(scope, target.url);
    const { listMcpTools } = await client();
    const { serverName, tools: remoteTools } = await listMcpTools(target, { outbound, signal });
    const stored = await scope.store(customToolStore).all();
    const names = new Map(stored.map(({ name, call }) => [name, call] as const));
    const tools: CustomTool[] = [];
    const skipped: { operation: string; reason: string }[] = [];
    for (const { name: tool, description = '', inputSchema, annotations } of remoteTools) {
      const call: McpCall = { type: 'mcp', serverId, tool };
      const name = this.nameFor(call, serverName, names);
      try {
        const isRead = annotations?.readOnlyHint === true;
        tools.push({
          name,
          description: (description.trim() || annotations?.title || tool).slice(0, LONGEST_DESCRIPTION),
          effect: isRead ? 'read' : 'write',
          ...(isRead || confirmation === undefined ? {} : { confirmation }),
          inputSchema: inputOf(inputSchema).jsonSchema,
          call,
          createdAt: clock.now(),
        });
        names.set(name, call);
      } catch (error) {
        if (!(error instanceof SchemaError)) throw error;
        skipped.push({ operation: tool, reason: error.message });
      }
    }
    return { serverName, tools, skipped };
  }

  /** Stores the server with these tools and schedules an hourly refresh. */
  async keep(
    scope: TenantScope,
    { url, headers }: { readonly url: string; readonly headers: HeaderMap },
    tools: readonly CustomTool[],
  ): Promise<void> {
    const { clock, vault, queue } = this.deps;
    const id = idOf(scope, url);
    const sealedHeaders = vault.seal(scope.tenantId, id, headers);
    const server: McpServer = {
      id,
      url,
      ...(sealedHeaders === undefined ? {} : { sealedHeaders }),
      removed: [],
      refreshedAt: clock.now(),
    };
    await scope.store(customToolStore).putServer(server);
    await this.replace(scope, id, tools);
    const minute = Buffer.from(id).reduce((sum, byte) => sum + byte, 0) % 60;
    const schedule = { key: id, cron: `${minute} * * * *`, timezone: 'UTC' };
    await queue.repeat(refreshJob, scope.tenantId, { serverId: id }, schedule);
  }

  /** Call after the business removed one of the server's tools. */
  async forget(scope: TenantScope, { serverId, tool }: McpCall): Promise<void> {
    const store = scope.store(customToolStore);
    await store.markRemoved(serverId, tool);
    if ((await toolsOf(scope, serverId)).length > 0) return;
    await store.removeServer(serverId);
    await this.deps.queue.cancel(refreshJob, scope.tenantId, serverId);
  }

  async call(
    { effect }: CustomTool,
    { serverId, tool }: McpCall,
    input: Readonly<Record<string, unknown>>,
    { scope, signal }: ToolContext,
    idempotencyKey: string,
  ): Promise<unknown> {
    const { outbound } = this.deps;
    const server = await scope.store(customToolStore).server(serverId);
    if (server === undefined) throw new ToolError('failed', 'The server is not connected any more.');
    const call = { tool, input, isWrite: effect === 'write', idempotencyKey };
    const { callMcpTool } = await client();
    return callMcpTool(this.targetOf(scope, server), call, { outbound, signal });
  }

  /**
   * Refreshes the tools of a server. If it cannot be reached, its tools are kept until the next try in an
   * hour.
   */
  private async refresh(scope: TenantScope, serverId: string, signal: AbortSignal): Promise<void> {
    const { logger, clock } = this.deps;
    const store = scope.store(customToolStore);
    const server = await store.server(serverId);
    if (server === undefined) return;
    try {
      const { tools } = await this.list(scope, this.targetOf(scope, server), undefined, signal);
      const before = new Map((await toolsOf(scope, serverId)).map((tool) => [tool.name, tool]));
      const includedTools = tools.filter(
        ({ call }) => call.type === 'mcp' && !server.removed.includes(call.tool),
      );
      await this.replace(
        scope,
        serverId,
        includedTools.map((tool) => asAgreed(tool, before.get(tool.name))),
      );
      await store.putServer({ ...server, refreshedAt: clock.now() });
    } catch (error) {
      if (!(error instanceof McpServerError)) throw error;
      logger.warn(
        { error, tenantId: scope.tenantId, serverId },
        'the tools of an MCP server could not be listed',
      );
    }
  }

  private async replace(scope: TenantScope, serverId: string, tools: readonly CustomTool[]): Promise<void> {
    const store = scope.store(customToolStore);
    const names = new Set(tools.map(({ name }) => name));
    for (const tool of tools) await store.put(tool);
    for (const { name } of await toolsOf(scope, serverId)) {
      if (names.has(name)) continue;
      await store.remove(name);
      await scope.store(toolSettingsStore).forget(name);
    }
  }

  private targetOf({ tenantId }: TenantScope, { id, url, sealedHeaders }: McpServer) {
    return { url, headers: this.deps.vault.open(tenantId, id, sealedHeaders) };
  }

  /** The name the tool already has; else its own name, prefixed with the server's if that is taken. */
  private nameFor(call: McpCall, serverName: string, names: ReadonlyMap<string, CustomTool['call']>): string {
    for (const [name, existing] of names) if (isSame(existing, call)) return name;
    const isTaken = (name: string): boolean =>
      !TOOL_NAME.test(name) || names.has(name) || this.deps.builtIn.get(name) !== undefined;
    const own = toolName(call.tool);
    if (!isTaken(own)) return own;
    const long = toolName(`${serverName} ${call.tool}`);
    return freeName(TOOL_NAME.test(long) ? long : `mcp_${long}`.slice(0, 60), isTaken);
  }
}

function isSame(existing: CustomTool['call'], call: McpCall): boolean {
  return existing.type === 'mcp' && existing.serverId === call.serverId && existing.tool === call.tool;
}

/**
 * A tool once known to write stays so, because a server must not lift the need for confirmation on its own.
 */
function asAgreed(tool: CustomTool, before: CustomTool | undefined): CustomTool {
  if (before === undefined) return tool;
  const confirmation = before.confirmation === undefined ? {} : { confirmation: before.confirmation };
  return before.effect === 'write' ? { ...tool, ...confirmation, effect: 'write' } : tool;
}

async function toolsOf(scope: TenantScope, serverId: string): Promise<readonly CustomTool[]> {
  const all = await scope.store(customToolStore).all();
  return all.filter(({ call }) => call.type === 'mcp' && call.serverId === serverId);
}

function idOf({ tenantId }: TenantScope, url: string): string {
  return derivedId('mcp', tenantId, url);
}
