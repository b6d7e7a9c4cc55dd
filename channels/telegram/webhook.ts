import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ChannelAccount, ChannelWebhook, Reception, WebhookCall } from '../../src/contracts/channel.js';
import type { Clock } from '../../src/contracts/runtime.js';
import type { TelegramConfig } from './config.js';

/** Telegram repeats the secret given to setWebhook in this header. */
const SECRET_HEADER = 'x-telegram-bot-api-secret-token';
/** Telegram calls within seconds, so an update that is older was kept back, in ms. */
const KEPT_AFTER_MS = 10 * 60_000;
/** Telegram keeps an update for a day: if one seems older, our clock is wrong. In ms. */
const KEPT_FOR_MS = 25 * 60 * 60_000;
/** The URL contains the bot's name, so that a process that never called getMe can recognise mentions. */
const NAME_PARAMETER = 'bot';

/**
 * The secret by which Telegram identifies itself. By default it is derived from the token, so that every
 * process knows it and a new token yields a new secret; the token cannot be derived from it.
 */
export function webhookSecretOf({ id, config }: ChannelAccount<TelegramConfig>): string {
  if (config.webhookSecret !== undefined) return config.webhookSecret;
  return createHmac('sha256', config.token).update(`sapa webhook of ${id}`).digest('base64url');
}

/** The URL for setWebhook. */
export function webhookUrlFor(url: string, { config }: ChannelAccount<TelegramConfig>): string {
  return config.username === undefined ? url : `${url}?${NAME_PARAMETER}=${config.username}`;
}

/**
 * Handles Telegram's calls. Every call with the right secret is answered with success, even if it is not an
 * update: Telegram repeats a refused call for a day and holds back everything after it in the same chat.
 */
export function createWebhook(
  receive: (raw: unknown, account: ChannelAccount<TelegramConfig>) => Reception,
  clock: Pick<Clock, 'now'>,
): ChannelWebhook<TelegramConfig> {
  return {
    isUsedBy: ({ mode }) => mode === 'webhook',
    admits: ({ headers }, account) => isSecret(headers[SECRET_HEADER], webhookSecretOf(account)),
    open: (call, body, account) => ({
      type: 'accepted',
      receptions: [notingWait(receive(parsedOrUndefined(body), withUsername(account, call)), clock.now())],
    }),
  };
}

function notingWait(reception: Reception, now: Date): Reception {
  if (reception.type !== 'event') return reception;
  const waitedMs = now.getTime() - reception.event.sentAt.getTime();
  const wasKept = waitedMs > KEPT_AFTER_MS && waitedMs < KEPT_FOR_MS;
  return wasKept ? { ...reception, event: { ...reception.event, wasKept: true } } : reception;
}

/** Compares hashes, so that the timing reveals neither the content nor the length of the secret. */
function isSecret(header: WebhookCall['headers'][string], secret: string): boolean {
  return typeof header === 'string' && timingSafeEqual(sha256(header), sha256(secret));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function withUsername(
  account: ChannelAccount<TelegramConfig>,
  { query }: WebhookCall,
): ChannelAccount<TelegramConfig> {
  const username = query[NAME_PARAMETER];
  return username === undefined ? account : { ...account, config: { ...account.config, username } };
}

function parsedOrUndefined(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
