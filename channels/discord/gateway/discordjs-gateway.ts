import type { REST } from '@discordjs/rest';
import {
  SimpleIdentifyThrottler,
  WebSocketManager,
  WebSocketShardEvents,
  type IIdentifyThrottler,
  type SessionInfo,
} from '@discordjs/ws';
import { DiscordError } from '../discord-error.js';
import { errorOfRest } from '../discordjs-rest.js';
import type { GatewayOptions, OpenGateway } from './gateway-link.js';

/** Closing with this code keeps the session; 1000 would end it. */
const COME_BACK_LATER = 4200;
/** Close codes after which a session cannot be resumed. */
const SESSION_OVER = [1000, 1001, 4003, 4005, 4007, 4008];
const AUTHENTICATION_FAILED = 4004;
/** Identifies kept in reserve: identifying too often within a day resets the bot's token. */
const KEEP_IDENTIFIES = 100;
const HELLO_TIMEOUT_MS = 20_000;
/** Time limit for closing, in ms. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Shared by all accounts of one bot, so that new sessions wait for each other. */
export interface BotSessions {
  throttler?: IIdentifyThrottler;
}

/** Connects all shards of a bot through discord.js's gateway client, which reconnects and resumes them. */
export async function openGatewayLink(
  token: string,
  rest: REST,
  options: GatewayOptions,
  bot: BotSessions,
  refused: () => void,
): Promise<OpenGateway> {
  const sessions = new Map<number, SessionInfo>();
  /** Shards that are connected or about to be. */
  const linked = new Set<number>();
  const lastClose = new Map<number, number>();
  let isClosing = false;

  const manager = new WebSocketManager({
    token,
    rest,
    intents: options.intents,
    helloTimeout: HELLO_TIMEOUT_MS,
    async buildIdentifyThrottler(asking) {
      const { session_start_limit: limit } = await asking.fetchGatewayInformation();
      return (bot.throttler ??= new SimpleIdentifyThrottler(limit.max_concurrency));
    },
    async retrieveSessionInfo(shardId) {
      if (!linked.has(shardId)) {
        await options.beforeConnect(shardId);
        linked.add(shardId);
        lastClose.delete(shardId);
        const session = sessions.get(shardId) ?? options.sessionOf(shardId);
        if (session !== undefined) sessions.set(shardId, session);
      }
      return sessions.get(shardId) ?? null;
    },
    updateSessionInfo(shardId, session) {
      if (session !== null) {
        const isNew = sessions.get(shardId)?.sessionId !== session.sessionId;
        sessions.set(shardId, session);
        if (isNew) options.sessionChanged(shardId, session);
        return;
      }
      const code = lastClose.get(shardId);
      // A temporary network failure does not end a session: Discord may still have it.
      if (isClosing || (code !== undefined && !SESSION_OVER.includes(code))) return;
      sessions.delete(shardId);
      options.sessionChanged(shardId, undefined);
    },
  });
  manager.on(WebSocketShardEvents.Dispatch, ({ data, shardId }) => options.dispatch(shardId, data));
  manager.on(WebSocketShardEvents.Ready, ({ shardId }) => options.opened(shardId, 'ready'));
  manager.on(WebSocketShardEvents.Resumed, ({ shardId }) => options.opened(shardId, 'resumed'));
  manager.on(WebSocketShardEvents.Closed, ({ code, shardId }) => {
    linked.delete(shardId);
    lastClose.set(shardId, code);
    if (code === AUTHENTICATION_FAILED) refused();
    if (!isClosing) options.closed(shardId, code);
  });
  // The close code tells what is wrong; without a listener the emitter would throw.
  manager.on(WebSocketShardEvents.Error, () => undefined);

  await prepare(manager);
  // Settles when all shards are ready, which may never happen.
  manager.connect().catch(() => undefined);
  return {
    async close() {
      isClosing = true;
      const closing = Promise.resolve(manager.destroy({ code: COME_BACK_LATER })).catch(() => undefined);
      await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref())]);
    },
  };
}

/** Fetches the gateway information and checks that enough session starts are left today. */
async function prepare(manager: WebSocketManager): Promise<void> {
  try {
    const { session_start_limit: limit, shards } = await manager.fetchGatewayInformation();
    const remaining = limit.remaining - shards;
    if (remaining >= Math.min(KEEP_IDENTIFIES, Math.floor(limit.total / 10))) return;
    const retryAfterMs = Math.max(60_000, limit.reset_after);
    throw new DiscordError('rate-limited', 'gateway: too many new sessions today', { retryAfterMs });
  } catch (error) {
    throw errorOfRest('GET /gateway/bot', error);
  }
}
