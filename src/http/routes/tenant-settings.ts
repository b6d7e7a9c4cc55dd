import { z } from 'zod';
import { tenantSettingsSchema } from '../../contracts/settings.js';
import { tenantSettingsChangeSchema, type TenantSettingsChange } from '../../contracts/settings-change.js';
import { mayDo } from '../../contracts/permissions.js';
import { missingScope } from '../server/authenticate.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, json, versionTag } from '../../lib/api/route.js';
import { saveSettings, type SaveSettingsNeeds } from './save-settings.js';
import { orNotFound } from '../../lib/api/problem.js';
import { mustExist, tenantParams } from './tenant-params.js';

export const settingsBody = tenantSettingsChangeSchema.extend({
  api_key: z
    .literal('', 'keys are made here, not chosen: send ""')
    .optional()
    .describe('Empty: makes a key, shown once in this answer'),
}) as z.ZodObject & z.ZodType<TenantSettingsChange & { readonly api_key?: '' }>;

const settingsExample = {
  ...tenantSettingsSchema.parse({ name: 'Batik Sekar' }),
  persona: 'You are Sekar, the friendly assistant of a batik shop.',
  locale: 'id',
};

const answerSchema = tenantSettingsSchema.extend({ api_key: z.string().optional() });

const common = {
  auth: 'path-tenant',
  tag: 'tenants',
  area: 'settings',
  path: '/v1/tenants/{id}/settings',
  params: tenantParams,
} as const;
const legacyPaths = ['/tenants/{id}/settings'];

export function tenantSettingsRoutes(deps: SaveSettingsNeeds): Route[] {
  return [
    defineRoute({
      ...common,
      legacyPaths,
      method: 'GET',
      summary: 'Get the settings of a tenant',
      responses: {
        200: { description: 'The settings', schema: tenantSettingsSchema, example: settingsExample },
      },
      async handler({ access: { scope } }) {
        const tenant = orNotFound(await deps.service.tenant(mustExist(scope).tenantId));
        return json(200, tenant.settings, versionTag(tenant.version));
      },
    }),
    ...(['PUT', 'PATCH'] as const).map((method) => changeRoute(deps, method)),
  ];
}

/** Both methods change only the fields they name, so that what a client does not know is preserved. */
function changeRoute(deps: SaveSettingsNeeds, method: 'PUT' | 'PATCH'): Route {
  return defineRoute({
    ...common,
    // When creating, a malformed id is the client's mistake rather than a missing resource.
    params: z.strictObject({ id: z.string() }),
    legacyPaths,
    method,
    summary: 'Change the named settings; the global key also creates the tenant',
    description:
      'Fields and fields of sections that are absent stay as they are; `null` puts one back to its default. With `If-Match` the change is refused when one of the fields it names was changed after that version.',
    secretAnswer: true,
    body: jsonBody(settingsBody, { name: 'Batik Sekar', locale: 'id', api_key: '' }),
    responses: {
      200: { description: 'Changed', schema: answerSchema, example: settingsExample },
      201: {
        description: 'Created',
        schema: answerSchema,
        example: { ...settingsExample, api_key: 'sapa_example_shown_once' },
      },
      412: { description: 'Changed meanwhile: `If-Match` names another version' },
    },
    async handler({ params: { id }, body, access: { isAdmin, scopes }, request }) {
      const { api_key: apiKey, ...change } = body;
      if (apiKey !== undefined && !mayDo(scopes, 'keys:write')) throw missingScope('keys:write');
      const wish = { id, change, apiKey, isOperator: isAdmin, keyScopes: scopes, ifVersion: request.ifMatch };
      const { tenant, created, madeKey } = await saveSettings(deps, wish);
      const answer = madeKey === undefined ? tenant.settings : { ...tenant.settings, api_key: madeKey };
      return json(created ? 201 : 200, answer, versionTag(tenant.version));
    },
  });
}
