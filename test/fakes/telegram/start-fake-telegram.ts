import type { IncomingMessage, ServerResponse } from 'node:http';
import busboy from 'busboy';
import { ZodError } from 'zod';
import { applyPlainFault, isPlainFault, replyJson, startLoopbackServer } from '../loopback-server.js';
import { BotApiError } from './bot-api-error.js';
import { FakeBot, type FakeBotOptions } from './fake-bot.js';
import { scopesOf, type Fault } from './faults.js';
import { METHODS } from './methods.js';
import type { Params } from './types.js';

export interface FakeTelegram {
  /** Without a trailing slash. */
  readonly apiRoot: string;
  /** The bot with this token; created on first use. Telegram does not know any other tokens. */
  bot(token: string): FakeBot;
  close(): Promise<void>;
}

/** A Bot API server on loopback that follows Telegram's rules and fails on demand. */
export async function startFakeTelegram({
  port = 0,
  ...options
}: { readonly port?: number } & FakeBotOptions = {}): Promise<FakeTelegram> {
  const bots = new Map<string, FakeBot>();
  const listening = await startLoopbackServer(
    (request, response, body) => answer(bots, request, response, body),
    { port },
  );
  return {
    apiRoot: listening.url,
    bot(token) {
      const bot = bots.get(token) ?? new FakeBot(token, options);
      bots.set(token, bot);
      return bot;
    },
    close() {
      for (const bot of bots.values()) bot.webhook.close();
      return listening.close();
    },
  };
}

async function answer(
  bots: ReadonlyMap<string, FakeBot>,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
) {
  const url = new URL(request.url ?? '/', 'http://telegram');
  const [, place, name = ''] = /^\/(file\/bot|bot)([^/]+)/.exec(url.pathname) ?? [];
  const bot = bots.get(decodeURIComponent(name));
  const rest = url.pathname.slice(`/${place ?? ''}${name}/`.length);
  if (place === undefined) return refuse(response, new BotApiError(404, 'Not Found'));
  if (!bot || bot.isRevoked) {
    bot?.journal.record({ method: rest, params: {}, at: Date.now(), duringWait: false });
    return refuse(response, new BotApiError(401, 'Unauthorized'));
  }
  if (place === 'file/bot') return sendFile(bot, decodeURIComponent(rest), request, response);
  return callMethod(bot, rest, await paramsOf(body, url, request), request, response);
}

async function callMethod(
  bot: FakeBot,
  method: string,
  params: Params,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const wait = currentWait(bot, method, params);
  bot.journal.record({ method, params, at: Date.now(), duringWait: wait !== undefined });
  if (wait) return refuse(response, tooMany(Math.ceil((wait.untilMs - Date.now()) / 1000)));
  const busyUntilMs = bot.flood?.busyUntil(method, params.chat_id);
  const fault =
    busyUntilMs === undefined
      ? bot.faults.next(method)
      : { status: 429, retryAfter: (busyUntilMs - Date.now()) / 1000 };
  if (await applyFault(fault, bot, method, params, request, response)) return;
  const closed = new AbortController();
  response.on('close', () => closed.abort());
  try {
    const handler = METHODS[method.toLowerCase()];
    if (!handler) throw new BotApiError(404, 'Not Found: method not found');
    const result = await handler(bot, params, closed.signal);
    if (fault && 'drop' in fault) request.socket.destroy();
    else replyJson(response, 200, { ok: true, result });
  } catch (error) {
    if (error instanceof BotApiError) refuse(response, error);
    else if (error instanceof ZodError) {
      refuse(
        response,
        new BotApiError(400, `Bad Request: ${error.issues[0]?.message ?? 'wrong parameters'}`),
      );
    } else throw error;
  }
}

/** Returns `true` if the call is finished. */
async function applyFault(
  fault: Fault | undefined,
  bot: FakeBot,
  method: string,
  params: Params,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (!fault) return false;
  if (isPlainFault(fault)) return applyPlainFault(fault, request, response);
  if (fault.retryAfter !== undefined) {
    const sinceMs = Date.now();
    const untilMs = sinceMs + fault.retryAfter * 1000;
    const scope = scopesOf(method, params.chat_id).at(fault.isForBot === true ? 0 : -1) ?? 'bot';
    bot.faults.waits.push({ scope, sinceMs, untilMs });
    refuse(response, tooMany(Math.ceil(fault.retryAfter)));
  } else refuse(response, new BotApiError(fault.status, fault.description ?? 'Internal Server Error'));
  return true;
}

function currentWait(bot: FakeBot, method: string, params: Params) {
  const now = Date.now();
  const scopes = scopesOf(method, params.chat_id);
  return bot.faults.waits.find(({ scope, untilMs }) => untilMs > now && scopes.includes(scope));
}

function tooMany(seconds: number): BotApiError {
  return new BotApiError(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
}

/** Faults for the method `download` apply to files. */
async function sendFile(bot: FakeBot, path: string, request: IncomingMessage, response: ServerResponse) {
  bot.journal.record({ method: 'download', params: { path }, at: Date.now(), duringWait: false });
  if (await applyFault(bot.faults.next('download'), bot, 'download', {}, request, response)) return;
  const file = [...bot.files.values()].find((candidate) => candidate.file_path === path);
  if (!file) return refuse(response, new BotApiError(404, 'Not Found'));
  response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(file.bytes);
}

async function paramsOf(body: Buffer, url: URL, request: IncomingMessage): Promise<Params> {
  const query = Object.fromEntries(url.searchParams);
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('multipart/')) return { ...query, ...(await paramsOfForm(body, type)) };
  return body.length === 0 ? query : { ...query, ...(JSON.parse(body.toString()) as Params) };
}

/** Files are parts of a form; the field a file belongs to names its part with `attach://`. */
async function paramsOfForm(body: Buffer, type: string): Promise<Params> {
  const attached = new Map<string, { readonly name: string; readonly bytes: Uint8Array }>();
  const fields: [string, string][] = [];
  const form = busboy({ headers: { 'content-type': type }, defParamCharset: 'utf8' });
  form.on('field', (name, value) => fields.push([name, value]));
  form.on('file', (part, stream, { filename: name }) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () =>
      attached.set(part, { name: name ?? part, bytes: new Uint8Array(Buffer.concat(chunks)) }),
    );
  });
  await new Promise((resolve, reject) => {
    form.on('close', resolve).on('error', reject);
    form.end(body);
  });
  return Object.fromEntries(
    fields.map(([name, value]) => [name, attached.get(value.replace('attach://', '')) ?? ofField(value)]),
  );
}

function ofField(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function refuse(response: ServerResponse, { code, description, parameters }: BotApiError): void {
  const details = Object.keys(parameters).length === 0 ? {} : { parameters };
  replyJson(response, code, { ok: false, error_code: code, description, ...details });
}
