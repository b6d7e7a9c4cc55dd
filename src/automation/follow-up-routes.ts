import { z } from 'zod';
import type { FindAccount } from '../contracts/chat.js';
import type { I18n } from '../contracts/i18n.js';
import type { Clock } from '../contracts/runtime.js';
import type { ServiceStore, TenantScope } from '../contracts/stores.js';
import { jsonBody } from '../lib/api/body-spec.js';
import { idParams, idSchema, listSchema, pageQuery, textSchema } from '../lib/api/fields.js';
import { listAnswer, pageRequest } from '../lib/api/page.js';
import { HttpProblem, invalidRequest, orNotFound } from '../lib/api/problem.js';
import { defineRoute, empty, json, type RequestFacts, type Route } from '../lib/api/route.js';
import { scheduling } from '../lib/api/scheduling.js';
import type { FollowUp } from './follow-up.js';
import {
  followUpExample as example,
  followUpJson,
  followUpSchema,
  STATUSES,
  wordsFor,
} from './follow-up-json.js';
import { followUpStore, type FollowUpFilter } from './follow-up-store.js';
import { targetOfContact, targetOfUser, type Target } from './follow-up-target.js';
import { checkExpiry, namedTime, timeFields } from './follow-up-times.js';
import type { FollowUps } from './follow-ups.js';

const courtesies = { cancel_on_reply: z.boolean().optional(), respect_hours: z.boolean().optional() };

const scheduleBody = z.strictObject({
  contact_id: idSchema.optional(),
  user_id: idSchema.optional(),
  channel: z.string().max(40).optional(),
  account_id: idSchema.optional(),
  message: textSchema(4000),
  ...timeFields,
  ...courtesies,
});
const changeBody = z.strictObject({
  message: textSchema(4000).optional(),
  ...timeFields,
  ...courtesies,
});

export interface FollowUpRouteNeeds {
  readonly followUps: FollowUps;
  readonly findAccount: FindAccount;
  readonly service: Pick<ServiceStore, 'accounts'>;
  readonly clock: Clock;
  readonly i18n: Pick<I18n, 'match' | 'translator'>;
}

const common = { auth: 'tenant', tag: 'follow-ups' } as const;
const response = { description: 'The follow-up', schema: followUpSchema, example };
const listResponse = {
  description: 'Newest first',
  schema: listSchema(followUpSchema),
  example: { items: [example], next_cursor: null },
};

/** Fixed paths come before those with an id. */
export function followUpRoutes(deps: FollowUpRouteNeeds): Route[] {
  return [scheduleRoute(deps), ...listRoutes(deps), ...singleRoutes(deps)];
}

function scheduleRoute(deps: FollowUpRouteNeeds): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/v1/followup/schedule',
    legacyPaths: ['/followup/schedule'],
    summary: 'Schedule a message to a person',
    body: jsonBody(scheduleBody, { contact_id: example.contact_id, message: example.message, in: '2 hours' }),
    responses: { 201: response },
    async handler({ body, access: { scope }, request }) {
      const { cron, timezone = scope.settings.timezone } = body;
      const now = deps.clock.now();
      const at = namedTime(body, now);
      const time = at ?? (cron === undefined ? undefined : { cron, timezone });
      if (time === undefined) throw invalidRequest('One of at, in and cron is needed.');
      const followUp = await scheduling('cron', async () => {
        checkExpiry(body, time, now);
        return deps.followUps.schedule(scope, {
          ...(await targetOf(scope, body, deps)),
          message: body.message,
          ...(at === undefined ? {} : { at }),
          ...(cron === undefined ? {} : { cron }),
          timezone,
          cancelOnReply: body.cancel_on_reply ?? true,
          respectHours: body.respect_hours ?? false,
          ...(body.expires_at === undefined ? {} : { expiresAt: new Date(body.expires_at) }),
        });
      });
      return json(201, followUpJson(followUp, wordsFor(deps.i18n, scope, request)));
    },
  });
}

async function targetOf(
  scope: TenantScope,
  body: z.output<typeof scheduleBody>,
  { findAccount, service, clock }: FollowUpRouteNeeds,
): Promise<Target> {
  const { contact_id: contactId, user_id: userId, channel, account_id: accountId } = body;
  if (contactId !== undefined) return targetOfContact(scope, contactId);
  if (userId === undefined || channel === undefined) {
    throw invalidRequest('Either contact_id, or user_id with channel is needed.');
  }
  const ownAccounts = async () =>
    (await service.accounts()).filter(({ tenantId }) => tenantId === scope.tenantId);
  return targetOfUser(scope, { userId, channel, accountId }, findAccount, ownAccounts, clock.now());
}

