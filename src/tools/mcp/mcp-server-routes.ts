import { z } from 'zod';
import { CONFIRMATIONS } from '../../contracts/tool.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { checkAddress } from '../../lib/api/check-address.js';
import { HttpProblem } from '../../lib/api/problem.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import { headersSchema } from '../custom/http-body.js';
import type { CustomToolRouteNeeds } from '../custom/custom-tools.js';
import { refuseTooMany } from '../custom/refuse-tools.js';
import { toolExample, toolSchema } from '../tool-json.js';
import { toolsJson } from '../tool-routes.js';
import { McpServerError } from './mcp-error.js';
import type { McpServers } from './mcp-servers.js';

const connectedSchema = z.object({
  server: z.string().describe('What it calls itself'),
  items: z.array(toolSchema),
  skipped: z.array(z.object({ operation: z.string(), reason: z.string() })),
});

const bodySchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(2000),
  headers: headersSchema.optional(),
  confirmation: z.enum(CONFIRMATIONS).optional().describe('Of those that change something'),
});

/** The route with which a business connects an MCP server. */
export function addMcp(deps: CustomToolRouteNeeds & { readonly servers: McpServers }): Route {
  const { toolbox, own, outbound, servers } = deps;
  return defineRoute({
    auth: 'tenant',
    tag: 'tools',
    method: 'POST',
    path: '/v1/tools/mcp',
    summary: 'Add the tools of an MCP server',
    description:
      'Streamable HTTP. A tool with `readOnlyHint` reads; others change something and are confirmed. The server is asked for its tools again every hour; the same address again replaces it.',
    body: jsonBody(bodySchema, {
      url: 'https://tools.example/mcp',
      headers: { authorization: 'Bearer 5mQ0x7cWb2nVrT8sYkLd1A' },
    }),
    responses: {
      201: {
        description: 'Its tools',
        schema: connectedSchema,
        example: {
          server: 'weather',
          items: [{ ...toolExample, name: 'get_forecast', origin: 'own' }],
          skipped: [],
        },
      },
    },
    async handler({ body: { url, headers = {}, confirmation }, access: { scope }, request: { signal } }) {
      await checkAddress(outbound, url);
      const target = { url, headers };
      const { serverName, tools, skipped } = await refusingUnusable(
        servers.list(scope, target, confirmation, signal),
      );
      const names = tools.map(({ name }) => name);
      await refuseTooMany(own, scope, names);
      await servers.keep(scope, target, tools);
      return json(201, { server: serverName, items: await toolsJson(toolbox, scope, names), skipped });
    },
  });
}

async function refusingUnusable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof McpServerError)) throw error;
    throw new HttpProblem(422, 'mcp_unusable', error.message, { cause: error });
  }
}
