import { z } from 'zod';
import type { Events } from '../contracts/events.js';
import type { Clock } from '../contracts/runtime.js';
import { uploadBody } from '../lib/api/body-spec.js';
import { idParams, timeSchema } from '../lib/api/fields.js';
import { notFound } from '../lib/api/problem.js';
import { defineRoute, json, type Route } from '../lib/api/route.js';
import { decodeText } from '../lib/decode-text.js';
import { contactImportStore, type ContactImport, type ContactImports } from './contact-imports.js';
import { exportContacts } from './export-contacts.js';
import { importContacts } from './import-contacts.js';

/** A larger file is imported in the background, unless it is asked for otherwise, in bytes. */
const AT_ONCE_BYTES = 2 * 1024 * 1024;
const MOST_BYTES = 100 * 1024 * 1024;

export interface ContactTableNeeds {
  readonly clock: Clock;
  readonly events: Events;
  readonly imports: ContactImports;
}

const common = { auth: 'tenant', tag: 'contacts' } as const;
const report = z.object({
  created: z.int(),
  updated: z.int(),
  rejected: z.array(z.object({ row: z.int(), reason: z.string() })).describe('The first 1,000'),
});
const reportExample = {
  created: 12,
  updated: 3,
  rejected: [{ row: 7, reason: 'The telephone number cannot be read.' }],
};
const importSchema = report.extend({
  import_id: z.string(),
  status: z.enum(['queued', 'running', 'done', 'failed']),
  progress: z.number().describe('0..1'),
  error: z.object({ code: z.string(), detail: z.string() }).optional(),
  created_at: timeSchema,
});
const importExample = {
  import_id: 'import_5mQ0x7cWb2nVrT8sYkLd1A',
  status: 'running',
  progress: 0.4,
  ...reportExample,
  created_at: '2026-01-05T02:00:00.000Z',
};

function importJson(item: ContactImport): z.output<typeof importSchema> {
  const { id, status, progress, error, createdAt } = item;
  const { created, updated, rejected } = item.report;
  return {
    import_id: id,
    status,
    progress,
    created,
    updated,
    rejected: [...rejected],
    ...(error === undefined ? {} : { error }),
    created_at: createdAt.toISOString(),
  };
}

/** Contacts as tables: in, also in the background, and out. */
export function contactTableRoutes({ clock, events, imports }: ContactTableNeeds): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/contacts/import',
      summary: 'Import contacts from CSV',
      description:
        'Columns name, phone, email, tags (separated by commas), locale; any other column is a field. The same file again creates nothing. A file above 2 MB, or any with `?wait=false`, is imported in the background.',
      query: z.strictObject({
        wait: z.enum(['true', 'false']).optional().describe('`true`: answer when it is done'),
      }),
      body: uploadBody(z.strictObject({}), { example: {}, plainTypes: ['text/csv'], maxBytes: MOST_BYTES }),
      responses: {
        200: { description: 'What became of the rows', schema: report, example: reportExample },
        202: { description: 'It goes on in the background', schema: importSchema, example: importExample },
      },
      async handler({ query: { wait }, body: { file }, access: { scope } }) {
        const isLater = wait === undefined ? file.bytes.byteLength > AT_ONCE_BYTES : wait === 'false';
        if (isLater) return json(202, importJson(await imports.start(scope, file.bytes)));
        return json(200, await importContacts(scope, decodeText(file.bytes), { events, at: clock.now() }));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/contacts/imports/{id}',
      summary: 'How far an import is, and what became of its rows',
      params: idParams,
      responses: { 200: { description: 'The import', schema: importSchema, example: importExample } },
      async handler({ params, access: { scope } }) {
        const item = await scope.store(contactImportStore).get(params.id);
        if (item === undefined) throw notFound();
        return json(200, importJson(item));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/contacts/export',
      summary: 'All contacts as CSV',
      responses: {
        200: {
          description: 'No cell is run by a spreadsheet; an import reads it back',
          mediaType: 'text/csv',
        },
      },
      handler({ access: { scope } }) {
        return Promise.resolve({
          type: 'text',
          contentType: 'text/csv; charset=utf-8',
          text: exportContacts(scope),
          headers: { 'Content-Disposition': 'attachment; filename="contacts.csv"' },
        });
      },
    }),
  ];
}
