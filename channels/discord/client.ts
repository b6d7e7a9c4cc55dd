import { createHash } from 'node:crypto';
import type { PlatformWaits } from '../../src/contracts/platform-waits.js';
import type { Clock, Fetch } from '../../src/contracts/runtime.js';
import { untilAborted } from '../../src/lib/work/until-aborted.js';
import { botIdOf, type DiscordConfig } from './config.js';
import type { DiscordCall } from './discord-call.js';
import { DiscordError, noAnswerError } from './discord-error.js';
import type { BotSessions } from './gateway/discordjs-gateway.js';
import type { GatewayOptions, OpenGateway } from './gateway/gateway-link.js';
import { Limits, routeOf, type InvalidRequests } from './limits.js';

/** How long a token that Discord refused is not tried again, in ms. */
const REFUSED_FOR_MS = 15 * 60_000;
/** Waits up to this long are slept through, in ms: coming back later costs more. */
const SHORT_WAIT_MS = 1_000;
/** Hosts where Discord keeps files, besides the host of the API itself. */
const FILE_HOSTS = ['cdn.discordapp.com', 'media.discordapp.net'];

/**
 * The Discord API for one bot. Rejects only with `ChannelError`; makes no calls while Discord wants us to
 * wait.
 */
export interface DiscordClient {
  call(call: DiscordCall, signal: AbortSignal): Promise<unknown>;
  /** Fetches the attachment at this URL. */
  openFile(url: string, signal: AbortSignal): Promise<Response>;
  openGateway(options: GatewayOptions): Promise<OpenGateway>;
}

export interface DiscordClientDependencies {
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly invalid: InvalidRequests;
  readonly waits: PlatformWaits;
}

type Library = Awaited<ReturnType<typeof load>>;

export function createDiscordClient(
  { token, apiBase }: Pick<DiscordConfig, 'token' | 'apiBase'>,
  { clock, fetch, invalid, waits }: DiscordClientDependencies,
): DiscordClient {
  const limits = new Limits({ bot: botNameOf(token), clock, invalid, waits });
  let refusedAtMs: number | undefined;
  const throwIfRefused = (name: string): void => {
    if (refusedAtMs === undefined || clock.monotonicMs() - refusedAtMs > REFUSED_FOR_MS) return;
    throw new DiscordError('unauthorized', `${name}: Discord refused this token a moment ago`);
  };
  const limited: Fetch = async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const path = pathname.slice(new URL(apiBase).pathname.length).replace(/^\/v\d+/, '');
    const { signal, ...options } = init ?? {};
    const method = (options.method ?? 'GET').toUpperCase();
    await takeSoon(limits, method, path, clock, signal ?? undefined);
    const ask = async (request: RequestInit): Promise<Response> => {
      const response = await fetch(input, request);
      await limits.learn(method, path, response.status, response.headers);
      return response;
    };
    if (options.body || !signal) return ask(init ?? {});
    // Only a call that carries something is broken off: a typing indicator may no longer be needed, but a
    // refusal that is never read leaves a wait unknown.
    return untilAborted(ask(options), signal);
  };
  let opening: Promise<Library> | undefined;
  const open = (): Promise<Library> => (opening ??= load(apiBase, limited));
  return {
    async call(call, signal) {
      const { name, isFree } = routeOf(call.method, call.path);
      if (!isFree) throwIfRefused(name);
      const { rest, request } = await open();
      try {
        if (!isFree) rest.setToken(token);
        return await request(call, name, !isFree, signal);
      } catch (error) {
        if (error instanceof DiscordError && error.kind === 'unauthorized') refusedAtMs = clock.monotonicMs();
        throw error;
      }
    },
    async openFile(url, signal) {
      if (!isFileOf(url, apiBase)) throw new DiscordError('rejected', 'download: not a file of Discord');
      try {
        return await fetch(url, { signal, redirect: 'error' });
      } catch (error) {
        throw noAnswerError('download', error);
      }
    },
    async openGateway(options) {
      throwIfRefused('gateway');
      const { connect } = await open();
      return connect(token, options, () => {
        refusedAtMs = clock.monotonicMs();
      });
    },
  };
}

/**
 * Waits for a rate-limit token if one is available soon; otherwise throws an error that says how long to
 * wait.
 */
async function takeSoon(
  limits: Limits,
  method: string,
  path: string,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let waitedMs = 0; ;) {
    try {
      return limits.take(method, path);
    } catch (error) {
      const waitMs = error instanceof DiscordError ? (error.retryAfterMs ?? Infinity) : Infinity;
      if (waitedMs + waitMs > SHORT_WAIT_MS) throw error;
      await clock.sleep(waitMs, signal);
      waitedMs += waitMs;
    }
  }
}

/** Equal in all processes. */
function botNameOf(token: string): string {
  return botIdOf({ token }) ?? createHash('sha256').update(token).digest('base64url').slice(0, 16);
}

/** Loads discord.js on the first call, so that a business without Discord does not wait for it. */
async function load(apiBase: string, fetch: Fetch) {
  const { createRest } = await import('./discordjs-rest.js');
  const { request, rest } = createRest(apiBase, fetch);
  const bot: BotSessions = {};
  return {
    rest,
    request,
    async connect(token: string, options: GatewayOptions, refused: () => void): Promise<OpenGateway> {
      const { openGatewayLink } = await import('./gateway/discordjs-gateway.js');
      return openGatewayLink(token, rest, options, bot, refused);
    },
  };
}

/** Prevents a message from making us fetch from any other host. */
function isFileOf(url: string, apiBase: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, protocol } = new URL(url);
  const api = new URL(apiBase);
  if (hostname === api.hostname) return true;
  return protocol === 'https:' && FILE_HOSTS.includes(hostname);
}
