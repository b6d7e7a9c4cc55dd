import { z } from 'zod';
import type { TenantScope } from '../contracts/stores.js';
import { CONFIRMATIONS } from '../contracts/tool.js';
import { jsonBody } from '../lib/api/body-spec.js';
import { listSchema } from '../lib/api/fields.js';
import { wholeList } from '../lib/api/page.js';
import { HttpProblem, invalidRequest, notFound, orNotFound } from '../lib/api/problem.js';
import { defineRoute, empty, json, type Route } from '../lib/api/route.js';
import type { CustomTools } from './custom/custom-tools.js';
import type { Toolbox } from './registry.js';
import { toolExample, toolJson, toolSchema } from './tool-json.js';
import { toolSettingsStore, type ToolSettings } from './tool-settings-store.js';

const common = { auth: 'tenant', tag: 'tools' } as const;
const params = z.strictObject({ name: z.string().min(1).max(64) });
const response = { description: 'The tool', schema: toolSchema, example: toolExample };

export interface ToolRouteNeeds {
  readonly toolbox: Toolbox;
  readonly own: Pick<CustomTools, 'remove'>;
}

/** Routes for the tools of a business: list them, enable or disable them, remove its own. */
export function toolRoutes({ toolbox, own }: ToolRouteNeeds): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/tools',
      summary: 'List tools',
      responses: {
        200: {
          description: 'All of them',
          schema: listSchema(toolSchema),
          example: { items: [toolExample], next_cursor: null },
        },
      },
      async handler({ access: { scope } }) {
        const { specs } = await toolbox.of(scope);
        return wholeList(
          await toolsJson(
            toolbox,
            scope,
            specs.map(({ name }) => name),
          ),
          (tool) => tool,
        );
      },
    }),
    defineRoute({
      ...common,
      method: 'PUT',
      path: '/v1/tools/{name}',
      summary: 'Switch a tool on or off, or set who must confirm it',
      params,
      body: jsonBody(
        z.strictObject({ enabled: z.boolean().optional(), confirmation: z.enum(CONFIRMATIONS).optional() }),
        { enabled: true, confirmation: 'staff' },
      ),
      responses: { 200: response },
      async handler({ params: { name }, body, access: { scope } }) {
        await change(toolbox, scope, name, body);
        const [tool] = await toolsJson(toolbox, scope, [name]);
        return json(200, tool);
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/v1/tools/{name}',
      summary: 'Remove a custom tool',
      description: 'Those that come with Sapa can be switched off instead.',
      params,
      responses: { 204: { description: 'Removed' } },
      async handler({ params: { name }, access: { scope } }) {
        if (toolbox.builtIn.get(name) !== undefined) {
          throw new HttpProblem(409, 'tool_built_in', 'It comes with Sapa: switch it off instead.');
        }
        if (!(await own.remove(scope, name))) throw notFound();
        return empty;
      },
    }),
  ];
}

/** The current state of the named tools; unknown names are left out. */
export async function toolsJson(toolbox: Toolbox, scope: TenantScope, names: readonly string[]) {
  const [registry, settings] = await Promise.all([toolbox.of(scope), scope.store(toolSettingsStore).all()]);
  return registry.specs.flatMap((spec) => {
    const tool = registry.get(spec.name);
    if (tool === undefined || !names.includes(spec.name)) return [];
    const origin = toolbox.builtIn.get(spec.name) === undefined ? 'own' : 'sapa';
    return [toolJson(spec, tool, settings.get(spec.name), origin)];
  });
}

async function change(
  toolbox: Toolbox,
  scope: TenantScope,
  name: string,
  { enabled, confirmation }: { enabled?: boolean | undefined; confirmation?: ToolSettings['confirmation'] },
): Promise<void> {
  const tool = orNotFound((await toolbox.of(scope)).get(name));
  if (tool.effect === 'read' && confirmation !== undefined && confirmation !== 'never') {
    throw invalidRequest('A tool that only reads is never confirmed.');
  }
  const update = {
    ...(enabled === undefined ? {} : { enabled }),
    ...(confirmation === undefined ? {} : { confirmation }),
  };
  if (Object.keys(update).length > 0) await scope.store(toolSettingsStore).change(name, update);
}
