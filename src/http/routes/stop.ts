import { z } from 'zod';
import type { Intake } from '../../contracts/chat.js';
import type { TenantScope } from '../../contracts/stores.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { defineRoute, json, type Route } from '../../lib/api/route.js';
import { API_ACCOUNT_ID } from '../../lib/channels/api-account.js';
import { eventIdOf } from '../chat/answer-chat.js';
import { WEB_ACCOUNT } from './web.js';

/** What these routes use. */
export interface StopRouteNeeds {
  readonly intake: Pick<Intake, 'stop'>;
}

const stopBody = z.strictObject({
  idempotency_key: z.string().min(1).max(200).describe('`Idempotency-Key` the message was sent with'),
});

const stop = {
  method: 'POST',
  description: [
    'The answer ends with what is written of it; it comes on the connection of the message as always.',
    'Another process that writes it hears of it within a second. `stopped` is false when there is nothing to end.',
  ].join(' '),
  // An answer that is stopped stays stopped.
  idempotency: 'none',
  body: jsonBody(stopBody, { idempotency_key: 'msg-7' }),
  responses: {
    200: {
      description: 'Whether an answer ends by this',
      schema: z.object({ stopped: z.boolean() }),
      example: { stopped: true },
    },
  },
} as const;

/** Those who asked, with the key of their message, have read enough of its answer. */
export function stopRoutes({ intake }: StopRouteNeeds): Route[] {
  const answer = async (scope: TenantScope, accountId: string, sender: string, key: string) =>
    json(200, { stopped: await intake.stop(scope, `${accountId}:${eventIdOf(`${sender}:`, key)}`) });
  return [
    defineRoute({
      ...stop,
      path: '/v1/chat/stop',
      auth: 'tenant',
      tag: 'chat',
      summary: 'Stop an answer in progress',
      handler: ({ body, access: { scope }, request }) =>
        answer(scope, API_ACCOUNT_ID, request.callerId, body.idempotency_key),
    }),
    defineRoute({
      ...stop,
      path: '/v1/web/chat/stop',
      auth: 'visitor',
      tag: 'web',
      summary: 'Stop an answer in progress as a visitor',
      handler: ({ body, access: { scope, visitorId } }) =>
        answer(scope, WEB_ACCOUNT.id, visitorId, body.idempotency_key),
    }),
  ];
}
