import type { Clock } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { Tool } from '../../contracts/tool.js';
import type { GuardedFetch } from '../../lib/net/guarded-fetch.js';
import type { McpServers } from '../mcp/mcp-servers.js';
import type { Toolbox, ToolRegistry } from '../registry.js';
import { toolSettingsStore } from '../tool-settings-store.js';
import { openCustomTool, type CustomToolNeeds } from './open-custom-tool.js';
import { MOST_CUSTOM_TOOLS, type NewTool } from './custom-tool.js';
import { customToolStore } from './custom-tool-store.js';
import type { HeaderMap } from './sealed-headers.js';

export interface CustomToolsDependencies extends Omit<CustomToolNeeds, 'callMcp'> {
  readonly servers: McpServers;
  readonly builtIn: ToolRegistry;
  readonly clock: Clock;
}

/** Dependencies of the routes that add tools. */
export interface CustomToolRouteNeeds {
  readonly toolbox: Toolbox;
  readonly own: CustomTools;
  readonly outbound: GuardedFetch;
}

/** The tools businesses add to the built-in ones. */
export class CustomTools {
  constructor(private readonly deps: CustomToolsDependencies) {}

  /** The tools of a business, ready to run. */
  async of(scope: TenantScope): Promise<readonly Tool[]> {
    const stored = await scope.store(customToolStore).all();
    const { servers } = this.deps;
    const needs: CustomToolNeeds = { ...this.deps, callMcp: (...call) => servers.call(...call) };
    return stored.map((each) => openCustomTool(each, needs));
  }

  isTaken(name: string): boolean {
    return this.deps.builtIn.get(name) !== undefined;
  }

  /** Whether these tools fit within the limit, next to the existing ones. */
  async hasRoom(scope: TenantScope, names: readonly string[]): Promise<boolean> {
    const existing = (await scope.store(customToolStore).all()).map(({ name }) => name);
    return new Set([...existing, ...names]).size <= MOST_CUSTOM_TOOLS;
  }

  /** Replaces a tool of the same name. Returns whether the name was new. */
  async put(scope: TenantScope, tool: NewTool, headers: HeaderMap): Promise<boolean> {
    const { clock, vault } = this.deps;
    const sealedHeaders = vault.seal(scope.tenantId, tool.name, headers);
    return scope.store(customToolStore).put({
      ...tool,
      ...(sealedHeaders === undefined ? {} : { sealedHeaders }),
      createdAt: clock.now(),
    });
  }

  /** `false`: there is no tool of that name. */
  async remove(scope: TenantScope, name: string): Promise<boolean> {
    const tool = await scope.store(customToolStore).remove(name);
    if (tool === undefined) return false;
    await scope.store(toolSettingsStore).forget(name);
    if (tool.call.type === 'mcp') await this.deps.servers.forget(scope, tool.call);
    return true;
  }
}
