import { z } from 'zod';
import type { Channel } from '../../contracts/channel.js';
import type { ServiceStore } from '../../contracts/stores.js';
import { ACCOUNT_ID, accountIdOf } from '../../lib/ids/account-id.js';
import { lacksPublicUrl } from '../../lib/net/webhook-path.js';
import { jsonBody } from '../../lib/api/body-spec.js';
import { idSchema, listSchema } from '../../lib/api/fields.js';
import { wholeList } from '../../lib/api/page.js';
import { parseWith } from '../../lib/api/parse-input.js';
import type { Route } from '../../lib/api/route.js';
import { defineRoute, empty, json } from '../../lib/api/route.js';
import { HttpProblem, invalidRequest, notFound, orNotFound } from '../../lib/api/problem.js';
import { accountExample, accountJson, accountSchema } from './account-json.js';
import { mustExist, tenantParams } from './tenant-params.js';
import type { MakeId } from '../../contracts/runtime.js';

/** Dependencies of these routes. */
export interface ChannelRouteNeeds {
  readonly service: ServiceStore;
  /** The channels accounts can be created for. */
  readonly channels: readonly Channel[];
  /** Called after an account was added, replaced or removed, so that its connection follows. */
  accountsChanged(): void;
  readonly makeId: MakeId;
  readonly config: { readonly publicUrl?: string };
}

const createBody = z.strictObject({
  id: z
    .string()
    .regex(ACCOUNT_ID, 'letters, digits, -, _ and .')
    .optional()
    .describe('Yours; the tenant’s id is put before it. The same one is replaced'),
  channel: z.string().max(40),
  config: z
    .record(z.string(), z.unknown())
    .describe('What the channel needs, e.g. a bot token; never shown again'),
});

function parseConfig(
  deps: ChannelRouteNeeds,
  channelName: string,
  config: Readonly<Record<string, unknown>>,
  isOperator: boolean,
): unknown {
  const channel = deps.channels.find(({ name }) => name === channelName);
  if (channel === undefined) {
    throw invalidRequest('There is no such channel.', [
      { path: 'channel', code: 'unknown_channel', message: deps.channels.map(({ name }) => name).join(', ') },
    ]);
  }
  if (!isOperator) refuseOperatorFields(channel, config);
  const { config: parsed } = parseWith(z.object({ config: channel.configSchema }), { config }, 'body');
  if (lacksPublicUrl(channel, parsed, deps.config.publicUrl)) {
    throw invalidRequest('The platform would call this account, and the service has no public address.', [
      { path: 'config', code: 'public_url_required', message: 'Set PUBLIC_URL, or choose another mode.' },
    ]);
  }
  return parsed;
}

/** Tenants must not choose addresses that we then call: they could lie inside our network. */
function refuseOperatorFields(channel: Channel, config: Readonly<Record<string, unknown>>): void {
  const fields = channel.operatorFields.filter((name) => Object.hasOwn(config, name));
  if (fields.length === 0) return;
  throw new HttpProblem(403, 'operator_only', 'Only the operator of this service may set this.', {
    errors: fields.map((name) => ({
      path: `config.${name}`,
      code: 'operator_only',
      message: 'Only the operator of this service may set it.',
    })),
  });
}

const common = { auth: 'path-tenant', tag: 'tenants', area: 'channels' } as const;

export function channelRoutes(deps: ChannelRouteNeeds): Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/tenants/{id}/channels',
      summary: 'List channel accounts and their connections',
      params: tenantParams,
      responses: {
        200: {
          description: 'All of them',
          schema: listSchema(accountSchema),
          example: { items: [accountExample], next_cursor: null },
        },
      },
      async handler({ access: { scope } }) {
        const { tenantId } = mustExist(scope);
        const [accounts, states] = await Promise.all([
          deps.service.accounts(),
          deps.service.connectionStates(tenantId),
        ]);
        const stateById = new Map(states.map((state) => [state.accountId, state]));
        const ownAccounts = accounts.filter((account) => account.tenantId === tenantId);
        return wholeList(ownAccounts, (account) => accountJson(account, stateById.get(account.id)));
      },
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/tenants/{id}/channels',
      summary: 'Add a channel account',
      params: tenantParams,
      body: jsonBody(createBody, { channel: 'telegram', config: { token: '123456:example' } }),
      responses: {
        201: { description: 'Stored; it is being connected', schema: accountSchema, example: accountExample },
      },
      async handler({ body, access: { scope, isAdmin } }) {
        const { tenantId } = mustExist(scope);
        const id = body.id === undefined ? deps.makeId('acct') : accountIdOf(tenantId, body.id);
        const config = parseConfig(deps, body.channel, body.config, isAdmin);
        const owner = (await deps.service.accounts()).find((account) => account.id === id);
        if (owner !== undefined && owner.tenantId !== tenantId) {
          throw new HttpProblem(409, 'conflict', 'This id cannot be used.');
        }
        const account = await deps.service.putAccount({ id, tenantId, channel: body.channel, config });
        deps.accountsChanged();
        return json(201, accountJson(account, undefined));
      },
    }),
    defineRoute({
      ...common,
      method: 'PATCH',
      path: '/v1/tenants/{id}/channels/{account_id}',
      summary: 'Pause or resume a channel account',
      description:
        'A paused account is disconnected and sends nothing; answers that wait are sent when it is resumed.',
      params: tenantParams.extend({ account_id: idSchema }),
      body: jsonBody(z.strictObject({ paused: z.boolean() }), { paused: true }),
      responses: { 200: { description: 'As it is now', schema: accountSchema, example: accountExample } },
      async handler({ params, body, access: { scope } }) {
        const { tenantId } = mustExist(scope);
        const account = orNotFound(await deps.service.pauseAccount(tenantId, params.account_id, body.paused));
        deps.accountsChanged();
        const states = await deps.service.connectionStates(tenantId);
        return json(
          200,
          accountJson(
            account,
            states.find(({ accountId }) => accountId === account.id),
          ),
        );
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: '/v1/tenants/{id}/channels/{account_id}',
      summary: 'Disconnect and remove a channel account',
      params: tenantParams.extend({ account_id: idSchema }),
      responses: { 204: { description: 'Deleted' } },
      async handler({ params, access: { scope } }) {
        if (!(await deps.service.removeAccount(mustExist(scope).tenantId, params.account_id)))
          throw notFound();
        deps.accountsChanged();
        return empty;
      },
    }),
  ];
}