function listRoutes({ followUps, i18n }: FollowUpRouteNeeds): Route[] {
  const page = async (
    scope: TenantScope,
    request: RequestFacts,
    filter: FollowUpFilter,
    query: { limit: number; cursor?: string | undefined },
  ) => {
    const result = await scope.store(followUpStore).list(filter, pageRequest(query));
    const items = await Promise.all(result.items.map((item) => followUps.current(scope, item)));
    const { status } = filter;
    const matching = items.filter((item) => status === undefined || item.status === status);
    const t = wordsFor(i18n, scope, request);
    return listAnswer({ ...result, items: matching }, (item) => followUpJson(item, t));
  };
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/followup/pending',
      legacyPaths: ['/followup/pending'],
      summary: 'List follow-ups still to be sent',
      query: pageQuery,
      responses: { 200: listResponse },
      handler: ({ query, access: { scope }, request }) => page(scope, request, { status: 'pending' }, query),
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/followup',
      legacyPaths: ['/followup'],
      summary: 'List follow-ups, newest first',
      query: pageQuery.extend({ status: z.enum(STATUSES).optional(), contact_id: idSchema.optional() }),
      responses: { 200: listResponse },
      async handler({ query, access: { scope }, request }) {
        const { status, contact_id: contactId } = query;
        const contact = contactId === undefined ? undefined : await scope.contacts.get(contactId);
        const contactIds =
          contactId === undefined
            ? undefined
            : contact === undefined
              ? []
              : [contact.id, ...contact.formerIds];
        return page(
          scope,
          request,
          {
            ...(status === undefined ? {} : { status }),
            ...(contactIds === undefined ? {} : { contactIds }),
          },
          query,
        );
      },
    }),
  ];
}

function notPending(): HttpProblem {
  return new HttpProblem(409, 'followup_not_pending', 'It is under way, or was sent, failed or cancelled.');
}

function singleRoutes({ followUps, clock, i18n }: FollowUpRouteNeeds): Route[] {
  const path = '/v1/followup/{id}';
  const legacyPaths = ['/followup/{id}'];
  const getFollowUp = async (scope: TenantScope, id: string): Promise<FollowUp> => {
    const followUp = orNotFound(await scope.store(followUpStore).get(id));
    return followUps.current(scope, followUp);
  };
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path,
      legacyPaths,
      summary: 'Get a follow-up',
      params: idParams,
      responses: { 200: response },
      async handler({ params, access: { scope }, request }) {
        return json(200, followUpJson(await getFollowUp(scope, params.id), wordsFor(i18n, scope, request)));
      },
    }),
    defineRoute({
      ...common,
      method: 'PATCH',
      path,
      legacyPaths,
      summary: 'Change a follow-up that has not been sent',
      params: idParams,
      body: jsonBody(changeBody, { in: '1 day' }),
      responses: { 200: response },
      async handler({ params, body, access: { scope }, request }) {
        const before = await getFollowUp(scope, params.id);
        const { cron, timezone = before.timezone } = body;
        const now = clock.now();
        const at = namedTime(body, now);
        const time = at ?? (cron === undefined ? before.nextRunAt : { cron, timezone });
        const followUp = await scheduling('cron', () => {
          checkExpiry(body, time ?? now, now);
          return followUps.change(scope, params.id, {
            ...(body.message === undefined ? {} : { message: body.message }),
            ...(at === undefined ? {} : { at }),
            ...(body.cron === undefined ? {} : { cron: body.cron }),
            ...(body.timezone === undefined ? {} : { timezone: body.timezone }),
            ...(body.cancel_on_reply === undefined ? {} : { cancelOnReply: body.cancel_on_reply }),
            ...(body.respect_hours === undefined ? {} : { respectHours: body.respect_hours }),
            ...(body.expires_at === undefined ? {} : { expiresAt: new Date(body.expires_at) }),
          });
        });
        if (followUp === undefined) throw notPending();
        return json(200, followUpJson(followUp, wordsFor(i18n, scope, request)));
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path,
      legacyPaths,
      summary: 'Cancel a follow-up',
      params: idParams,
      description: 'One whose message is under way to the person can no longer be cancelled (409).',
      responses: { 204: { description: 'Cancelled' } },
      async handler({ params, access: { scope } }) {
        await getFollowUp(scope, params.id);
        if ((await followUps.cancel(scope, params.id)) === undefined) {
          const { sayingSince } = await getFollowUp(scope, params.id);
          if (sayingSince !== undefined) throw notPending();
        }
        return empty;
      },
    }),
  ];
}
