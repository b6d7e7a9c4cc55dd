import { Readable } from 'node:stream';
import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import type { StoredResponse, TenantScope } from '../../contracts/stores.js';
import type { RawBody } from '../../lib/api/body-spec.js';
import { canonicalHash } from '../../lib/api/canonical-hash.js';
import type {
  Access,
  PreparedCall,
  RequestFacts,
  Route,
  RouteAuth,
  RouteResult,
} from '../../lib/api/route.js';
import type { ServerDependencies } from '../dependencies.js';
import { HttpProblem, invalidRequest } from '../../lib/api/problem.js';
import { mediaType, refuseEncoding } from '../request/media-type.js';
import { hasBody, readBytes } from '../request/read-body.js';
import { readJson } from '../request/read-json.js';
import { readQuery } from '../request/read-query.js';
import { readUpload } from '../request/read-upload.js';
import { hostOf, plainAddress } from '../request/client-address.js';
import type { Caller, CallerClaims } from './authenticate.js';
import { auditOf } from './audited.js';
import { authenticate, checkScopes, grantAccess } from './authenticate.js';
import { sendEvents } from './event-stream.js';
import type { WriteIdentity } from './idempotently.js';
import { idempotently, keepAnswer } from './idempotently.js';
import type { RateLimits } from './rate-limits.js';
import { takeTenantId } from './take-tenant-id.js';

/** A platform calls our URL as given, and people may add query parameters of their own. */
const TAKES_ANY_QUERY: ReadonlySet<RouteAuth> = new Set(['public', 'webhook']);
const TAKES_KEY: ReadonlySet<RouteAuth> = new Set(['tenant', 'path-tenant', 'admin']);
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;

/** Takes a matched request from its headers to its response; the order of the steps matters for security. */
export function createDispatch(deps: ServerDependencies, rateLimits: RateLimits) {
  return async function dispatch(ctx: Context, route: Route, params: Record<string, string>): Promise<void> {
    const claims = claimsOf(ctx, route, params, deps.config.trustProxy);
    const ip = plainAddress(ctx.ip);
    const caller = await identify(deps, rateLimits, route, claims, ip);
    const query = route.query === undefined ? {} : readQuery(ctx.querystring);
    if (route.query === undefined && !TAKES_ANY_QUERY.has(route.auth)) refuseQuery(ctx.querystring);
    const idempotencyKey = keyOf(ctx);
    const read = takeTenantId(await readBody(deps, ctx, route));
    const access = await grantAccess(deps.service, route.auth, caller, claims, {
      body: read.tenantId,
      path: params['id'],
    });
    checkScopes(caller, route.permission);
    const call = route.prepare({ params, query, body: read.body });
    const request: RequestFacts = {
      requestId: String(ctx.state['requestId']),
      ip,
      host: claims.host,
      origin: ctx.get('origin') || undefined,
      accept: ctx.get('accept'),
      wantsEvents: wantsEvents(ctx),
      authorization: claims.authorization,
      idempotencyKey,
      callerId: callerIdOf(caller, claims),
      ifMatch: versionOf(ctx.get('if-match')),
      headers: singleHeaders(ctx),
      signal: goneSignal(ctx),
    };
    const result = await run(deps, route, params, call, access, request);
    const entry = auditOf(
      route,
      params,
      read.body.type === 'json' ? read.body.value : undefined,
      caller,
      result,
    );
    const tenantScope = entry === undefined ? undefined : await changedTenant(deps, access);
    if (entry !== undefined && tenantScope !== undefined) await deps.audit?.note(tenantScope, entry);
    await respond(deps, ctx, result);
  };
}

/** The tenant whose trail records the change; `undefined` if it is gone or no tenant was involved. */
function changedTenant(deps: ServerDependencies, access: Access): Promise<TenantScope | undefined> {
  const tenantId = access.auth === 'path-tenant' ? access.tenantId : scopeOf(access)?.tenantId;
  return tenantId === undefined ? Promise.resolve(undefined) : deps.service.scope(tenantId);
}

