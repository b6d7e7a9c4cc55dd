import { z } from 'zod';
import type { Channel } from '../../contracts/channel.js';
import type { Clock } from '../../contracts/runtime.js';
import type { AccountRecord, ServiceStore } from '../../contracts/stores.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { idSchema } from '../../lib/api/fields.js';
import { HttpProblem, invalidRequest, notFound, orNotFound } from '../../lib/api/problem.js';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, json } from '../../lib/api/route.js';
import { pairingPhone, untilPairable } from '../../lib/channels/pairing.js';
import { qrAsPng } from '../../lib/channels/qr-code.js';
import { accountExample, accountJson, accountSchema } from './account-json.js';
import { mustExist, tenantParams } from './tenant-params.js';

/** How long a request waits for the pairing code, which normally takes a second or two, in ms. */
const CODE_WITHIN_MS = 12_000;

/** Dependencies of these routes. */
export interface PairingRouteNeeds {
  readonly service: ServiceStore;
  readonly channels: readonly Channel[];
  accountsChanged(): void;
  readonly clock: Clock;
}

const pairBody = z
  .strictObject({
    method: z.enum(['qr', 'code']).default('qr'),
    phone: z.string().max(30).optional().describe('With its country code; needed for `code`'),
  })
  .refine(({ method, phone }) => method === 'qr' || pairingPhone(phone ?? '') !== undefined, {
    path: ['phone'],
    message: 'A phone number with its country code is needed, e.g. +62 812 3456 7890.',
  });

const accountParams = tenantParams.extend({ account_id: idSchema });
const common = { auth: 'path-tenant', tag: 'tenants', area: 'channels' } as const;

/** Links a number to its owner's phone. */
export function pairingRoutes(deps: PairingRouteNeeds): Route[] {
  const { service, clock } = deps;
  const find = async (tenantId: string, accountId: string): Promise<AccountRecord> => {
    const account = (await service.accounts()).find(({ id }) => id === accountId);
    if (account?.tenantId !== tenantId) throw notFound();
    return account;
  };
  return [
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/tenants/{id}/channels/{account_id}/pair',
      summary: 'Pair an account with its owner’s phone, by QR code or by a code to type',
      description: 'The connection is opened again. The answer waits a few seconds for the code.',
      params: accountParams,
      body: jsonBody(pairBody, { method: 'code', phone: '+62 812 3456 7890' }),
      responses: {
        202: {
          description: 'Asked for; `qr` or `pairing_code` as soon as there is one',
          schema: accountSchema,
          example: accountExample,
        },
      },
      async handler({ params, body, access: { scope }, request }) {
        const { tenantId } = mustExist(scope);
        const account = await find(tenantId, params.account_id);
        const methods = deps.channels.find(({ name }) => name === account.channel)?.connection?.pairsBy ?? [];
        if (!methods.includes(body.method)) {
          throw new HttpProblem(409, 'not_paired', 'Accounts of this channel are not paired this way.');
        }
        const since = clock.now();
        const phone = body.phone === undefined ? undefined : pairingPhone(body.phone);
        if (body.phone !== undefined && phone === undefined)
          throw invalidRequest('This is no phone number.', []);
        await service.requestPairing(tenantId, account.id, {
          method: body.method,
          ...(phone === undefined ? {} : { phone }),
        });
        deps.accountsChanged();
        const state = await untilPairable(service, account, since, {
          method: body.method,
          withinMs: CODE_WITHIN_MS,
          signal: request.signal,
          sleep: (ms, signal) => clock.sleep(ms, signal),
          monotonicMs: () => clock.monotonicMs(),
        });
        return json(202, accountJson(account, state && { state, at: clock.now() }));
      },
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/tenants/{id}/channels/{account_id}/qr.png',
      summary: 'Get the current pairing QR code as a picture',
      params: accountParams,
      responses: {
        200: { description: 'A picture; it changes every 20 seconds', mediaType: 'image/png' },
      },
      async handler({ params, access: { scope } }) {
        const { tenantId } = mustExist(scope);
        const account = await find(tenantId, params.account_id);
        const connection = (await service.connectionStates(tenantId)).find(
          ({ accountId }) => accountId === account.id,
        );
        const qr = orNotFound(connection?.state.state === 'needs-pairing' ? connection.state.qr : undefined);
        return { type: 'bytes', contentType: 'image/png', bytes: qrAsPng(qr) };
      },
    }),
  ];
}
