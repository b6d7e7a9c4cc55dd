import { z } from 'zod';
import { WEBHOOK_PATH } from '../../lib/net/webhook-path.js';
import { bytesBody } from '../../lib/api/body-spec.js';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, json } from '../../lib/api/route.js';
import { notFromPlatform } from '../server/authenticate.js';
import type { RateLimits } from '../server/rate-limits.js';

const updateSchema = z.record(z.string(), z.unknown());

export function webhookRoutes(rateLimits: RateLimits): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: WEBHOOK_PATH,
      legacyPaths: [WEBHOOK_PATH.replace(/^\/v1/, '')],
      auth: 'webhook',
      tag: 'webhooks',
      summary: 'Receive a platform’s webhook call',
      description: [
        'Called by the platform of an account that is set to webhooks, with that platform’s own proof',
        'of who it is. An unknown account and a wrong proof are both 401. The answer is success only',
        'after the update is stored, and also for one that is known already or is of no use; anything',
        'else asks the platform to send it again.',
      ].join(' '),
      // The platform's own update ids make repeated calls harmless.
      idempotency: 'none',
      params: z.object({ channel: z.string(), account: z.string() }),
      body: bytesBody(updateSchema, { update_id: 1000 }),
      responses: {
        200: { description: 'Stored; what the platform wants to hear', schema: updateSchema, example: {} },
      },
      async handler({ body, access: { call }, request }) {
        const outcome = await call.take(body);
        if (outcome.type === 'stored') return json(200, outcome.answer);
        await rateLimits.failedAuth(request.ip);
        throw notFromPlatform();
      },
    }),
  ];
}
