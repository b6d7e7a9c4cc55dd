import { z } from 'zod';
import { uploadBody } from '../../lib/api/body-spec.js';
import { idParams, listSchema, pageQuery } from '../../lib/api/fields.js';
import { listAnswer, pageRequest } from '../../lib/api/page.js';
import { notFound, orNotFound } from '../../lib/api/problem.js';
import { defineRoute, empty, json, type Route } from '../../lib/api/route.js';
import {
  calibrationPicture,
  confusionPicture,
  importancePicture,
  wordsOfPictures,
  type DrawModel,
} from '../pictures/model-pictures.js';
import { tabularStore } from '../records/records.js';
import type { TabularService } from '../service/tabular-service.js';
import { asProblem, common, modelExample, modelJson, modelSchema, nameSchema } from './fields.js';
import { removedExample, removedJson, removedSchema } from './removed-model.js';

const one = { ...common, params: idParams } as const;
const MODEL = { description: 'The model', schema: modelSchema, example: modelExample };

/** Routes of the model registry. */
export function modelRoutes(service: TabularService): Route[] {
  return [...registryRoutes(service), ...fileRoutes(service)];
}

function registryRoutes(service: TabularService): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/models',
      legacyPaths: ['/models'],
      summary: 'List models',
      query: pageQuery,
      responses: {
        200: {
          description: 'Newest first',
          schema: listSchema(modelSchema),
          example: { items: [modelExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        return listAnswer(await scope.store(tabularStore).models.list(pageRequest(query)), modelJson);
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/models',
      legacyPaths: ['/models'],
      summary: 'Upload your own ONNX model',
      description:
        'One input per column, `[N]` or `[N, 1]`, of numbers or text; the first output has one value per row.',
      body: uploadBody(z.strictObject({ name: nameSchema.optional() }), {
        example: { name: 'churn' },
        plainTypes: ['application/octet-stream'],
        maxBytes: 100 * 1024 * 1024,
      }),
      responses: { 201: MODEL },
      async handler({ body: { file, fields }, access: { scope } }) {
        const name = fields.name ?? file.name.replace(/\.onnx$/i, '');
        const row = await asProblem(() => service.bringModel(scope, { name, bytes: file.bytes }));
        return json(201, modelJson(row));
      },
    }),
    defineRoute({
      ...one,
      method: 'GET',
      path: '/v1/models/{id}',
      legacyPaths: ['/models/{id}'],
      summary: 'Get a model with its figures',
      responses: { 200: MODEL },
      async handler({ params, access: { scope } }) {
        const row = orNotFound(await scope.store(tabularStore).models.get(params.id));
        return json(200, modelJson(row));
      },
    }),
    defineRoute({
      ...one,
      method: 'DELETE',
      path: '/v1/models/{id}',
      legacyPaths: ['/models/{id}'],
      summary: 'Delete a model',
      description:
        'If it is in use, the version used before it, or else the newest, takes its place. It no longer writes fields of contacts.',
      responses: {
        200: {
          description: 'Deleted, with its files; it was in use, or wrote fields of contacts',
          schema: removedSchema,
          example: removedExample,
        },
        204: { description: 'Deleted, with its files; nothing else changes' },
      },
      async handler({ params, access: { scope } }) {
        const removed = await service.removeModel(scope, params.id);
        if (removed === undefined) throw notFound();
        const { isInUse, fields } = removed.uses;
        return isInUse || fields.length > 0 ? json(200, removedJson(removed)) : empty;
      },
    }),
    defineRoute({
      ...one,
      method: 'POST',
      path: '/v1/models/{id}/activate',
      legacyPaths: ['/models/{id}/activate'],
      summary: 'Activate this version of a model',
      responses: { 200: MODEL },
      async handler({ params, access: { scope } }) {
        const row = orNotFound(await service.activate(scope, params.id));
        return json(200, modelJson(row));
      },
    }),
  ];
}

function fileRoutes(service: TabularService): Route[] {
  const picture = (path: string, summary: string, draw: DrawModel): Route =>
    defineRoute({
      ...one,
      method: 'GET',
      path: `/v1/models/{id}/${path}`,
      legacyPaths: [`/models/{id}/${path}`],
      summary,
      responses: { 200: { description: 'A picture', mediaType: 'image/png' } },
      async handler({ params, access: { scope } }) {
        const row = await scope.store(tabularStore).models.get(params.id);
        const bytes = orNotFound(row && (await draw(row, wordsOfPictures(service.reader(scope)))));
        return { type: 'bytes', contentType: 'image/png', bytes };
      },
    });
  return [
    defineRoute({
      ...one,
      method: 'GET',
      path: '/v1/models/{id}/artifact',
      legacyPaths: ['/models/{id}/artifact'],
      summary: 'Download a model as an ONNX file',
      description: 'Takes the raw columns, one input each; its metadata say what each input wants.',
      responses: { 200: { description: 'ONNX', mediaType: 'application/octet-stream' } },
      async handler({ params, access: { scope } }) {
        const row = orNotFound(await scope.store(tabularStore).models.get(params.id));
        const bytes = await asProblem(() => service.artifact(scope, row));
        return {
          type: 'bytes',
          contentType: 'application/octet-stream',
          bytes,
          fileName: `${row.name}.onnx`,
        };
      },
    }),
    picture('importance.png', 'What matters most, as a picture', importancePicture),
    picture('confusion.png', 'What was taken for what, as a picture', confusionPicture),
    picture('calibration.png', 'How sure it was against how often it was right', calibrationPicture),
  ];
}
