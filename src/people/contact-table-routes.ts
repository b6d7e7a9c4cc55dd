import { z } from 'zod';
import type { Events } from '../contracts/events.js';
import type { Clock } from '../contracts/runtime.js';
import { uploadBody } from '../lib/api/body-spec.js';
import { idParams, timeSchema } from '../lib/api/fields.js';
import { HttpProblem, orNotFound } from '../lib/api/problem.js';
import { defineRoute, json, type Route } from '../lib/api/route.js';
import { decodeText } from '../lib/text/decode-text.js';
import type { TenantScope } from '../contracts/stores.js';
import { contactExportStore, type ContactExport } from './contact-export-store.js';
import { exportedText, type ContactExports } from './contact-exports.js';
import { contactImportStore, type ContactImport, type ContactImports } from './contact-imports.js';
import { exportContacts } from './export-contacts.js';
import { importContacts } from './import-contacts.js';

/** Larger files are imported in the background unless the request says otherwise, in bytes. */
const AT_ONCE_BYTES = 2 * 1024 * 1024;
const MOST_BYTES = 100 * 1024 * 1024;

export interface ContactTableNeeds {
  readonly clock: Clock;
  readonly events: Events;
  readonly imports: ContactImports;
  readonly exports: ContactExports;
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
const underWay = {
  status: z.enum(['queued', 'running', 'done', 'failed']),
  progress: z.number().describe('0..1'),
  error: z.object({ code: z.string(), detail: z.string() }).optional(),
  created_at: timeSchema,
};
const importSchema = report.extend({ import_id: z.string(), ...underWay });
const exportSchema = z.object({
  export_id: z.string(),
  contacts: z.int().describe('Written so far'),
  ...underWay,
});
const exportExample = {
  export_id: 'export_5mQ0x7cWb2nVrT8sYkLd1A',
  contacts: 40_000,
  status: 'running',
  progress: 0.4,
  created_at: '2026-01-05T02:00:00.000Z',
};
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

function exportJson(item: ContactExport): z.output<typeof exportSchema> {
  const { id, status, progress, contacts, error, createdAt } = item;
  return {
    export_id: id,
    status,
    progress,
    contacts,
    ...(error === undefined ? {} : { error }),
    created_at: createdAt.toISOString(),
  };
}

const csvResponse = {
  description: 'No cell is run by a spreadsheet; an import reads it back',
  mediaType: 'text/csv',
};

function csvAnswer(text: AsyncGenerator<string>) {
  return {
    type: 'text',
    contentType: 'text/csv; charset=utf-8',
    text,
    headers: { 'Content-Disposition': 'attachment; filename="contacts.csv"' },
  } as const;
}

/** Imports and exports contacts as CSV, at once or in the background. */
export function contactTableRoutes(needs: ContactTableNeeds): Route[] {
  return [...importRoutes(needs), ...exportRoutes(needs)];
}

function importRoutes({ clock, events, imports }: ContactTableNeeds): Route[] {
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
        200: { description: 'The result for each row', schema: report, example: reportExample },
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
      summary: 'Get the progress and the results of an import',
      params: idParams,
      responses: { 200: { description: 'The import', schema: importSchema, example: importExample } },
      async handler({ params, access: { scope } }) {
        const item = orNotFound(await scope.store(contactImportStore).get(params.id));
        return json(200, importJson(item));
      },
    }),
  ];
}

function exportRoutes({ exports }: Pick<ContactTableNeeds, 'exports'>): Route[] {
  const exportOf = async (scope: TenantScope, id: string): Promise<ContactExport> => {
    return orNotFound(await scope.store(contactExportStore).get(id));
  };
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/contacts/export',
      summary: 'Download all contacts as CSV',
      responses: { 200: csvResponse },
      handler: ({ access: { scope } }) => Promise.resolve(csvAnswer(exportContacts(scope))),
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/contacts/export',
      summary: 'Start an export of all contacts as CSV',
      description:
        'For very many contacts. The file is kept for a day; when somebody is erased before, it is gone.',
      responses: {
        202: { description: 'It goes on in the background', schema: exportSchema, example: exportExample },
      },
      handler: async ({ access: { scope } }) => json(202, exportJson(await exports.start(scope))),
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/contacts/exports/{id}',
      summary: 'Get the progress of an export',
      params: idParams,
      responses: { 200: { description: 'The export', schema: exportSchema, example: exportExample } },
      handler: async ({ params, access: { scope } }) =>
        json(200, exportJson(await exportOf(scope, params.id))),
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/contacts/exports/{id}/file',
      summary: 'Download the CSV of an export',
      description: '409 until it is done',
      params: idParams,
      responses: { 200: csvResponse },
      async handler({ params, access: { scope } }) {
        const item = await exportOf(scope, params.id);
        if (item.status !== 'done') throw new HttpProblem(409, 'not_ready', 'The export is not done.');
        return csvAnswer(exportedText(scope, item));
      },
    }),
  ];
}
