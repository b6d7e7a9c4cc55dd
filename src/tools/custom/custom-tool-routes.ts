import { checkAddress } from '../../lib/api/check-address.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import { addMcp } from '../mcp/mcp-server-routes.js';
import type { McpServers } from '../mcp/mcp-servers.js';
import { toolExample, toolSchema } from '../tool-json.js';
import { toolsJson } from '../tool-routes.js';
import { httpToolOf, httpToolSchema } from './http-body.js';
import { addOpenApi } from './openapi-routes.js';
import type { CustomToolRouteNeeds } from './custom-tools.js';
import { refuseTaken, withoutPlaceholders } from './refuse-tools.js';

/** Routes with which a business adds its own tools. */
export function customToolRoutes(deps: CustomToolRouteNeeds & { readonly servers: McpServers }): Route[] {
  return [addHttp(deps), addOpenApi(deps), addMcp(deps)];
}

function addHttp({ toolbox, own, outbound }: CustomToolRouteNeeds): Route {
  const response = { schema: toolSchema, example: { ...toolExample, name: 'order_status', origin: 'own' } };
  return defineRoute({
    auth: 'tenant',
    tag: 'tools',
    method: 'POST',
    path: '/v1/tools/http',
    summary: 'Add a tool that calls your own service',
    description:
      'Each argument replaces the {placeholder} of its name in the address; the others are sent in the query of a GET or DELETE, and as a JSON body otherwise. A tool of the same name is replaced.',
    body: jsonBody(httpToolSchema, {
      name: 'order_status',
      description: 'Where an order is, by its number.',
      method: 'GET',
      url: 'https://shop.example/api/orders/{order}?phone={contact.phone}',
      headers: { authorization: 'Bearer 5mQ0x7cWb2nVrT8sYkLd1A' },
      input_schema: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] },
      result_path: 'data.status',
    }),
    responses: {
      200: { ...response, description: 'Replaced' },
      201: { ...response, description: 'Added' },
    },
    async handler({ body, access: { scope } }) {
      const tool = httpToolOf(body);
      await refuseTaken(own, scope, tool.name);
      await checkAddress(outbound, withoutPlaceholders(body.url));
      const isNew = await own.put(scope, tool, body.headers ?? {});
      const [toolJson] = await toolsJson(toolbox, scope, [tool.name]);
      return json(isNew ? 201 : 200, toolJson);
    },
  });
}
