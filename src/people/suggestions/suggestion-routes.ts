import { z } from 'zod';
import type { ContactSuggestion, ContactSuggestions } from '../../contracts/contact-suggestions.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { idParams, listSchema, pageQuery, timeSchema } from '../../lib/api/fields.js';
import { listAnswer, pageRequest } from '../../lib/api/page.js';
import { notFound } from '../../lib/api/problem.js';
import { defineRoute, empty, type Route } from '../../lib/api/route.js';
import { contactExample, contactJson, contactSchema } from '../contact-json.js';

const common = { auth: 'tenant', tag: 'contacts' } as const;

const offerSchema = z.object({
  id: z.string(),
  contact: contactSchema,
  other: contactSchema.describe('Was known by it before; the one that goes on after a merge'),
  reason: z.enum(['phone', 'email']).describe('What both have, or say that they have'),
  created_at: timeSchema,
});
const proposalSchema = z.object({
  id: z.string(),
  contact_id: z.string(),
  field: z.enum(['name', 'phone', 'email']),
  value: z.string(),
  created_at: timeSchema,
});
const offerExample = {
  id: 'suggestion_5mQ0x7cWb2nVrT8sYkLd1A',
  contact: contactExample,
  other: contactExample,
  reason: 'phone',
  created_at: '2026-01-05T02:00:00.000Z',
};
const proposalExample = {
  id: 'suggestion_Vb0n5xJQ7yLr2dHfE8sKaw',
  contact_id: contactExample.id,
  field: 'email',
  value: 'ani@example.com',
  created_at: '2026-01-05T02:00:00.000Z',
};

/**
 * What staff are asked about people. Must come before the routes of a single contact, whose paths overlap.
 */
export function suggestionRoutes({ suggestions }: { readonly suggestions: ContactSuggestions }): Route[] {
  const lists = [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/contacts/merge-offers',
      summary: 'List pairs of contacts that may be one person',
      query: pageQuery,
      responses: {
        200: {
          description: 'Newest first',
          schema: listSchema(offerSchema),
          example: { items: [offerExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        const page = await suggestions.open(scope, 'merge', pageRequest(query));
        return listAnswer({ ...page, items: page.items.flatMap(offerJson) }, (item) => item);
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/contacts/proposals',
      summary: 'List facts that people stated about themselves, to be accepted or declined',
      query: pageQuery,
      responses: {
        200: {
          description: 'Newest first',
          schema: listSchema(proposalSchema),
          example: { items: [proposalExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        const page = await suggestions.open(scope, 'fact', pageRequest(query));
        return listAnswer({ ...page, items: page.items.flatMap(proposalJson) }, (item) => item);
      },
    }),
  ];
  const decisions = [
    { path: '/v1/contacts/merge-offers/{id}', summary: 'They are one person, or are not' },
    { path: '/v1/contacts/proposals/{id}', summary: 'Keep it, or do not' },
  ].map(({ path, summary }) =>
    defineRoute({
      ...common,
      method: 'POST',
      path,
      summary,
      params: idParams,
      body: jsonBody(z.strictObject({ accept: z.boolean() }), { accept: true }),
      responses: { 204: { description: 'Decided' } },
      async handler({ params, body, access: { scope } }) {
        const outcome = await suggestions.decide(scope, params.id, body.accept);
        if (outcome.type === 'gone') throw notFound();
        return empty;
      },
    }),
  );
  return [...lists, ...decisions];
}

function offerJson(item: ContactSuggestion): z.output<typeof offerSchema>[] {
  if (item.type !== 'merge') return [];
  const { id, contact, other, field, createdAt } = item;
  return [
    {
      id,
      contact: contactJson(contact),
      other: contactJson(other),
      reason: field,
      created_at: createdAt.toISOString(),
    },
  ];
}

function proposalJson(item: ContactSuggestion): z.output<typeof proposalSchema>[] {
  if (item.type !== 'fact') return [];
  const { id, contact, field, value, createdAt } = item;
  return [{ id, contact_id: contact.id, field, value, created_at: createdAt.toISOString() }];
}
