import { z } from 'zod';
import type { ReadingChoices } from '../../contracts/tabular.js';
import { jsonBody, uploadBody, type UploadedFile } from '../../lib/api/body-spec.js';
import { idParams, listSchema, pageQuery } from '../../lib/api/fields.js';
import { listAnswer, pageRequest } from '../../lib/api/page.js';
import { notFound, orNotFound } from '../../lib/api/problem.js';
import { defineRoute, empty, json, type Route } from '../../lib/api/route.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { datasetPicture } from '../pictures/dataset-picture.js';
import { tabularStore } from '../records/records.js';
import type { NewDataset } from '../service/datasets.js';
import type { TabularService } from '../service/tabular-service.js';
import {
  asProblem,
  common,
  datasetExample,
  datasetJson,
  datasetSchema,
  FILE,
  nameSchema,
  readingFields,
  typesSchema,
  without,
} from './fields.js';

const datasetFields = z.strictObject({ name: nameSchema.optional(), ...readingFields });

const rereadBody = z.strictObject({
  ...readingFields,
  types: typesSchema.optional().describe('Corrections: column to type'),
});

/** The dataset of an upload. */
export function newDataset(
  file: UploadedFile,
  fields: Pick<z.output<typeof datasetFields>, 'name' | keyof typeof readingFields>,
  idempotencyKey: string | undefined,
): NewDataset {
  const { encoding, delimiter, decimal, title_rows: titleRows, date_order: dateOrder, types, name } = fields;
  const choices = without({ encoding, delimiter, titleRows, decimal, dateOrder, types }) as ReadingChoices;
  return {
    fileName: file.name,
    bytes: file.bytes,
    choices,
    ...(name === undefined ? {} : { name }),
    ...(idempotencyKey === undefined ? {} : { id: derivedId('dataset', idempotencyKey) }),
  };
}

/** Routes to upload, list, show, reread and delete tables. */
export function datasetRoutes(service: TabularService): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/datasets',
      legacyPaths: ['/datasets'],
      summary: 'Upload a CSV file as a dataset',
      description: 'Up to 1,000,000 rows, 200 columns and 200 MB. Says how each column is read.',
      body: uploadBody(datasetFields, { example: { name: 'orders' }, plainTypes: ['text/csv'], ...FILE }),
      responses: {
        201: { description: 'Kept, with its profile', schema: datasetSchema, example: datasetExample },
      },
      async handler({ body: { file, fields }, access: { scope }, request }) {
        const dataset = newDataset(file, fields, request.idempotencyKey);
        return json(201, datasetJson(await asProblem(() => service.addDataset(scope, dataset))));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/datasets',
      legacyPaths: ['/datasets'],
      summary: 'List datasets',
      query: pageQuery,
      responses: {
        200: {
          description: 'Newest first',
          schema: listSchema(datasetSchema),
          example: { items: [datasetExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        return listAnswer(await scope.store(tabularStore).datasets.list(pageRequest(query)), datasetJson);
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/datasets/{id}',
      legacyPaths: ['/datasets/{id}'],
      summary: 'Get a dataset with its columns',
      params: idParams,
      responses: { 200: { description: 'The dataset', schema: datasetSchema, example: datasetExample } },
      async handler({ params, access: { scope } }) {
        const row = orNotFound(await scope.store(tabularStore).datasets.get(params.id));
        return json(200, datasetJson(row));
      },
    }),
    defineRoute({
      ...common,
      method: 'PATCH',
      path: '/v1/datasets/{id}',
      legacyPaths: ['/datasets/{id}'],
      summary: 'Read a dataset with other options',
      description: 'Corrects what was decided; what is not named stays as it is.',
      params: idParams,
      body: jsonBody(rereadBody, { decimal: ',', types: { zip: 'category' } }),
      responses: {
        200: { description: 'As it is read now', schema: datasetSchema, example: datasetExample },
      },
      async handler({ params, body, access: { scope } }) {
        const row = orNotFound(await scope.store(tabularStore).datasets.get(params.id));
        const { date_order: dateOrder, title_rows: titleRows, ...rest } = body;
        const change = without({ ...rest, dateOrder, titleRows }) as ReadingChoices;
        return json(200, datasetJson(await asProblem(() => service.rereadDataset(scope, row, change))));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/datasets/{id}/profile.png',
      legacyPaths: ['/datasets/{id}/profile.png'],
      summary: 'Get a picture of what the columns hold',
      params: idParams,
      responses: { 200: { description: 'A picture', mediaType: 'image/png' } },
      async handler({ params, access: { scope } }) {
        const row = await scope.store(tabularStore).datasets.get(params.id);
        const bytes = orNotFound(row && (await datasetPicture(row, service.reader(scope))));
        return { type: 'bytes', contentType: 'image/png', bytes };
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/v1/datasets/{id}',
      legacyPaths: ['/datasets/{id}'],
      summary: 'Delete a dataset',
      params: idParams,
      responses: { 204: { description: 'Deleted, with its file; models trained on it stay' } },
      async handler({ params, access: { scope } }) {
        if (!(await service.removeDataset(scope, params.id))) throw notFound();
        return empty;
      },
    }),
  ];
}
