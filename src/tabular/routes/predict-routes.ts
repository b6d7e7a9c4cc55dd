import { z } from 'zod';
import type { TenantScope } from '../../contracts/stores.js';
import { uploadOrJsonBody } from '../../lib/api/body-spec.js';
import { idSchema } from '../../lib/api/fields.js';
import { defineRoute, json, type Route, type RouteResult } from '../../lib/api/route.js';
import type { RawRow } from '../features/encode-rows.js';
import type { PredictedFile, TabularService } from '../service/tabular-service.js';
import { asProblem, columnName, common, FILE, without } from './fields.js';

const MOST_ROWS = 1000;

const predictSchema = z.strictObject({
  model_id: idSchema.optional().describe('Or its name; the newest active one when absent'),
  rows: z
    .array(z.record(columnName, z.union([z.string().max(100_000), z.number(), z.boolean(), z.null()])))
    .min(1)
    .max(MOST_ROWS, `at most ${MOST_ROWS} rows; send more as a file`),
  explain: z.boolean().optional().describe('Say for each row which columns speak for it'),
});

const answerSchema = z.object({
  model_id: z.string(),
  predictions: z.array(z.union([z.string(), z.number()])),
  probabilities: z.array(z.number()).optional(),
  familiarities: z
    .array(z.number())
    .optional()
    .describe('Of texts: the share of the texts learned from that would be less familiar if they were new'),
  drift: z
    .object({ rows: z.int(), columns: z.array(z.object({ column: z.string(), index: z.number() })) })
    .optional()
    .describe('Of a file: columns that no longer look like those that the model learned from'),
  outcome: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Of a file that holds the target, too: how right the predictions are'),
  reasons: z.array(z.array(z.object({ column: z.string(), value: z.number() }))).optional(),
});

/** Maximum number of reasons per row. */
const REASONS = 5;

/** Routes that predict rows, or a whole file. */
export function predictRoutes(service: TabularService): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/predict',
      legacyPaths: ['/predict'],
      // A file is answered with a file of any size, which is not stored for repeated requests.
      idempotency: 'none',
      summary: 'Predict rows, or every row of a CSV file',
      description:
        'A file comes back as CSV with the columns `prediction` and, for classes, `probability`; with `Accept: application/json` as JSON.',
      body: uploadOrJsonBody(
        {
          fields: z.strictObject({
            model_id: idSchema.optional(),
            explain: z
              .enum(['true', 'false'])
              .optional()
              .describe(
                '`true`: a column `because` says what speaks for (+) and against (-) each prediction',
              ),
          }),
          example: { model_id: 'model_5mQ0x7cWb2nVrT8sYkLd1A' },
          ...FILE,
        },
        { schema: predictSchema, example: { rows: [{ total: 120 }] } },
        ['text/csv'],
      ),
      responses: {
        200: {
          description: 'The predictions',
          schema: answerSchema,
          example: { model_id: 'model_5mQ0x7cWb2nVrT8sYkLd1A', predictions: ['no'], probabilities: [0.9] },
        },
      },
      async handler({ body, access: { scope }, request }) {
        if (body.type === 'json') {
          const { model_id: modelId, rows, explain = false } = body.value;
          return json(200, await asProblem(() => predictRows(service, scope, modelId, rows, explain)));
        }
        const { file, fields } = body;
        const predicted = await asProblem(() =>
          service.predictFile(scope, fields.model_id, file.bytes, {
            signal: request.signal,
            tellsStaff: true,
            ...(fields.explain === 'true' ? { because: 'because' } : {}),
          }),
        );
        return wantsJson(request.accept) ? predictionsOf(predicted) : csvOf(predicted, file.name);
      },
    }),
  ];
}

function predictionsOf({ model, results, drift, outcome }: PredictedFile): RouteResult {
  return json(200, { model_id: model._id, ...results, drift, ...without({ outcome }) });
}

function csvOf({ csv }: PredictedFile, fileName: string): RouteResult {
  return {
    type: 'bytes',
    contentType: 'text/csv; charset=utf-8',
    bytes: csv,
    fileName: fileName.replace(/(\.csv)?$/i, '-predicted.csv'),
  };
}

async function predictRows(
  service: TabularService,
  scope: TenantScope,
  modelId: string | undefined,
  rows: readonly RawRow[],
  explain: boolean,
): Promise<z.output<typeof answerSchema>> {
  const predicted = await service.predictRows(scope, modelId, rows);
  const { modelId: used, predictions, probabilities, familiarities } = predicted;
  const answer = {
    model_id: used,
    predictions: [...predictions],
    ...(probabilities === undefined ? {} : { probabilities: [...probabilities] }),
    ...(familiarities === undefined ? {} : { familiarities: [...familiarities] }),
  };
  if (!explain) return answer;
  const model = await service.model(scope, used);
  const reasons = await Promise.all(
    rows.map((row, index) => service.explain(scope, model, row, predictions[index] ?? '')),
  );
  return { ...answer, reasons: reasons.map((each) => each.slice(0, REASONS)) };
}

function wantsJson(accept: string): boolean {
  return accept.includes('application/json') && !accept.includes('text/csv');
}
