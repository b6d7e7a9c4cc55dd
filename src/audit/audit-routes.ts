import { z } from 'zod';
import { AUDIT_ACTORS, type AuditEntry } from '../contracts/audit.js';
import { listSchema, pageQuery, timeSchema } from '../lib/api/fields.js';
import { listAnswer, pageRequest } from '../lib/api/page.js';
import { defineRoute, type Route } from '../lib/api/route.js';
import { auditStore } from './audit-store.js';

const entrySchema = z.object({
  id: z.string(),
  at: timeSchema,
  actor: z.object({
    type: z.enum(AUDIT_ACTORS),
    id: z.string().nullable().describe('Of the key, or of the contact who decided'),
  }),
  action: z.string().describe('Part of the service and what was done, e.g. `settings.change`'),
  target: z.string().nullable().describe('Id of what was changed'),
  fields: z.array(z.string()).describe('Names of the fields that were given'),
});

const example = {
  id: 'audit_5mQ0x7cWb2nVrT8sYkLd1A',
  at: '2026-01-05T02:00:00.000Z',
  actor: { type: 'key', id: 'key_5mQ0x7cWb2nVrT8sYkLd1A' },
  action: 'settings.change',
  target: 'batik-sekar',
  fields: ['persona', 'tone'],
};

export function auditRoutes(): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/audit',
      auth: 'tenant',
      tag: 'audit',
      summary: 'List changes: who changed what, newest first',
      description:
        'Settings, keys, channels, knowledge, take-overs, decisions about actions, erasures, commands of staff and the command line, kept for two years; without secrets and without what people wrote.',
      query: pageQuery,
      responses: {
        200: {
          description: 'A page of the trail',
          schema: listSchema(entrySchema),
          example: { items: [example], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        return listAnswer(await scope.store(auditStore).list(pageRequest(query)), entryJson);
      },
    }),
  ];
}

function entryJson({ id, at, actor, action, target, fields }: AuditEntry): z.output<typeof entrySchema> {
  return {
    id,
    at: at.toISOString(),
    actor: { type: actor.type, id: actor.id ?? null },
    action,
    target: target ?? null,
    fields: [...(fields ?? [])],
  };
}
