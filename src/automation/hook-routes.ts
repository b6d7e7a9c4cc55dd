import { z } from 'zod';
import { EVENT_TYPES } from '../contracts/events.js';
import type { TenantScope } from '../contracts/stores.js';
import { jsonBody } from '../lib/api/body-spec.js';
import { idParams, idSchema, listSchema, pageQuery, timeSchema } from '../lib/api/fields.js';
import { listAnswer, pageOfList, pageRequest } from '../lib/api/page.js';
import { HttpProblem, notFound, orNotFound } from '../lib/api/problem.js';
import { defineRoute, empty, json, type Route } from '../lib/api/route.js';
import { checkAddress } from '../lib/api/check-address.js';
import type { GuardedFetch } from '../lib/net/guarded-fetch.js';
import { DELIVERY_STATUSES, type Hook, type HookDelivery } from './hook.js';
import { hookStore } from './hook-store.js';
import type { Hooks } from './hooks.js';

/** A business with more hooks than this has made a mistake. */
const MOST_HOOKS = 20;

const hookSchema = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  created_at: timeSchema,
});
const hookExample = {
  id: 'hook_5mQ0x7cWb2nVrT8sYkLd1A',
  url: 'https://shop.example/sapa',
  events: ['message.received', 'answer.sent'],
  created_at: '2026-01-05T02:00:00.000Z',
};
const createdSchema = hookSchema.extend({ secret: z.string() });
const createdExample = { ...hookExample, secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDcCdh0mRp0aY=' };

const deliverySchema = z.object({
  id: z.string(),
  type: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  last_status: z.int().nullable(),
  last_error: z.string().nullable(),
  last_attempt_at: timeSchema.nullable(),
  next_attempt_at: timeSchema.nullable(),
  created_at: timeSchema,
});
const deliveryExample = {
  id: 'msg_5mQ0x7cWb2nVrT8sYkLd1A',
  type: 'answer.sent',
  status: 'pending',
  attempts: 1,
  last_status: 503,
  last_error: 'answered 503',
  last_attempt_at: '2026-01-05T02:00:00.000Z',
  next_attempt_at: '2026-01-05T02:00:05.000Z',
  created_at: '2026-01-05T02:00:00.000Z',
};

function hookJson({ id, url, events, createdAt }: Hook): z.output<typeof hookSchema> {
  return { id, url, events: [...events], created_at: createdAt.toISOString() };
}

function deliveryJson(delivery: HookDelivery): z.output<typeof deliverySchema> {
  const { id, type, status, attempts, lastStatus = 0, lastError = '', lastAttemptAt, createdAt } = delivery;
  return {
    id,
    type,
    status,
    attempts,
    last_status: lastStatus === 0 ? null : lastStatus,
    last_error: lastError === '' ? null : lastError,
    last_attempt_at: lastAttemptAt?.toISOString() ?? null,
    next_attempt_at: status === 'pending' ? (delivery.nextAttemptAt?.toISOString() ?? null) : null,
    created_at: createdAt.toISOString(),
  };
}

export interface HookRouteNeeds {
  readonly hooks: Hooks;
  readonly outbound: GuardedFetch;
}

const common = { auth: 'tenant', tag: 'hooks' } as const;
const deliveryResponse = { description: 'On its way', schema: deliverySchema, example: deliveryExample };

export function hookRoutes(deps: HookRouteNeeds): Route[] {
  return [...listRoutes(deps), ...singleRoutes(deps)];
}

function listRoutes({ hooks, outbound }: HookRouteNeeds): Route[] {
  const path = '/v1/hooks';
  const legacyPaths = ['/hooks'];
  const body = z.strictObject({
    url: z.url({ protocol: /^https?$/ }).max(2000),
    events: z.array(z.enum(EVENT_TYPES)).min(1),
  });
  return [
    defineRoute({
      ...common,
      method: 'POST',
      path,
      legacyPaths,
      summary: 'Register a webhook',
      description:
        'Each event is posted there by the Standard Webhooks convention: verify `webhook-signature` with the secret, which is shown only in this answer.',
      body: jsonBody(body, { url: hookExample.url, events: hookExample.events }),
      responses: { 201: { description: 'The hook', schema: createdSchema, example: createdExample } },
      async handler({ body: { url, events }, access: { scope } }) {
        await checkAddress(outbound, url);
        if ((await scope.store(hookStore).all()).length >= MOST_HOOKS) {
          throw new HttpProblem(422, 'too_many_hooks', `A business has at most ${MOST_HOOKS} hooks.`);
        }
        const { hook, secret } = await hooks.create(scope, url, [...new Set(events)]);
        return json(201, { ...hookJson(hook), secret });
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path,
      legacyPaths,
      summary: 'List webhooks, newest first',
      query: pageQuery,
      responses: {
        200: {
          description: 'Without their secrets',
          schema: listSchema(hookSchema),
          example: { items: [hookExample], next_cursor: null },
        },
      },
      async handler({ query, access: { scope } }) {
        return pageOfList(await scope.store(hookStore).all(), query, ({ id }) => id, hookJson);
      },
    }),
  ];
}

function singleRoutes({ hooks }: HookRouteNeeds): Route[] {
  const path = '/v1/hooks/{id}';
  const legacy = '/hooks/{id}';
  return [
    defineRoute({
      ...common,
      method: 'DELETE',
      path,
      legacyPaths: [legacy],
      summary: 'Remove a webhook',
      params: idParams,
      responses: { 204: { description: 'Deleted, with what was still to be delivered' } },
      async handler({ params, access: { scope } }) {
        if (!(await hooks.remove(scope, params.id))) throw notFound();
        return empty;
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: `${path}/test`,
      legacyPaths: [`${legacy}/test`],
      summary: 'Send a test event (`hook.test`) to a webhook',
      params: idParams,
      responses: { 202: deliveryResponse },
      async handler({ params, access: { scope } }) {
        const hook = await hookIn(scope, params.id);
        return json(202, deliveryJson(await hooks.send(scope, hook, 'hook.test', { hook_id: hook.id })));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: `${path}/deliveries`,
      legacyPaths: [`${legacy}/deliveries`],
      summary: 'List deliveries of the last week, newest first',
      params: idParams,
      query: pageQuery.extend({ status: z.enum(DELIVERY_STATUSES).optional() }),
      responses: {
        200: {
          description: 'Newest first',
          schema: listSchema(deliverySchema),
          example: { items: [deliveryExample], next_cursor: null },
        },
      },
      async handler({ params, query, access: { scope } }) {
        const { id } = await hookIn(scope, params.id);
        const page = await scope.store(hookStore).deliveries(id, query.status, pageRequest(query));
        return listAnswer(page, deliveryJson);
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: `${path}/deliveries/{delivery_id}/retry`,
      legacyPaths: [`${legacy}/deliveries/{delivery_id}/retry`],
      summary: 'Retry a delivery now, even one that was given up',
      params: idParams.extend({ delivery_id: idSchema }),
      responses: { 202: deliveryResponse },
      async handler({ params, access: { scope } }) {
        const { id } = await hookIn(scope, params.id);
        if ((await scope.store(hookStore).delivery(id, params.delivery_id)) === undefined) throw notFound();
        const delivery = await hooks.retry(scope, params.delivery_id);
        if (delivery === undefined) {
          throw new HttpProblem(409, 'already_delivered', 'It was delivered already.');
        }
        return json(202, deliveryJson(delivery));
      },
    }),
  ];
}

async function hookIn(scope: TenantScope, id: string): Promise<Hook> {
  return orNotFound(await scope.store(hookStore).get(id));
}
