import { z } from 'zod';
import type { I18n } from '../contracts/i18n.js';
import { jsonBody } from '../lib/api/body-spec.js';
import { idSchema, listSchema, pageQuery, textSchema, timeSchema } from '../lib/api/fields.js';
import { listAnswer, pageRequest } from '../lib/api/page.js';
import { invalidRequest, notFound, orNotFound } from '../lib/api/problem.js';
import { defineRoute, empty, json, type Route } from '../lib/api/route.js';
import { durationMs } from '../lib/time/duration.js';
import { followUpExample, followUpJson, followUpSchema, wordsFor } from './follow-up-json.js';
import { sequenceStore, type Sequence } from './sequence-store.js';
import type { Sequences } from './sequences.js';

const MOST_STEPS = 50;
const MOST_STOP_TAGS = 20;
const AT_ONCE = /^(?:P(?:0[WD]|T0[HMS])|0(?:\s*\p{L}+)?)$/u;

const params = z.strictObject({
  name: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,63}$/u, 'letters, digits, spaces, -, _ and ., at most 64'),
});

const body = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        after: z
          .string()
          .max(60)
          .describe(
            'ISO 8601 duration or words, after the step before; of the first step, after the enrolment',
          ),
        message: textSchema(4000),
      }),
    )
    .min(1)
    .max(MOST_STEPS),
  cancel_on_reply: z.boolean().default(true).describe('The rest is cancelled when the person writes'),
  respect_hours: z.boolean().default(false).describe('Each step waits for the opening hours'),
  stop_tags: z
    .array(z.string().trim().min(1).max(60))
    .max(MOST_STOP_TAGS)
    .default([])
    .describe('The rest is cancelled for a contact that has one of these'),
});

const sequenceSchema = z.object({
  name: z.string(),
  steps: z.array(z.object({ after: z.string(), message: z.string() })),
  cancel_on_reply: z.boolean(),
  respect_hours: z.boolean(),
  stop_tags: z.array(z.string()),
  created_at: timeSchema,
  updated_at: timeSchema,
});

const bodyExample = {
  steps: [
    { after: 'P1D', message: 'How do you like your batik?' },
    { after: 'P6D', message: 'New patterns have come in.' },
  ],
  cancel_on_reply: true,
  stop_tags: ['bought again'],
};
const example = {
  name: 'after-sale',
  ...bodyExample,
  respect_hours: false,
  created_at: '2026-01-05T02:00:00.000Z',
  updated_at: '2026-01-05T02:00:00.000Z',
};
const response = { description: 'The sequence', schema: sequenceSchema, example };
const common = { auth: 'tenant', tag: 'follow-ups' } as const;
const path = '/v1/sequences/{name}';

export interface SequenceRouteNeeds {
  readonly sequences: Sequences;
  readonly i18n: Pick<I18n, 'match' | 'translator'>;
}

export function sequenceRoutes(needs: SequenceRouteNeeds): Route[] {
  return [listRoute(), putRoute(needs.sequences), ...singleRoutes(), enrolRoute(needs)];
}

function listRoute(): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/v1/sequences',
    summary: 'List sequences of messages, by name',
    query: pageQuery,
    responses: {
      200: {
        description: 'By name',
        schema: listSchema(sequenceSchema),
        example: { items: [example], next_cursor: null },
      },
    },
    async handler({ query, access: { scope } }) {
      return listAnswer(await scope.store(sequenceStore).list(pageRequest(query)), sequenceJson);
    },
  });
}

function putRoute(sequences: Sequences): Route {
  return defineRoute({
    ...common,
    method: 'PUT',
    path,
    summary: 'Create or change a sequence of messages',
    description: 'A change is for those who are enrolled later; whoever is in it goes on as it was.',
    params,
    body: jsonBody(body, bodyExample),
    responses: { 200: response, 201: response },
    async handler({ params: { name }, body: definition, access: { scope } }) {
      const { sequence, created } = await sequences.put(scope, {
        name,
        steps: definition.steps.map(({ after, message }, index) => ({
          after,
          afterMs: waitMs(after, index),
          message,
        })),
        cancelOnReply: definition.cancel_on_reply,
        respectHours: definition.respect_hours,
        stopTags: [...new Set(definition.stop_tags)],
      });
      return json(created ? 201 : 200, sequenceJson(sequence));
    },
  });
}

function singleRoutes(): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path,
      summary: 'Get a sequence',
      params,
      responses: { 200: response },
      async handler({ params: { name }, access: { scope } }) {
        const sequence = orNotFound(await scope.store(sequenceStore).get(name));
        return json(200, sequenceJson(sequence));
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path,
      summary: 'Delete a sequence',
      description: 'What is still to be sent of it is cancelled (`sequence_deleted`).',
      params,
      responses: { 204: { description: 'Removed' } },
      async handler({ params: { name }, access: { scope } }) {
        if (!(await scope.store(sequenceStore).remove(name))) throw notFound();
        return empty;
      },
    }),
  ];
}

function enrolRoute({ sequences, i18n }: SequenceRouteNeeds): Route {
  const answer = {
    schema: listSchema(followUpSchema),
    example: {
      items: [{ ...followUpExample, sequence: { name: 'after-sale', step: 1 } }],
      next_cursor: null,
    },
  };
  return defineRoute({
    ...common,
    method: 'POST',
    path: `${path}/enroll`,
    summary: 'Send a sequence to a person',
    params,
    body: jsonBody(z.strictObject({ contact_id: idSchema }), { contact_id: followUpExample.contact_id }),
    responses: {
      200: { ...answer, description: 'They are in it already: the follow-ups it made' },
      201: { ...answer, description: 'The follow-ups it made, in their order' },
    },
    async handler({ params: { name }, body: { contact_id: contactId }, access: { scope }, request }) {
      const enrolled = orNotFound(await sequences.enrol(scope, name, contactId));
      const t = wordsFor(i18n, scope, request);
      const items = enrolled.followUps.map((followUp) => followUpJson(followUp, t));
      return json(enrolled.started ? 201 : 200, { items, next_cursor: null });
    },
  });
}

function waitMs(after: string, index: number): number {
  const ms = AT_ONCE.test(after.trim()) ? 0 : durationMs(after);
  if (ms !== undefined) return ms;
  throw invalidRequest('The duration cannot be read.', [
    { path: `steps.${index}.after`, code: 'invalid', message: 'is not a duration' },
  ]);
}

function sequenceJson(sequence: Sequence): z.output<typeof sequenceSchema> {
  return {
    name: sequence.name,
    steps: sequence.steps.map(({ after, message }) => ({ after, message })),
    cancel_on_reply: sequence.cancelOnReply,
    respect_hours: sequence.respectHours,
    stop_tags: [...sequence.stopTags],
    created_at: sequence.createdAt.toISOString(),
    updated_at: sequence.updatedAt.toISOString(),
  };
}
