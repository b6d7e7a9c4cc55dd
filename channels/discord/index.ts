import type { Channel, ChannelAccount } from '../../src/contracts/channel.js';
import type { PlatformWaits } from '../../src/contracts/platform-waits.js';
import type { Clock, Fetch, Logger } from '../../src/contracts/runtime.js';
import { createDiscordClient, type DiscordClient } from './client.js';
import { discordConfigSchema, type DiscordConfig } from './config.js';
import { openConnection } from './connection.js';
import { downloadFile } from './files.js';
import { decodeDispatch } from './inbound/inbound.js';
import { InvalidRequests } from './limits.js';
import { sendMessage } from './outbound/send.js';
import { TEXT_LIMIT } from './render.js';
import { createSharing } from './sharing.js';
import { FirstResponses } from './first-responses.js';
import { compareIds } from './snowflake.js';
import { createThreads } from './threads.js';
import { createWebhook } from './webhook.js';

export type { DiscordConfig } from './config.js';

/** File size that every guild and private chat accepts, without a paid boost. */
const FILE_LIMIT = 10 * 1024 * 1024;

export interface DiscordChannelDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch?: Fetch;
  readonly waits: PlatformWaits;
}

/**
 * Discord: receives through the gateway or posted interactions; sends messages with buttons, threads and
 * files.
 */
export function createDiscordChannel(dependencies: DiscordChannelDependencies): Channel<DiscordConfig> {
  const { clock, logger, waits, fetch = globalThis.fetch } = dependencies;
  const invalid = new InvalidRequests(clock);
  const firstResponses = new FirstResponses();
  const clients = new Map<string, DiscordClient>();
  /** Returns the one client of a token, because it holds the rate-limit buckets. */
  const clientOf = ({ token, apiBase }: DiscordConfig): DiscordClient => {
    const key = `${apiBase} ${token}`;
    const client =
      clients.get(key) ?? createDiscordClient({ token, apiBase }, { clock, fetch, invalid, waits });
    clients.set(key, client);
    return client;
  };
  const receive = (raw: unknown, { config }: ChannelAccount<DiscordConfig>) =>
    decodeDispatch(raw, config, clock.now());
  return {
    name: 'discord',
    capabilities: {
      textLimit: TEXT_LIMIT,
      buttons: true,
      typing: true,
      files: true,
      fileLimit: FILE_LIMIT,
      edits: true,
      reactions: true,
      bursts: true,
      delivery: 'push',
      sendsFrom: 'anywhere',
      repeatedSend: 'deduplicated',
    },
    configSchema: discordConfigSchema,
    operatorFields: ['apiBase'],
    compareMessageIds: compareIds,
    receive,
    send: (target, message, { config }, signal) =>
      sendMessage(target, message, {
        client: clientOf(config),
        clock,
        signal,
        acknowledged: (token) => firstResponses.acknowledged(token),
      }),
    connection: {
      open: (account, sink, signal) =>
        openConnection(account, sink, signal, {
          client: clientOf(account.config),
          receive,
          firstResponses,
          clock,
          logger: logger.child({ channel: 'discord', accountId: account.id }),
        }),
    },
    webhook: createWebhook(receive, () => clock.now()),
    files: {
      download: (reference, { config }, maxBytes, signal) =>
        downloadFile(reference, maxBytes, clientOf(config), signal),
    },
    threads: createThreads(clientOf),
    sharing: createSharing(clientOf),
  };
}
