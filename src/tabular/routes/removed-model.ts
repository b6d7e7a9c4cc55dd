import { z } from 'zod';
import type { RemovedModel } from '../service/remove-model.js';
import { modelExample, modelJson, modelSchema } from './fields.js';

export const removedSchema = z.object({
  id: z.string(),
  name: z.string(),
  version: z.int(),
  was_in_use: z.boolean(),
  active: modelSchema.nullable().describe('The version that takes its place; null if there is none'),
  ended_fields: z
    .array(z.object({ field: z.string(), schedule: z.boolean(), on_change: z.boolean(), rule: z.boolean() }))
    .describe('Fields of contacts that it wrote; their last values stay'),
  intents: z
    .object({ answers: z.int(), agents: z.array(z.string()) })
    .describe('Answers and agents that the settings choose by its intents'),
});

export function removedJson({ model, uses }: RemovedModel): z.output<typeof removedSchema> {
  const { isInUse, successor, fields, answers, agents } = uses;
  return {
    id: model._id,
    name: model.name,
    version: model.version,
    was_in_use: isInUse,
    active: successor === undefined ? null : modelJson({ ...successor, active: true }),
    ended_fields: fields.map(({ field, hasSchedule, followsChanges, hasRule }) => ({
      field,
      schedule: hasSchedule,
      on_change: followsChanges,
      rule: hasRule,
    })),
    intents: { answers, agents: [...agents] },
  };
}

export const removedExample = {
  id: 'model_8kJ2b5RtYw0cPq7uHnZx3E',
  name: modelExample.name,
  version: 2,
  was_in_use: true,
  active: modelExample,
  ended_fields: [{ field: 'churn', schedule: true, on_change: false, rule: true }],
  intents: { answers: 0, agents: [] },
};
