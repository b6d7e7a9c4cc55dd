import { mayDo, type Permission } from '../../contracts/permissions.js';
import type { KeyHolder, ServiceStore } from '../../contracts/stores.js';
import type { WebhookCall } from '../../contracts/channel.js';
import type { AdmittedCall, WebhookAddress, Webhooks } from '../../contracts/webhooks.js';
import type { Access, RouteAuth } from '../../lib/api/route.js';
import { HttpProblem, notFound } from '../../lib/api/problem.js';
import type { Visitor } from './visitor-token.js';
import { verifyVisitor } from './visitor-token.js';

/** The caller, before any permission is checked. */
export type Caller =
  | { readonly type: 'nobody' }
  | ({ readonly type: 'tenant' } & KeyHolder)
  | { readonly type: 'admin' }
  | { readonly type: 'visitor'; readonly visitor: Visitor }
  | { readonly type: 'platform'; readonly call: AdmittedCall };

export interface CallerClaims {
  readonly apiKey: string | undefined;
  /** `X-Tenant-Id` */
  readonly tenantId: string | undefined;
  readonly authorization: string | undefined;
  readonly host: string;
  /** A platform's webhook call; used only on the webhook route. */
  readonly platform: WebhookAddress & WebhookCall;
}

export interface AuthenticateDependencies {
  readonly service: ServiceStore;
  readonly secret: Uint8Array;
  readonly webhooks: Webhooks;
  isAdminKey(key: string): boolean;
}

function unauthorized(detail: string, scheme: string): HttpProblem {
  return new HttpProblem(401, 'unauthorized', detail, { headers: { 'WWW-Authenticate': scheme } });
}

/** The same answer for a missing account and for a call that is not from its platform. */
export function notFromPlatform(): HttpProblem {
  return unauthorized('The call is not one that this account expects.', 'Webhook realm="sapa"');
}

const KEY_SCHEME = 'ApiKey realm="sapa", header="X-API-Key"';

function tenantMismatch(): HttpProblem {
  return new HttpProblem(
    403,
    'tenant_mismatch',
    'The key, `X-Tenant-Id` and `tenant_id` name different tenants.',
  );
}

/** Identifies the caller; 401 if a route needs one and there is none. */
export async function authenticate(
  deps: AuthenticateDependencies,
  auth: RouteAuth,
  claims: CallerClaims,
  now: Date,
): Promise<Caller> {
  switch (auth) {
    case 'public':
      return { type: 'nobody' };
    case 'visitor':
      return visitorCaller(deps, claims, now);
    case 'host':
      return claims.apiKey === undefined ? { type: 'nobody' } : keyCaller(deps, claims);
    case 'tenant':
    case 'path-tenant':
    case 'admin':
      return keyCaller(deps, claims);
    case 'webhook':
      return platformCaller(deps.webhooks, claims);
    default:
      return auth satisfies never;
  }
}

async function keyCaller(deps: AuthenticateDependencies, claims: CallerClaims): Promise<Caller> {
  // Clients written for other APIs send their key as a bearer token.
  const bearer = /^Bearer (\S{1,500})$/i.exec(claims.authorization ?? '')?.[1];
  const apiKey = claims.apiKey ?? bearer;
  if (apiKey === undefined || apiKey === '')
    throw unauthorized('An API key is needed in `X-API-Key`.', KEY_SCHEME);
  if (deps.isAdminKey(apiKey)) return { type: 'admin' };
  const holder = await deps.service.holderOfKey(apiKey);
  if (holder === undefined) throw unauthorized('The API key is not valid.', KEY_SCHEME);
  if (claims.tenantId !== undefined && claims.tenantId !== holder.tenantId) throw tenantMismatch();
  return { type: 'tenant', ...holder };
}

async function platformCaller(webhooks: Webhooks, { platform }: CallerClaims): Promise<Caller> {
  const call = await webhooks.admit(platform, platform);
  if (call === undefined) throw notFromPlatform();
  return { type: 'platform', call };
}

function visitorCaller(deps: AuthenticateDependencies, claims: CallerClaims, now: Date): Caller {
  const token = /^Bearer ([\w.-]{1,2000})$/.exec(claims.authorization ?? '')?.[1];
  const visitor = token === undefined ? undefined : verifyVisitor(deps.secret, token, now);
  if (visitor === undefined)
    throw unauthorized('The visitor’s token is missing or over.', 'Bearer realm="sapa"');
  return { type: 'visitor', visitor };
}

