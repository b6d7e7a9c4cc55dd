import { createHash } from 'node:crypto';
import { z } from 'zod';
import { tenantSettingsSchema } from '../../contracts/settings.js';
import type { TenantSettingsChange } from '../../contracts/settings-change.js';
import type { Tenant } from '../../contracts/stores.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { listSchema, localeSchema, pageQuery, tenantIdSchema, timeSchema } from '../../lib/api/fields.js';
import { listAnswer, pageRequest, wholeList } from '../../lib/api/page.js';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, empty, json } from '../../lib/api/route.js';
import { HttpProblem, notFound, orNotFound } from '../../lib/api/problem.js';
import { saveSettings, type SaveSettingsNeeds } from './save-settings.js';
import { tenantParams } from './tenant-params.js';
import { settingsBody } from './tenant-settings.js';
import type { MakeId } from '../../contracts/runtime.js';

/** Dependencies of these routes. */
export interface TenantRouteNeeds extends SaveSettingsNeeds {
  accountsChanged(): void;
  readonly makeId: MakeId;
}

const tenantSchema = z.object({
  id: z.string(),
  name: z.string(),
  locale: localeSchema,
  timezone: z.string(),
  created_at: timeSchema,
  updated_at: timeSchema,
});

const tenantExample = {
  id: 'demo',
  name: 'Batik Sekar',
  locale: 'id',
  timezone: 'Asia/Jakarta',
  created_at: '2026-01-05T02:00:00.000Z',
  updated_at: '2026-01-05T02:00:00.000Z',
};

function tenantJson(tenant: Tenant): z.output<typeof tenantSchema> {
  const { name, locale, timezone } = tenant.settings;
  return {
    id: tenant.id,
    name,
    locale,
    timezone,
    created_at: tenant.createdAt.toISOString(),
    updated_at: tenant.updatedAt.toISOString(),
  };
}

const createBody = settingsBody.extend({
  name: tenantSettingsSchema.shape.name,
  id: tenantIdSchema.optional().describe('Yours; made when absent'),
}) as unknown as z.ZodObject &
  z.ZodType<TenantSettingsChange & { readonly name: string; readonly api_key?: ''; readonly id?: string }>;

export function tenantRoutes(deps: TenantRouteNeeds): Route[] {
  return [...listAndCreate(deps), ...oneTenant(deps)];
}

function listAndCreate(deps: TenantRouteNeeds): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/tenants',
      auth: 'admin',
      tag: 'tenants',
      summary: 'List tenants',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of tenants',
          schema: listSchema(tenantSchema),
          example: { items: [tenantExample], next_cursor: null },
        },
      },
      async handler({ query }) {
        return listAnswer(await deps.service.tenants(pageRequest(query)), tenantJson);
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/tenants',
      auth: 'admin',
      tag: 'tenants',
      summary: 'Create a tenant',
      description:
        'Fields of its settings may be given; an empty `api_key` makes a key, shown in this answer only.',
      secretAnswer: true,
      body: jsonBody(createBody, { id: 'toko-a', name: 'Toko A', api_key: '' }),
      responses: {
        201: {
          description: 'Created',
          schema: tenantSchema.extend({ api_key: z.string().optional() }),
          example: { ...tenantExample, id: 'toko-a', name: 'Toko A', api_key: 'sapa_example_shown_once' },
        },
      },
      newTenantId,
      async handler({ body, request }) {
        const key = request.idempotencyKey;
        const id = newTenantId(body, key ?? deps.makeId('tenant'));
        if ((await deps.service.tenant(id)) !== undefined) {
          throw new HttpProblem(409, 'tenant_exists', 'There is a tenant with this id already.');
        }
        const { id: _id, api_key: apiKey, ...change } = body;
        const { tenant, madeKey } = await saveSettings(deps, { id, change, apiKey, isOperator: true });
        return json(201, { ...tenantJson(tenant), ...(madeKey === undefined ? {} : { api_key: madeKey }) });
      },
    }),
  ];
}

/** The same Idempotency-Key creates the same tenant, even if the first answer was lost. */
function newTenantId(body: z.output<typeof createBody>, seed: string): string {
  // Other ids are base64url, but databases are named after this one: lower case only.
  return body.id ?? `tenant_${createHash('sha256').update(seed).digest('hex').slice(0, 32)}`;
}

function oneTenant(deps: TenantRouteNeeds): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/tenants/{id}',
      auth: 'path-tenant',
      tag: 'tenants',
      summary: 'Get a tenant',
      params: tenantParams,
      responses: { 200: { description: 'The tenant', schema: tenantSchema, example: tenantExample } },
      async handler({ params }) {
        const tenant = orNotFound(await deps.service.tenant(params.id));
        return json(200, tenantJson(tenant));
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/tenants/{id}',
      auth: 'path-tenant',
      tag: 'tenants',
      summary: 'Erase a tenant with all its data; needs the global key',
      idempotency: 'none',
      params: tenantParams,
      responses: { 204: { description: 'Erased' } },
      async handler({ params, access }) {
        if (!access.isAdmin) throw new HttpProblem(403, 'admin_only', 'This needs the global key.');
        if (!(await deps.service.removeTenant(params.id))) throw notFound();
        deps.accountsChanged();
        return empty;
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/workspaces/',
      legacyPaths: ['/workspaces/'],
      auth: 'host',
      tag: 'tenants',
      summary: 'Get the tenant of the key or of the Host',
      responses: {
        200: {
          description: 'That one tenant',
          schema: listSchema(tenantSchema),
          example: { items: [tenantExample], next_cursor: null },
        },
      },
      handler: ({ access }) => wholeList([access.tenant], tenantJson),
    }),
  ];
}
