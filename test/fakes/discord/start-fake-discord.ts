import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { applyPlainFault, isPlainFault, replyJson, startLoopbackServer } from '../loopback-server.js';
import { DiscordRefusal, invalidToken, notFound, unauthorized } from './discord-refusal.js';
import type { FakeApp } from './fake-app.js';
import type { Fault } from './faults.js';
import { serveGateway } from './gateway-socket.js';
import type { JournalCall } from './journal.js';
import type { FormFile } from './message-body.js';
import { findRoute, type FoundRoute } from './routes.js';
import type { Json } from './types.js';
import { World, type WorldOptions } from './world.js';

export interface FakeDiscord {
  readonly world: World;
  /** Value for `DISCORD_API_BASE`: without the version. */
  readonly apiBase: string;
  readonly cdnBase: string;
  close(): Promise<void>;
}

/** Discord on loopback: REST v10, gateway v10, files. Follows Discord's rules and fails on demand. */
export async function startFakeDiscord({
  port = 0,
  ...options
}: { readonly port?: number } & WorldOptions = {}): Promise<FakeDiscord> {
  const world = new World(options);
  const listening = await startLoopbackServer(
    (request, response, body) => answer(world, request, response, body),
    { port },
  );
  const sockets = serveGateway(listening.server, world);
  world.base = listening.url;
  return {
    world,
    apiBase: `${world.base}/api`,
    cdnBase: `${world.base}/cdn`,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      return listening.close();
    },
  };
}

interface ParsedBody {
  readonly body: Json;
  readonly list: readonly Json[];
  readonly files: readonly FormFile[];
}

async function answer(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  raw: Buffer,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://discord');
  if (url.pathname.startsWith('/cdn/')) return sendFile(world, url.pathname, response);
  const method = request.method ?? 'GET';
  const path = decodeURIComponent(url.pathname.replace(/^\/api\/v10/, ''));
  if (!url.pathname.startsWith('/api/v10/')) return refuse(response, notFound());
  const match = findRoute(method, path);
  const app = appOf(world, request, path, match);
  const parsed = await parseBody(raw, request.headers['content-type'] ?? '');
  if (app === undefined || app.isRevoked) {
    if (app !== undefined) note(app, method, path, parsed, false).status = 401;
    if (app !== undefined) app.journal.invalidRequests++;
    return refuse(response, match?.route.isOpen === true ? invalidToken() : unauthorized());
  }
  const template = match?.route.path ?? path;
  const isLimited = match?.route.isOpen !== true;
  const verdict = isLimited ? app.limits.judge(app.id, method, path, template) : NO_LIMIT;
  const call = note(app, method, path, parsed, verdict.wasAnnounced);
  response.on('finish', () => {
    call.status = response.statusCode;
    if ([401, 403, 429].includes(response.statusCode)) app.journal.invalidRequests++;
  });
  for (const [name, value] of Object.entries(verdict.headers)) response.setHeader(name, value);
  if (verdict.retryAfter !== undefined) return tooMany(response, verdict.retryAfter, verdict.isGlobal);
  const fault = app.faults.next(method, path);
  if (await applyFault(fault, app, call, request, response)) return;
  try {
    if (match === undefined) throw notFound();
    const result = match.route.handle({
      world,
      app,
      params: match.params,
      query: url.searchParams,
      ...parsed,
    });
    if (fault !== undefined && 'drop' in fault) request.socket.destroy();
    else reply(response, result === undefined ? 204 : 200, result);
  } catch (error) {
    if (!(error instanceof DiscordRefusal)) throw error;
    refuse(response, error);
  }
}

const NO_LIMIT = { headers: {}, retryAfter: undefined, isGlobal: false, wasAnnounced: false } as const;

/**
 * Finds the application by token; calls without a bot token name the application or an interaction in the
 * path.
 */
