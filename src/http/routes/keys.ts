import { z } from 'zod';
import { mayDo, PERMISSIONS } from '../../contracts/permissions.js';
import type { ApiKeyInfo, ServiceStore } from '../../contracts/stores.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { idSchema, listSchema, pageQuery, textSchema, timeSchema } from '../../lib/api/fields.js';
import { pageOfList } from '../../lib/api/page.js';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, empty, json } from '../../lib/api/route.js';
import { notFound } from '../../lib/api/problem.js';
import { missingScope } from '../server/authenticate.js';
import { mustExist, tenantParams } from './tenant-params.js';

/** Dependencies of these routes. */
export interface KeyRouteNeeds {
  readonly service: Pick<ServiceStore, 'keys' | 'createKey' | 'revokeKey'>;
}

const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('First characters, to recognise it by'),
  scopes: z.array(z.string()).nullable().describe('What it may do; null is everything'),
  created_at: timeSchema,
  last_used_at: timeSchema.nullable(),
});

const keyExample = {
  id: 'key_5mQ0x7cWb2nVrT8sYkLd1A',
  name: 'shop site',
  prefix: 'sk_ab12',
  scopes: null,
  created_at: '2026-01-05T02:00:00.000Z',
  last_used_at: null,
};

function keyJson({
  id,
  name,
  prefix,
  scopes,
  createdAt,
  lastUsedAt,
}: ApiKeyInfo): z.output<typeof keySchema> {
  return {
    id,
    name,
    prefix,
    scopes: scopes === undefined ? null : [...scopes],
    created_at: createdAt.toISOString(),
    last_used_at: lastUsedAt?.toISOString() ?? null,
  };
}

const common = { auth: 'path-tenant', tag: 'tenants', area: 'keys' } as const;

const scopesSchema = z
  .array(z.enum(PERMISSIONS))
  .min(1)
  .max(PERMISSIONS.length)
  .describe('What the key may do, e.g. `chat:write`; everything when absent, `write` includes `read`');

export function keyRoutes(deps: KeyRouteNeeds): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/tenants/{id}/keys',
      summary: 'List the API keys of a tenant, without their secrets',
      params: tenantParams,
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of keys',
          schema: listSchema(keySchema),
          example: { items: [keyExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        const keys = await deps.service.keys(mustExist(scope).tenantId);
        return pageOfList(keys, query, ({ id }) => id, keyJson);
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/tenants/{id}/keys',
      summary: 'Create an API key',
      secretAnswer: true,
      params: tenantParams,
      body: jsonBody(z.strictObject({ name: textSchema(100), scopes: scopesSchema.optional() }), {
        name: 'shop site',
        scopes: ['chat:write'],
      }),
      responses: {
        201: {
          description: 'Made; `api_key` is shown in this answer only',
          schema: keySchema.extend({ api_key: z.string() }),
          example: { ...keyExample, api_key: 'sapa_example_shown_once' },
        },
      },
      async handler({ body, access: { scope, scopes: own } }) {
        const beyond = (body.scopes ?? PERMISSIONS).find((each) => !mayDo(own, each));
        // A key cannot create a key that may do more than itself.
        if (beyond !== undefined) throw missingScope(beyond);
        const { tenantId } = mustExist(scope);
        const { info, key } = await deps.service.createKey(tenantId, body.name, body.scopes);
        return json(201, { ...keyJson(info), api_key: key });
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/v1/tenants/{id}/keys/{key_id}',
      summary: 'Revoke an API key with immediate effect',
      params: tenantParams.extend({ key_id: idSchema }),
      responses: { 204: { description: 'Revoked' } },
      async handler({ params, access: { scope } }) {
        if (!(await deps.service.revokeKey(mustExist(scope).tenantId, params.key_id))) throw notFound();
        return empty;
      },
    }),
  ];
}
