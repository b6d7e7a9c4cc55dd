import { z } from 'zod';
import type { Phrasings } from '../contracts/phrasings.js';
import { noBody } from '../lib/api/body-spec.js';
import { idParams, listSchema, timeSchema } from '../lib/api/fields.js';
import { wholeList } from '../lib/api/page.js';
import { notFound } from '../lib/api/problem.js';
import { defineRoute, empty, type Route } from '../lib/api/route.js';

const proposalSchema = z.object({
  id: z.string(),
  faq_id: z.string(),
  question: z.string().describe('The question of the entry'),
  wording: z.string().describe('The words in which it was asked'),
  people: z.int().describe('How many asked so'),
  asked_at: timeSchema,
});
const example = {
  id: 'phrasing_5mQ0x7cWb2nVrT8sYkLd1A',
  faq_id: 'faq_8Zc1r9sYQ2mVw0bXkT3uPg',
  question: 'Do you ship on Sundays?',
  wording: 'weekend delivery?',
  people: 2,
  asked_at: '2026-01-05T02:00:00.000Z',
};
const DECISIONS = { approve: 'approved', dismiss: 'dismissed' } as const;

/** Wordings people used before they chose an answer; staff turn them into phrasings of it. */
export function phrasingRoutes({ phrasings }: { readonly phrasings: Phrasings }): Route[] {
  const common = { auth: 'tenant', tag: 'faq' } as const;
  const path = '/v1/faq/proposals';
  const decide = (verb: keyof typeof DECISIONS): Route =>
    defineRoute({
      ...common,
      method: 'POST',
      path: `${path}/{id}/${verb}`,
      summary: verb === 'approve' ? 'Accept a proposed phrasing' : 'Reject a proposed phrasing',
      params: idParams,
      body: noBody,
      responses: { 204: { description: 'Decided' } },
      async handler({ params, access: { scope } }) {
        if ((await phrasings.decide(scope, params.id, DECISIONS[verb])) === undefined) throw notFound();
        return empty;
      },
    });
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path,
      summary: 'List proposed phrasings',
      responses: {
        200: {
          description: 'Those that nobody decided on, newest first',
          schema: listSchema(proposalSchema),
          example: { items: [example], next_cursor: null },
        },
      },
      async handler({ access: { scope } }) {
        return wholeList(await phrasings.open(scope), ({ proposal, entry }) => ({
          id: proposal.id,
          faq_id: entry.id,
          question: entry.question,
          wording: proposal.wording,
          people: proposal.people.length,
          asked_at: proposal.askedAt.toISOString(),
        }));
      },
    }),
    decide('approve'),
    decide('dismiss'),
  ];
}