function appOf(
  world: World,
  request: IncomingMessage,
  path: string,
  match: FoundRoute | undefined,
): FakeApp | undefined {
  const botToken = /^Bot (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (botToken !== undefined) return world.apps.get(botToken);
  if (match?.route.isOpen !== true) return undefined;
  const [, kind, id = '', token = ''] = path.split('/');
  if (kind === 'webhooks') return world.appOfId(id);
  if (kind === 'interactions')
    return (
      [...world.apps.values()].find((app) => app.interactions.all.has(token)) ?? [...world.apps.values()][0]
    );
  return [...world.apps.values()][0];
}

function note(
  app: FakeApp,
  method: string,
  path: string,
  { body, list, files }: ParsedBody,
  duringWait: boolean,
): JournalCall {
  const call: JournalCall = {
    method,
    path,
    body: list.length > 0 ? { list } : body,
    files: files.map(({ name }) => name),
    at: Date.now(),
    applicationId: app.id,
    duringWait,
    status: 0,
  };
  app.journal.calls.push(call);
  return call;
}

/** Returns `true` if the call is finished. */
async function applyFault(
  fault: Fault | undefined,
  app: FakeApp,
  call: JournalCall,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (fault === undefined) return false;
  if (isPlainFault(fault)) return applyPlainFault(fault, request, response);
  if ('retryAfter' in fault) {
    const { scope = 'user', retryAfter, afterMs = 0 } = fault;
    if (afterMs > 0) await sleep(afterMs);
    const isGlobal = scope === 'global' || scope === 'blocked';
    app.limits.impose(app.id, call.method, call.path, retryAfter, isGlobal);
    if (scope === 'blocked') {
      response.writeHead(429, { 'content-type': 'text/html', 'retry-after': String(Math.ceil(retryAfter)) });
      response.end('<html>You are being rate limited</html>');
      return true;
    }
    response.setHeader('x-ratelimit-scope', scope);
    tooMany(response, retryAfter, isGlobal);
    return true;
  }
  const message = fault.message ?? (fault.status >= 500 ? 'Internal Server Error' : 'Refused by the script');
  refuse(response, new DiscordRefusal(fault.status, fault.code ?? 0, message));
  return true;
}

function tooMany(response: ServerResponse, seconds: number, isGlobal: boolean): void {
  response.setHeader('retry-after', String(Math.max(1, Math.ceil(seconds))));
  if (isGlobal) response.setHeader('x-ratelimit-global', 'true');
  reply(response, 429, {
    message: 'You are being rate limited.',
    retry_after: Number(seconds.toFixed(3)),
    global: isGlobal,
  });
}

function sendFile(world: World, path: string, response: ServerResponse): void {
  const file = world.files.get(path);
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('This content is no longer available.');
    return;
  }
  response.writeHead(200, { 'content-type': file.type }).end(file.bytes);
}

async function parseBody(raw: Buffer, type: string): Promise<ParsedBody> {
  if (raw.length === 0) return { body: {}, list: [], files: [] };
  if (!type.startsWith('multipart/')) return { ...asBody(parsed(raw.toString())), files: [] };
  const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': type } }).formData();
  const payload = form.get('payload_json');
  const files: FormFile[] = [];
  for (const [name, value] of form) {
    const index = /^files\[(\d+)\]$/.exec(name)?.[1];
    if (index === undefined || typeof value === 'string') continue;
    const bytes = new Uint8Array(await value.arrayBuffer());
    files.push({ index: Number(index), name: value.name, type: value.type, bytes });
  }
  return { ...asBody(parsed(typeof payload === 'string' ? payload : '{}')), files };
}

/** Rejects lone surrogates anywhere in the body: JSON can express them, UTF-8 cannot. */
function parsed(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (/\\ud[89a-f]/i.test(JSON.stringify(value)))
    throw new DiscordRefusal(400, 50109, 'The request body contains invalid JSON.');
  return value;
}

function asBody(value: unknown): Pick<ParsedBody, 'body' | 'list'> {
  if (Array.isArray(value)) return { body: {}, list: value as Json[] };
  return { body: (value ?? {}) as Json, list: [] };
}

function refuse(response: ServerResponse, { status, code, message, errors }: DiscordRefusal): void {
  reply(response, status, { message, code, ...(errors === undefined ? {} : { errors }) });
}

/** A 204 has neither body nor content type, because clients would try to parse them. */
function reply(response: ServerResponse, status: number, body: unknown): void {
  if (body === undefined) response.writeHead(status).end();
  else replyJson(response, status, body);
}
