import type { TenantScope } from '../../contracts/stores.js';
import { checkAddress } from '../../lib/api/check-address.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { HttpProblem } from '../../lib/api/problem.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import type { GuardedFetch } from '../../lib/guarded-fetch.js';
import type { Toolbox } from '../registry.js';
import { toolExample, toolSchema } from '../tool-json.js';
import { toolsJson } from '../tool-routes.js';
import { httpToolOf, httpToolSchema } from './http-body.js';
import { MOST_OWN_TOOLS, type OwnTools } from './own-tools.js';

export interface OwnToolRouteNeeds {
  readonly toolbox: Toolbox;
  readonly own: OwnTools;
  readonly outbound: GuardedFetch;
}

const common = { auth: 'tenant', tag: 'tools', method: 'POST', idempotency: 'own' } as const;

/** How a business adds tools of its own. */
export function ownToolRoutes(deps: OwnToolRouteNeeds): Route[] {
  return [addHttp(deps)];
}

function addHttp({ toolbox, own, outbound }: OwnToolRouteNeeds): Route {
  const response = { schema: toolSchema, example: { ...toolExample, name: 'order_status', origin: 'own' } };
  return defineRoute({
    ...common,
    path: '/v1/tools/http',
    summary: 'Add a tool that calls a service of yours',
    description:
      'Arguments stand in the address where it has their {placeholder}; others go into the query of a GET or DELETE, and into a JSON body else. A tool of the same name is replaced.',
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
      await checkAddress(outbound, body.url.replace(/\{[^{}]*\}/g, 'x'));
      const isNew = await own.put(scope, tool, body.headers ?? {});
      const [shown] = await toolsJson(toolbox, scope, [tool.name]);
      return json(isNew ? 201 : 200, shown);
    },
  });
}

async function refuseTaken(own: OwnTools, scope: TenantScope, name: string): Promise<void> {
  if (own.isTaken(name)) {
    throw new HttpProblem(409, 'tool_built_in', 'A tool that comes with Sapa has this name.');
  }
  if (!(await own.hasRoom(scope, [name]))) {
    throw new HttpProblem(
      409,
      'too_many_tools',
      `A business has at most ${MOST_OWN_TOOLS} tools of its own.`,
    );
  }
}
