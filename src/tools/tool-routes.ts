import { z } from 'zod';
import type { ToolSpec } from '../contracts/model.js';
import type { TenantScope } from '../contracts/stores.js';
import { CONFIRMATIONS, type Tool } from '../contracts/tool.js';
import { jsonBody } from '../lib/api/body-spec.js';
import { listSchema } from '../lib/api/fields.js';
import { wholeList } from '../lib/api/page.js';
import { HttpProblem, invalidRequest, notFound } from '../lib/api/problem.js';
import { defineRoute, json, type Route } from '../lib/api/route.js';
import { effective } from './offered.js';
import type { ToolRegistry } from './registry.js';
import { toolSettingsStore, type ToolSettings } from './tool-settings-store.js';

const toolSchema = z.object({
  name: z.string(),
  description: z.string(),
  effect: z.enum(['read', 'write']),
  permission: z.enum(['everyone', 'staff']),
  confirmation: z.enum(CONFIRMATIONS),
  enabled: z.boolean(),
  input_schema: z.record(z.string(), z.unknown()),
});

const example = {
  name: 'schedule_follow_up',
  description: 'Writes to the person who asks at a later time.',
  effect: 'write',
  permission: 'everyone',
  confirmation: 'person',
  enabled: true,
  input_schema: { type: 'object', properties: { message: { type: 'string' } } },
};

const common = { auth: 'tenant', tag: 'tools' } as const;
const params = z.strictObject({ name: z.string().min(1).max(64) });
const response = { description: 'The tool', schema: toolSchema, example };

/** The tools of a business: which there are, and which of them it wants used. */
export function toolRoutes({ registry }: { readonly registry: ToolRegistry }): Route[] {
  const found = (name: string): Tool => {
    const tool = registry.get(name);
    if (tool === undefined) throw notFound();
    return tool;
  };
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/tools',
      summary: 'What models may do',
      responses: {
        200: {
          description: 'All of them',
          schema: listSchema(toolSchema),
          example: { items: [example], next_cursor: null },
        },
      },
      async handler({ access: { scope } }) {
        const settings = await scope.store(toolSettingsStore).all();
        return wholeList(registry.specs, (spec) => toolJson(spec, found(spec.name), settings.get(spec.name)));
      },
    }),
    defineRoute({
      ...common,
      method: 'PUT',
      path: '/v1/tools/{name}',
      summary: 'Switch a tool on or off, or say who must agree',
      params,
      body: jsonBody(
        z.strictObject({ enabled: z.boolean().optional(), confirmation: z.enum(CONFIRMATIONS).optional() }),
        { enabled: true, confirmation: 'staff' },
      ),
      responses: { 200: response },
      handler: ({ params: { name }, body, access: { scope } }) => change(scope, name, body),
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/v1/tools/{name}',
      summary: 'Remove a tool of your own',
      description: 'Those that come with Sapa can be switched off instead.',
      params,
      responses: { 204: { description: 'Removed' } },
      handler({ params: { name } }) {
        found(name);
        throw new HttpProblem(409, 'tool_built_in', 'It comes with Sapa: switch it off instead.');
      },
    }),
  ];

  async function change(
    scope: TenantScope,
    name: string,
    { enabled, confirmation }: { enabled?: boolean | undefined; confirmation?: ToolSettings['confirmation'] },
  ) {
    const tool = found(name);
    if (tool.effect === 'read' && confirmation !== undefined && confirmation !== 'never') {
      throw invalidRequest('A tool that only reads is never confirmed.');
    }
    const wanted = {
      ...(enabled === undefined ? {} : { enabled }),
      ...(confirmation === undefined ? {} : { confirmation }),
    };
    const store = scope.store(toolSettingsStore);
    const settings =
      Object.keys(wanted).length === 0 ? await store.get(name) : await store.change(name, wanted);
    const spec = registry.specs.find((each) => each.name === name);
    if (spec === undefined) throw notFound();
    return json(200, toolJson(spec, tool, settings));
  }
}

function toolJson(
  { name, description, inputSchema }: ToolSpec,
  tool: Tool,
  settings: ToolSettings | undefined,
): z.output<typeof toolSchema> {
  const { enabled, confirmation } = effective(tool, settings);
  return {
    name,
    description,
    effect: tool.effect,
    permission: tool.permission ?? 'everyone',
    confirmation,
    enabled,
    input_schema: { ...inputSchema },
  };
}
