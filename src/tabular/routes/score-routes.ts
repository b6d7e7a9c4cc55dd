import { z } from 'zod';
import { jsonBody } from '../../lib/api/body-spec.js';
import { contactFieldName, idParams, timeSchema } from '../../lib/api/fields.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import { scheduling } from '../../lib/api/scheduling.js';
import type { TabularService } from '../service/tabular-service.js';
import { asProblem, common } from './fields.js';

const scoreBody = z.strictObject({
  field: contactFieldName.describe('Field of the contact that gets the prediction'),
  schedule: z
    .string()
    .max(120)
    .nullable()
    .optional()
    .describe(
      'Cron line of five fields, in the time zone of the business; null ends the schedule of the field',
    ),
});

const scoringSchema = z.object({
  model_id: z.string(),
  field: z.string(),
  next_run_at: timeSchema.nullable(),
});

/** What a model says of people, kept with them. */
export function scoreRoutes(service: TabularService): Route[] {
  return [
    defineRoute({
      ...common,
      params: idParams,
      method: 'POST',
      path: '/v1/models/{id}/score',
      legacyPaths: ['/models/{id}/score'],
      summary: 'Write the prediction for every contact into a field',
      description:
        'The columns of the model are read from the fields of the contact by name, and from `name`, `phone`, `email`, `locale` and `tags`; what a contact does not have is a missing value. Runs as a job, now and by `schedule`.',
      body: jsonBody(scoreBody, { field: 'churn', schedule: '0 3 * * *' }),
      responses: {
        202: {
          description: 'It is under way',
          schema: scoringSchema,
          example: {
            model_id: 'model_5mQ0x7cWb2nVrT8sYkLd1A',
            field: 'churn',
            next_run_at: '2026-11-20T20:00:00.000Z',
          },
        },
      },
      async handler({ params, body: { field, schedule }, access: { scope } }) {
        const wanted = { modelId: params.id, field, ...(schedule === undefined ? {} : { schedule }) };
        const { modelId, nextRunAt } = await asProblem(() =>
          scheduling('schedule', () => service.score(scope, wanted)),
        );
        return json(202, { model_id: modelId, field, next_run_at: nextRunAt?.toISOString() ?? null });
      },
    }),
  ];
}
