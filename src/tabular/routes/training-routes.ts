import { z } from 'zod';
import type { TenantScope } from '../../contracts/stores.js';
import { uploadOrJsonBody, type UploadOrJson } from '../../lib/api/body-spec.js';
import { idParams, idSchema, listSchema, pageQuery } from '../../lib/api/fields.js';
import { listAnswer, pageRequest } from '../../lib/api/page.js';
import { orNotFound } from '../../lib/api/problem.js';
import { defineRoute, json, type RequestFacts, type Route } from '../../lib/api/route.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { tabularStore, type TrainingRow } from '../records/records.js';
import type { TabularService } from '../service/tabular-service.js';
import { newDataset } from './dataset-routes.js';
import {
  asProblem,
  columnName,
  common,
  FILE,
  jsonField,
  logJson,
  logSchema,
  readingFields,
  trainingExample,
  trainingJson,
  trainingSchema,
  wishFields,
  without,
} from './fields.js';

const monotoneSchema = z.record(columnName, z.union([z.literal(1), z.literal(-1)]));

const trainFields = z.strictObject({
  ...wishFields,
  ...readingFields,
  features: jsonField(z.array(columnName).min(1).max(200)).optional().describe('A JSON list of columns'),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
  monotone: jsonField(monotoneSchema).optional(),
  user_id: idSchema.optional().describe('For the training log'),
});

const trainSchema = z.strictObject({
  ...wishFields,
  dataset_id: idSchema,
  features: z.array(columnName).min(1).max(200).optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
  monotone: monotoneSchema.optional(),
  user_id: idSchema.optional(),
});

const waitQuery = z.strictObject({
  wait: z.enum(['true', 'false']).default('false').describe('Answer when the training is over'),
});

type TrainBody = UploadOrJson<z.output<typeof trainFields>, z.output<typeof trainSchema>>;

/** Routes to start, follow, stop and list trainings. */
export function trainingRoutes(service: TabularService): Route[] {
  return [trainRoute(service), ...watchRoutes(service)];
}

function trainRoute(service: TabularService): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/v1/train',
    legacyPaths: ['/train', '/train/xgboost', '/v1/train/xgboost', '/api/train/xgboost'],
    summary: 'Train a model to predict one column',
    description: 'Of a file, or of a dataset that was uploaded before.',
    query: waitQuery,
    body: uploadOrJsonBody(
      { fields: trainFields, example: { target: 'returned' }, ...FILE },
      { schema: trainSchema, example: { dataset_id: trainingExample.dataset_id, target: 'returned' } },
    ),
    responses: {
      200: { description: 'Over, where it was waited for', schema: trainingSchema, example: trainingExample },
      202: {
        description: 'Queued',
        schema: trainingSchema,
        example: { training_id: trainingExample.training_id, status: 'queued' },
      },
    },
    async handler({ query, body, access: { scope }, request }) {
      const training = orNotFound(await asProblem(() => begin(service, scope, body, request)));
      if (query.wait === 'false') return json(202, trainingJson(training));
      const over = orNotFound(await service.finished(scope, training._id, request.signal));
      return json(200, trainingJson(over));
    },
  });
}

async function begin(
  service: TabularService,
  scope: TenantScope,
  body: TrainBody,
  request: RequestFacts,
): Promise<TrainingRow | undefined> {
  const key = request.idempotencyKey;
  const words = body.type === 'json' ? body.value : body.fields;
  const { target, task, group, time, features, seed, monotone, name, user_id: userId } = words;
  const datasetId =
    body.type === 'json'
      ? body.value.dataset_id
      : (await service.addDataset(scope, newDataset(body.file, { ...body.fields, name: undefined }, key)))
          ._id;
  return service.train(scope, {
    datasetId,
    wish: without({ target, task, group, time, features, seed, monotone }),
    userId: userId ?? 'api',
    ...(name === undefined ? {} : { name }),
    ...(key === undefined ? {} : { id: derivedId('training', key) }),
  });
}

function watchRoutes(service: TabularService): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/training/{id}',
      legacyPaths: ['/training/{id}'],
      summary: 'Get the progress of a training',
      params: idParams,
      responses: { 200: { description: 'The training', schema: trainingSchema, example: trainingExample } },
      async handler({ params, access: { scope } }) {
        const row = orNotFound(await scope.store(tabularStore).trainings.get(params.id));
        return json(200, trainingJson(row));
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/v1/training/{id}',
      legacyPaths: ['/training/{id}'],
      summary: 'Stop a training',
      params: idParams,
      responses: { 200: { description: 'As it is now', schema: trainingSchema, example: trainingExample } },
      async handler({ params, access: { scope } }) {
        const row = orNotFound(await service.cancel(scope, params.id));
        return json(200, trainingJson(row));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/training-logs',
      legacyPaths: ['/training-logs'],
      summary: 'List trainings: who started them, on which file, and how good the model is',
      query: pageQuery,
      responses: {
        200: {
          description: 'Newest first',
          schema: listSchema(logSchema),
          example: { items: [], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        const page = await scope.store(tabularStore).trainings.list(pageRequest(query));
        return listAnswer(page, (row) => logJson(row, scope.tenantId));
      },
    }),
  ];
}