/** What a known caller may act on, given the tenants named in header, body and path. */
export async function grantAccess(
  service: ServiceStore,
  auth: RouteAuth,
  caller: Caller,
  claims: CallerClaims,
  requested: { readonly body: string | undefined; readonly path: string | undefined },
): Promise<Access> {
  switch (auth) {
    case 'public':
      return { auth };
    case 'admin':
      if (caller.type !== 'admin') throw new HttpProblem(403, 'admin_only', 'This needs the global key.');
      return { auth };
    case 'visitor':
      return visitorAccess(service, caller);
    case 'tenant':
      return tenantAccess(service, caller, claims, requested.body);
    case 'path-tenant':
      return pathAccess(service, caller, claims, requested);
    case 'host':
      return hostAccess(service, caller, claims);
    case 'webhook':
      if (caller.type !== 'platform') throw notFromPlatform();
      return { auth, call: caller.call };
    default:
      return auth satisfies never;
  }
}

/** Refuses a key that lacks the required scope, and names that scope. */
export function checkScopes(caller: Caller, permission: Permission): void {
  if (caller.type !== 'tenant' || mayDo(caller.scopes, permission)) return;
  throw missingScope(permission);
}

export function missingScope(permission: Permission): HttpProblem {
  return new HttpProblem(403, 'missing_scope', `This key needs the scope \`${permission}\`.`);
}

async function visitorAccess(service: ServiceStore, caller: Caller): Promise<Access> {
  const scope = caller.type === 'visitor' ? await service.scope(caller.visitor.tenantId) : undefined;
  if (caller.type !== 'visitor' || scope === undefined) {
    throw unauthorized('The visitor’s token is missing or over.', 'Bearer realm="sapa"');
  }
  return { auth: 'visitor', scope, visitorId: caller.visitor.visitorId };
}

/** The tenant a key acts for: its own or, with the global key, the one named in header or body. */
function actingTenant(
  caller: Caller,
  claims: CallerClaims,
  bodyTenant: string | undefined,
): string | undefined {
  const tenantId = caller.type === 'tenant' ? caller.tenantId : claims.tenantId;
  if (tenantId !== undefined && bodyTenant !== undefined && tenantId !== bodyTenant) throw tenantMismatch();
  return tenantId ?? bodyTenant;
}

async function tenantAccess(
  service: ServiceStore,
  caller: Caller,
  claims: CallerClaims,
  bodyTenant: string | undefined,
): Promise<Access> {
  const tenantId = actingTenant(caller, claims, bodyTenant);
  if (tenantId === undefined) {
    throw new HttpProblem(400, 'tenant_required', 'With the global key, name the tenant in `X-Tenant-Id`.');
  }
  const scope = await service.scope(tenantId);
  if (scope === undefined) throw new HttpProblem(404, 'tenant_not_found', 'There is no such tenant.');
  return { auth: 'tenant', scope, isAdmin: caller.type === 'admin' };
}

async function pathAccess(
  service: ServiceStore,
  caller: Caller,
  claims: CallerClaims,
  requested: { readonly body: string | undefined; readonly path: string | undefined },
): Promise<Access> {
  const tenantId = requested.path ?? '';
  // To a caller acting for one tenant, another tenant's id looks like one that does not exist.
  if (caller.type === 'tenant' && caller.tenantId !== tenantId) throw notFound();
  // The global key can see every tenant, so the answer names the contradiction instead of a missing resource.
  if (claims.tenantId !== undefined && claims.tenantId !== tenantId) throw tenantMismatch();
  if (requested.body !== undefined && requested.body !== tenantId) throw tenantMismatch();
  const scope = await service.scope(tenantId);
  if (scope === undefined && caller.type !== 'admin') throw notFound();
  const scopes = caller.type === 'tenant' && caller.scopes !== undefined ? { scopes: caller.scopes } : {};
  return { auth: 'path-tenant', tenantId, scope, isAdmin: caller.type === 'admin', ...scopes };
}

async function hostAccess(service: ServiceStore, caller: Caller, claims: CallerClaims): Promise<Access> {
  const acting =
    caller.type === 'tenant' ? caller.tenantId : caller.type === 'admin' ? claims.tenantId : undefined;
  const tenant =
    acting === undefined ? await service.tenantByHost(claims.host) : await service.tenant(acting);
  if (tenant !== undefined) return { auth: 'host', tenant };
  if (caller.type === 'nobody') throw unauthorized('An API key is needed in `X-API-Key`.', KEY_SCHEME);
  throw new HttpProblem(404, 'tenant_not_found', 'There is no such tenant.');
}