function claimsOf(
  ctx: Context,
  route: Route,
  params: Record<string, string>,
  trustProxy: number,
): CallerClaims {
  const header = (name: string): string | undefined => ctx.req.headers[name] as string | undefined;
  return {
    apiKey: header('x-api-key') ?? (TAKES_KEY.has(route.auth) ? bearerOf(ctx) : undefined),
    tenantId: header('x-tenant-id') || undefined,
    authorization: header('authorization'),
    host: hostOf(header('host'), header('x-forwarded-host'), trustProxy),
    platform: {
      channel: params['channel'] ?? '',
      accountId: params['account'] ?? '',
      headers: ctx.req.headers,
      query: Object.fromEntries(new URLSearchParams(ctx.querystring)),
    },
  };
}

/** Programs written for other services can send a key only this way. */
function bearerOf(ctx: Context): string | undefined {
  return /^Bearer (\S{1,500})$/i.exec(ctx.get('authorization'))?.[1];
}

function singleHeaders(ctx: Context): Readonly<Record<string, string>> {
  const entries = Object.entries(ctx.req.headers);
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

async function identify(
  deps: ServerDependencies,
  rateLimits: RateLimits,
  route: Route,
  claims: CallerClaims,
  ip: string,
): Promise<Caller> {
  if (route.tag === 'web') await rateLimits.visitorRequest(ip);
  // Counted before a secret is compared, so that guessing reveals nothing once the limit is reached.
  if (claims.apiKey !== undefined && route.auth !== 'webhook') await rateLimits.mayTry(ip);
  let caller: Caller;
  try {
    caller = await authenticate(deps, route.auth, claims, deps.clock.now());
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 401) await rateLimits.failedAuth(ip);
    throw error;
  }
  if (claims.apiKey !== undefined && (caller.type === 'tenant' || caller.type === 'admin')) {
    const key = createHash('sha256').update(claims.apiKey).digest('base64url');
    const tenantId = caller.type === 'tenant' ? caller.tenantId : (claims.tenantId ?? '');
    await rateLimits.key(`${tenantId}:${key}`, ip);
  }
  return caller;
}

/** Identifies keys without revealing them. */
function callerIdOf(caller: Caller, { apiKey = '' }: CallerClaims): string {
  switch (caller.type) {
    case 'tenant':
      return createHash('sha256').update(apiKey).digest('base64url').slice(0, 12);
    case 'visitor':
      return caller.visitor.visitorId;
    case 'admin':
    case 'nobody':
    case 'platform':
      return caller.type;
    default:
      return caller satisfies never;
  }
}

function refuseQuery(queryString: string): void {
  const names = Object.keys(readQuery(queryString));
  if (names.length === 0) return;
  const errors = names.map((name) => ({
    path: name.slice(0, 100),
    code: 'unknown_field',
    message: 'There is no such parameter.',
  }));
  throw invalidRequest('This route takes no query.', errors.slice(0, 50));
}

function keyOf(ctx: Context): string | undefined {
  const key = ctx.req.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && IDEMPOTENCY_KEY.test(key)) return key;
  throw new HttpProblem(
    400,
    'invalid_idempotency_key',
    'An Idempotency-Key has 1 to 200 visible ASCII characters.',
  );
}

async function readBody(deps: ServerDependencies, ctx: Context, route: Route): Promise<RawBody> {
  const { body } = route;
  if (body === undefined) return { type: 'none' };
  if (body.optional && !hasBody(ctx.req)) return { type: 'none' };
  refuseEncoding(ctx.req);
  const { limits } = deps.config;
  switch (body.type) {
    case 'json':
      return { type: 'json', value: await readJson(ctx.req, limits.jsonBytes) };
    case 'upload': {
      if (body.json !== undefined && mediaType(ctx.req).type === 'application/json') {
        return { type: 'json', value: await readJson(ctx.req, limits.jsonBytes) };
      }
      const maxBytes = Math.max(limits.uploadBytes, body.maxBytes ?? 0);
      return { type: 'upload', ...(await readUpload(ctx.req, maxBytes, body.plainTypes)) };
    }
    case 'bytes':
      return { type: 'bytes', bytes: await readBytes(ctx.req, limits.webhookBytes) };
    default:
      return body.type satisfies never;
  }
}

