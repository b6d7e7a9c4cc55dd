import type { Channel, ChannelAccount, ChannelCapabilities, Reception } from '../../src/contracts/channel.js';
import type { PlatformWaits } from '../../src/contracts/platform-waits.js';
import type { Clock, Fetch, Logger } from '../../src/contracts/runtime.js';
import { createBotMemories } from './bot-memory.js';
import { createTelegramClient } from './client.js';
import { botIdOf, telegramConfigSchema, type TelegramConfig } from './config.js';
import { openConnection } from './connection.js';
import { downloadFile } from './files.js';
import { decodeUpdate } from './inbound.js';
import { chatIdOf, sendMessage, type SendContext } from './outbound/send.js';
import { findSent } from './recovery.js';
import { TEXT_LIMIT } from './render.js';
import { createWebhook } from './webhook.js';

/** Largest file a bot may upload, in bytes: https://core.telegram.org/bots/api#sending-files */
const UPLOAD_LIMIT = 50 * 1024 * 1024;

const CAPABILITIES: ChannelCapabilities = {
  textLimit: TEXT_LIMIT,
  buttons: true,
  typing: true,
  files: true,
  fileLimit: UPLOAD_LIMIT,
  edits: true,
  reactions: true,
  bursts: true,
  delivery: 'push',
  sendsFrom: 'anywhere',
  repeatedSend: 'none',
};

export type { TelegramConfig } from './config.js';

export interface TelegramChannelDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch?: Fetch;
  readonly waits: PlatformWaits;
}

/** Telegram through its Bot API: long polling or webhooks in, HTML messages with buttons out. */
export function createTelegramChannel(dependencies: TelegramChannelDependencies): Channel<TelegramConfig> {
  const { clock, logger, fetch = globalThis.fetch } = dependencies;
  const memoryOf = createBotMemories(dependencies);
  const contextOf = ({ config }: ChannelAccount<TelegramConfig>, signal: AbortSignal): SendContext => ({
    client: createTelegramClient(config, fetch),
    clock,
    ...memoryOf(config),
    signal,
  });
  const receive = (raw: unknown, { config }: ChannelAccount<TelegramConfig>): Reception => {
    const { username } = config;
    const bot = { id: botIdOf(config), ...(username === undefined ? {} : { username }) };
    return decodeUpdate(raw, bot, clock.now());
  };
  /** For updates that come directly from Telegram: their message ids are the newest there are. */
  const receiveNow = (raw: unknown, account: ChannelAccount<TelegramConfig>): Reception => {
    const { messageIds, moved } = memoryOf(account.config);
    messageIds.observe(raw);
    const reception = receive(raw, account);
    if (reception.type !== 'event') moved.note(raw);
    return moved.withFirstId(reception);
  };
  return {
    name: 'telegram',
    capabilities: CAPABILITIES,
    configSchema: telegramConfigSchema,
    operatorFields: ['apiRoot'],
    compareMessageIds: (a, b) => Number(a) - Number(b),
    receive,
    send: (target, message, account, signal) => sendMessage(target, message, contextOf(account, signal)),
    connection: {
      open: (account, sink, signal) =>
        openConnection(account, sink, signal, {
          client: createTelegramClient(account.config, fetch),
          receive: receiveNow,
          moved: memoryOf(account.config).moved,
          clock,
          logger: logger.child({ channel: 'telegram', accountId: account.id }),
        }),
    },
    webhook: createWebhook(receiveNow, clock),
    files: {
      download: (reference, { config }, maxBytes, signal) =>
        memoryOf(config).waits.duringUnaddressed(() =>
          downloadFile(reference, maxBytes, createTelegramClient(config, fetch), signal),
        ),
    },
    recovery: {
      newestId(target, { config }) {
        const memory = memoryOf(config);
        const newest = memory.messageIds.newestOf(chatIdOf(target, memory));
        return newest === 0 ? undefined : String(newest);
      },
      findSent: (target, lost, account, signal) => findSent(target, lost, contextOf(account, signal)),
    },
  };
}
