import { z } from 'zod';
import { jsonBody } from '../../lib/api/body-spec.js';
import { contactFieldName, idParams, timeSchema } from '../../lib/api/fields.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import { scheduling } from '../../lib/api/scheduling.js';
import type { TabularService } from '../service/tabular-service.js';
import { orNotFound } from '../../lib/api/problem.js';
import { tabularStore } from '../records/records.js';
import type { ScoreRule } from '../service/score-rule.js';
import { asProblem, common, without } from './fields.js';

const ruleSchema = z
  .strictObject({
    is: z.string().min(1).max(200).optional(),
    at_least: z.number().optional(),
    at_most: z.number().optional(),
    tag: z.string().trim().min(1).max(60).optional(),
    sequence: z.string().min(1).max(100).optional(),
    tell_staff: z.boolean().optional(),
  })
  .describe('When the score of a person comes to be so: tag them, begin a sequence, tell staff');

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
  on_change: z.boolean().optional().describe('Also whenever something of a contact changes; false ends that'),
  of: z.string().min(1).max(200).optional().describe('Write the probability of this class, 0 to 1'),
  rule: ruleSchema.optional(),
});

const retrainBody = z.strictObject({
  schedule: z
    .string()
    .max(120)
    .nullable()
    .optional()
    .describe('Cron line of five fields, in the time zone of the business; null ends it'),
});

const retrainingSchema = z.object({ name: z.string(), next_run_at: timeSchema.nullable() });

const scoringSchema = z.object({
  model_id: z.string(),
  field: z.string(),
  next_run_at: timeSchema.nullable(),
});

function ruleOf({
  at_least: atLeast,
  at_most: atMost,
  tell_staff: tellStaff,
  ...rest
}: z.output<typeof ruleSchema>): ScoreRule {
  return without({ ...rest, atLeast, atMost, tellStaff });
}

/** Routes that score contacts, storing the predictions in their fields, and that retrain models. */
export function scoreRoutes(service: TabularService): Route[] {
  return [
    defineRoute({
      ...common,
      params: idParams,
      method: 'POST',
      path: '/v1/models/{id}/score',
      legacyPaths: ['/models/{id}/score'],
      summary: 'Write a prediction for every contact into a field',
      description:
        'The columns of the model are read from the fields of the contact by name, and from `name`, `phone`, `email`, `locale` and `tags`; what a contact does not have is a missing value. Runs as a job: now, by `schedule`, and with `on_change` soon after each change of a contact.',
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
      async handler({ params, body: { field, schedule, on_change: onChange, of, rule }, access: { scope } }) {
        const scoreRequest = {
          modelId: params.id,
          field,
          ...without({ schedule, onChange, of, rule: rule && ruleOf(rule) }),
        };
        const { modelId, nextRunAt } = await asProblem(() =>
          scheduling('schedule', () => service.score(scope, scoreRequest)),
        );
        return json(202, { model_id: modelId, field, next_run_at: nextRunAt?.toISOString() ?? null });
      },
    }),
    defineRoute({
      ...common,
      params: idParams,
      method: 'POST',
      path: '/v1/models/{id}/retrain',
      legacyPaths: ['/models/{id}/retrain'],
      summary: 'Train again when a newer table of the same name is uploaded',
      description:
        'Now, or by `schedule`, as the version in use was trained. The new version is used only when its figure is better.',
      body: jsonBody(retrainBody, { schedule: '0 3 * * 1' }),
      responses: {
        202: {
          description: 'It is planned',
          schema: retrainingSchema,
          example: { name: 'churn', next_run_at: '2026-11-23T20:00:00.000Z' },
        },
      },
      async handler({ params, body: { schedule }, access: { scope } }) {
        const model = orNotFound(await scope.store(tabularStore).models.get(params.id));
        const next = await asProblem(() =>
          scheduling('schedule', () => service.retrain(scope, model, without({ schedule }))),
        );
        return json(202, { name: model.name, next_run_at: next?.toISOString() ?? null });
      },
    }),
  ];
}
