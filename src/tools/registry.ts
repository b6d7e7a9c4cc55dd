import { z } from 'zod';
import type { ToolSpec } from '../contracts/model.js';
import type { TenantScope } from '../contracts/stores.js';
import type { Tool } from '../contracts/tool.js';

export interface ToolRegistry {
  /** The tools as described to models, in the order of the list. */
  readonly specs: readonly ToolSpec[];
  get(name: string): Tool | undefined;
}

/** The tools of each business: the built-in ones and its own. */
export interface Toolbox {
  /** Only the built-in tools. */
  readonly builtIn: ToolRegistry;
  of(scope: TenantScope): Promise<ToolRegistry>;
}

/** Function names that all vendors accept. */
export const TOOL_NAME = /^[a-z][a-z0-9_]{0,63}$/u;

/** Creates a registry from a list of tools; throws if a name is invalid or repeated. */
export function createToolRegistry(tools: readonly Tool[]): ToolRegistry {
  const byName = new Map<string, Tool>();
  for (const tool of tools) {
    if (!TOOL_NAME.test(tool.name)) throw new Error(`"${tool.name}" cannot be the name of a tool`);
    if (byName.has(tool.name)) throw new Error(`there are two tools named "${tool.name}"`);
    byName.set(tool.name, tool);
  }
  return { specs: tools.map(toSpec), get: (name) => byName.get(name) };
}

/** `own` returns a business's own tools; one with the name of a built-in tool is left out. */
export function createToolbox(
  builtIn: ToolRegistry,
  customTools?: (scope: TenantScope) => Promise<readonly Tool[]>,
): Toolbox {
  return {
    builtIn,
    async of(scope) {
      const ownTools = (await customTools?.(scope)) ?? [];
      if (ownTools.length === 0) return builtIn;
      const more = createToolRegistry(ownTools.filter(({ name }) => builtIn.get(name) === undefined));
      return {
        specs: [...builtIn.specs, ...more.specs],
        get: (name) => builtIn.get(name) ?? more.get(name),
      };
    },
  };
}

function toSpec(tool: Tool): ToolSpec {
  const { jsonSchema } = tool;
  if (jsonSchema !== undefined) {
    return { name: tool.name, description: tool.description, inputSchema: jsonSchema };
  }
  const inputSchema = z.toJSONSchema(tool.inputSchema, { io: 'input' });
  if (inputSchema.type !== 'object') throw new Error(`the input of the tool "${tool.name}" is not an object`);
  return { name: tool.name, description: tool.description, inputSchema };
}
