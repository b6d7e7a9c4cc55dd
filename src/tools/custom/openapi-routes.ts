import { z } from 'zod';
import { checkAddress } from '../../lib/api/check-address.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { HttpProblem } from '../../lib/api/problem.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import { followRedirects } from '../../lib/net/follow-redirects.js';
import { OutboundError, type GuardedFetch } from '../../lib/net/guarded-fetch.js';
import { withDeadline } from '../../lib/work/with-deadline.js';
import { toolExample, toolSchema } from '../tool-json.js';
import { toolsJson } from '../tool-routes.js';
import { openApiSchema } from './http-body.js';
import { SchemaError } from './input-schema.js';
import { importOpenApi, type ImportedOperations } from './openapi.js';
import type { CustomToolRouteNeeds, CustomTools } from './custom-tools.js';
import { MOST_OPENAPI_BYTES, OpenApiError, readOpenApi } from './read-openapi.js';
import { refuseTooMany, withoutPlaceholders } from './refuse-tools.js';

/** Time limit for fetching a document from its URL, in ms. */
const READ_MS = 20_000;

const importedSchema = z.object({
  items: z.array(toolSchema),
  skipped: z.array(z.object({ operation: z.string(), reason: z.string() })),
});

export function addOpenApi({ toolbox, own, outbound }: CustomToolRouteNeeds): Route {
  return defineRoute({
    auth: 'tenant',
    tag: 'tools',
    method: 'POST',
    path: '/v1/tools/openapi',
    summary: 'Add the operations of an OpenAPI document as tools',
    description:
      'OpenAPI 3.0 or 3.1. A GET reads; other operations change something and are confirmed. Tools of the same names are replaced.',
    body: jsonBody(openApiSchema, {
      url: 'https://shop.example/openapi.yaml',
      operations: ['getOrder', 'POST /returns'],
      headers: { authorization: 'Bearer 5mQ0x7cWb2nVrT8sYkLd1A' },
    }),
    responses: {
      201: {
        description: 'The tools, and which operations cannot be one',
        schema: importedSchema,
        example: {
          items: [{ ...toolExample, name: 'get_order', origin: 'own' }],
          skipped: [{ operation: 'uploadPhoto', reason: 'its body is not JSON' }],
        },
      },
    },
    async handler({ body, access: { scope }, request: { signal } }) {
      const { operations, headers = {}, confirmation } = body;
      const { tools, skipped } = await imported(own, body, outbound, operations, signal);
      await refuseTooMany(
        own,
        scope,
        tools.map(({ name }) => name),
      );
      for (const each of tools) await checkAddress(outbound, withoutPlaceholders(each.call.url));
      for (const each of tools) {
        const agreed = each.effect === 'read' || confirmation === undefined ? {} : { confirmation };
        await own.put(scope, { ...each, ...agreed }, headers);
      }
      const items = await toolsJson(
        toolbox,
        scope,
        tools.map(({ name }) => name),
      );
      return json(201, { items, skipped });
    },
  });
}

async function imported(
  customTools: CustomTools,
  { spec, url }: z.output<typeof openApiSchema>,
  outbound: GuardedFetch,
  operations: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<ImportedOperations> {
  try {
    const read = url === undefined ? undefined : await readAt(url, outbound, signal);
    const document = await readOpenApi(read?.text ?? spec);
    const result = importOpenApi(document, {
      ...(operations === undefined ? {} : { operations }),
      ...(read === undefined ? {} : { readAt: read.url }),
      isTaken: (name) => customTools.isTaken(name),
    });
    if (result.tools.length > 0) return result;
    throw new OpenApiError(
      [
        'It has no operation that can be a tool.',
        ...result.skipped.map((each) => `${each.operation}: ${each.reason}.`),
      ]
        .join(' ')
        .slice(0, 1000),
    );
  } catch (error) {
    if (!(error instanceof OpenApiError) && !(error instanceof SchemaError)) throw error;
    throw new HttpProblem(422, 'openapi_unusable', error.message, { cause: error });
  }
}

async function readAt(
  address: string,
  outbound: GuardedFetch,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly url: URL }> {
  await checkAddress(outbound, address);
  try {
    const { status, body, url } = await withDeadline(signal, READ_MS, (within) =>
      followRedirects(outbound, new URL(address), {
        method: 'GET',
        headers: { accept: 'application/json, application/yaml, */*;q=0.5', 'accept-encoding': 'identity' },
        signal: within,
        maxBytes: MOST_OPENAPI_BYTES + 1,
      }),
    );
    if (status === 200) return { text: body.toString('utf8'), url };
    throw new OpenApiError(`The address answered ${status}.`);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    throw new OpenApiError('The address cannot be read.', { cause: error });
  }
}
