import type { Channel, ChannelAccount, Reception } from '../../src/contracts/channel.js';
import type { PlatformWaits } from '../../src/contracts/platform-waits.js';
import type { Clock, Fetch, Logger } from '../../src/contracts/runtime.js';
import { createTelegramClient } from './client.js';
import { botIdOf, telegramConfigSchema, type TelegramConfig } from './config.js';
import { openConnection } from './connection.js';
import { downloadFile } from './files.js';
import { decodeUpdate } from './inbound.js';
import { MovedChats } from './moved-chats.js';
import { ChatWaits } from './outbound/chat-waits.js';
import { Pace } from './outbound/pace.js';
import { chatIdOf, sendMessage, type SendContext } from './outbound/send.js';
import { createSearches } from './outbound/searches.js';
import { MessageIds } from './outbound/message-ids.js';
import { findSent } from './recovery.js';
import { TEXT_LIMIT } from './render.js';
import { createWebhook } from './webhook.js';

/** Largest file a bot may upload, in bytes: https://core.telegram.org/bots/api#sending-files */
const UPLOAD_LIMIT = 50 * 1024 * 1024;

export type { TelegramConfig } from './config.js';

export interface TelegramChannelDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch?: Fetch;
  readonly waits: PlatformWaits;
}

/** What is remembered about a bot between calls. */
type Memory = Pick<SendContext, 'waits' | 'pace' | 'messageIds' | 'searches' | 'moved'>;

/** Telegram through its Bot API: long polling or webhooks in, HTML messages with buttons out. */
export function createTelegramChannel(dependencies: TelegramChannelDependencies): Channel<TelegramConfig> {
  const { clock, logger, waits, fetch = globalThis.fetch } = dependencies;
  const memories = new Map<string, Memory>();
  const memoryOf = (config: TelegramConfig): Memory => {
    const botId = botIdOf(config);
    const memory = memories.get(botId) ?? {
      waits: new ChatWaits(botId, waits, clock),
      pace: new Pace(clock),
      messageIds: new MessageIds(),
      searches: createSearches(),
      moved: new MovedChats(),
    };
    memories.set(botId, memory);
    return memory;
  };
  const contextOf = ({ config }: ChannelAccount<TelegramConfig>, signal: AbortSignal): SendContext => ({
    client: createTelegramClient(config, fetch),
    clock,
    ...memoryOf(config),
    signal,
  });
  const receive = (raw: unknown, { config }: ChannelAccount<TelegramConfig>) =>
    decodeUpdate(
      raw,
      { id: botIdOf(config), ...(config.username === undefined ? {} : { username: config.username }) },
      clock.now(),
    );
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
    capabilities: {
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
    },
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
      newestId: (target, { config }) => {
        const memory = memoryOf(config);
        const newest = memory.messageIds.newestOf(chatIdOf(target, memory));
        return newest === 0 ? undefined : String(newest);
      },
      findSent: (target, lost, account, signal) => findSent(target, lost, contextOf(account, signal)),
    },
  };
}