/** `*` matches any version. */
function versionOf(ifMatch: string): number | undefined {
  const tag = ifMatch.trim();
  if (tag === '' || tag === '*') return undefined;
  return Number(/^"v(\d{1,15})"$/.exec(tag)?.[1] ?? NaN);
}

function wantsEvents(ctx: Context): boolean {
  return /(^|,)\s*text\/event-stream\b/i.test(ctx.get('accept'));
}

function goneSignal(ctx: Context): AbortSignal {
  const controller = new AbortController();
  ctx.res.once('close', () => {
    if (!ctx.res.writableFinished) controller.abort(new Error('the client went away'));
  });
  return controller.signal;
}

function scopeOf(access: Access): TenantScope | undefined {
  return access.auth === 'tenant' || access.auth === 'path-tenant' || access.auth === 'visitor'
    ? access.scope
    : undefined;
}

async function run(
  deps: ServerDependencies,
  route: Route,
  params: Readonly<Record<string, string>>,
  call: PreparedCall,
  access: Access,
  request: RequestFacts,
): Promise<RouteResult> {
  const key = request.idempotencyKey;
  if (key === undefined || route.idempotency !== 'stored') return call.handle(access, request);
  const write: WriteIdentity = {
    key: `${request.callerId}:${key}`,
    requestHash: canonicalHash([route.method, route.path, params, call.body]),
    sealWith: route.secretAnswer ? deps.secret : undefined,
  };
  const store = async (): Promise<StoredResponse> => storedResponse(await call.handle(access, request));
  const tenantId = access.auth === 'path-tenant' ? access.tenantId : call.newTenantId(key);
  const find = async (): Promise<TenantScope | undefined> =>
    scopeOf(access) ?? (tenantId === undefined ? undefined : deps.service.scope(tenantId));
  const scope = await find();
  if (scope !== undefined) return storedResult(await idempotently(scope, write, store));
  // The write may have created the tenant, and only then is there a place to store the response.
  const response = await store();
  const newScope = await find();
  if (newScope !== undefined) await keepAnswer(newScope, write, response);
  return storedResult(response);
}

const JSON_TYPE = 'application/json; charset=utf-8';

function storedResponse(result: RouteResult): StoredResponse {
  switch (result.type) {
    case 'json':
      return { status: result.status, contentType: JSON_TYPE, body: JSON.stringify(result.body) };
    case 'empty':
      return { status: 204, contentType: '', body: '' };
    case 'text':
    case 'bytes':
    case 'events':
      throw new Error(`an answer of type ${result.type} cannot be stored`);
    default:
      return result satisfies never;
  }
}

function storedResult(response: StoredResponse): RouteResult {
  if (response.status === 204) return { type: 'empty' };
  return { type: 'json', status: response.status, body: JSON.parse(response.body) as unknown };
}

async function respond(deps: ServerDependencies, ctx: Context, result: RouteResult): Promise<void> {
  switch (result.type) {
    case 'json':
      ctx.status = result.status;
      ctx.set({ ...result.headers });
      ctx.type = JSON_TYPE;
      ctx.body = JSON.stringify(result.body);
      return;
    case 'empty':
      ctx.status = 204;
      return;
    case 'text':
      ctx.body = typeof result.text === 'string' ? result.text : Readable.from(result.text);
      ctx.set({ ...result.headers, 'Content-Type': result.contentType });
      return;
    case 'bytes':
      sendBytes(ctx, result.bytes instanceof Uint8Array ? [result.bytes] : result.bytes);
      ctx.set('Content-Type', result.contentType);
      if (result.fileName !== undefined) ctx.attachment(result.fileName);
      return;
    case 'events':
      ctx.respond = false;
      await sendEvents(ctx.res, deps.clock, deps.config.limits.heartbeatMs, (sink) => result.run(sink));
      return;
    default:
      result satisfies never;
  }
}

function sendBytes(ctx: Context, pieces: readonly Uint8Array[]): void {
  ctx.body = Readable.from(pieces);
  ctx.length = pieces.reduce((sum, piece) => sum + piece.length, 0);
}
