import { z } from 'zod';
import { tenantSettingsSchema } from '../../contracts/settings.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, json } from '../../lib/api/route.js';
import { saveSettings, type SaveSettingsNeeds } from './save-settings.js';
import { mustExist, tenantParams } from './tenant-params.js';

export const settingsBody = tenantSettingsSchema.extend({
  name: tenantSettingsSchema.shape.name.optional().describe('Name of the business; kept when absent'),
  api_key: z
    .literal('', 'keys are made here, not chosen: send ""')
    .optional()
    .describe('Empty: makes a key, shown once in this answer'),
});

const settingsExample = {
  ...tenantSettingsSchema.parse({ name: 'Batik Sekar' }),
  persona: 'You are Sekar, the friendly assistant of a batik shop.',
  locale: 'id',
};

const answerSchema = tenantSettingsSchema.extend({ api_key: z.string().optional() });

const common = {
  auth: 'path-tenant',
  tag: 'tenants',
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
      summary: 'How the bot of a business behaves',
      responses: {
        200: { description: 'The settings', schema: tenantSettingsSchema, example: settingsExample },
      },
      handler({ access: { scope } }) {
        return json(200, mustExist(scope).settings);
      },
    }),
    defineRoute({
      ...common,
      // An id that cannot be is a mistake of who creates, not a thing that is missing.
      params: z.strictObject({ id: z.string() }),
      legacyPaths,
      method: 'PUT',
      summary: 'Replace the settings; creates the tenant with the global key',
      description: 'Absent fields take their defaults, except the name of a tenant that exists.',
      secretAnswer: true,
      body: jsonBody(settingsBody, { name: 'Batik Sekar', locale: 'id', api_key: '' }),
      responses: {
        200: { description: 'Replaced', schema: answerSchema, example: settingsExample },
        201: {
          description: 'Created',
          schema: answerSchema,
          example: { ...settingsExample, api_key: 'sapa_example_shown_once' },
        },
      },
      async handler({ params, body }) {
        const { api_key: apiKey, ...settings } = body;
        const { tenant, created, madeKey } = await saveSettings(deps, { id: params.id, settings, apiKey });
        const answer = madeKey === undefined ? tenant.settings : { ...tenant.settings, api_key: madeKey };
        return json(created ? 201 : 200, answer);
      },
    }),
  ];
}
