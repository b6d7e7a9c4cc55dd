import { createChannels } from '../../../channels/index.js';
import type { Channel } from '../../contracts/channel.js';
import type { FilePart } from '../../contracts/message.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { InboxEvent } from '../../contracts/turn.js';
import type { FindAccount } from '../../contracts/chat.js';
import { Accounts, SharedWaits } from '../../gateway/index.js';
import type { Foundation } from '../foundation.js';

/** Largest file fetched from a platform, in bytes; this is Telegram's limit for bots. */
const MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024;

export interface GatewayRoom {
  readonly channels: readonly Channel[];
  readonly accounts: Accounts;
  readonly findAccount: FindAccount;
  /** Waits imposed by platforms, on this process or another. */
  readonly waits: SharedWaits;
  /** Downloads a file that came with an event. */
  download(scope: TenantScope, event: InboxEvent, file: FilePart, signal: AbortSignal): Promise<Uint8Array>;
}

/** The platforms and the businesses' accounts on them. */
export function gatewayRoom({ service, clock, logger, fetch }: Foundation): GatewayRoom {
  const waits = new SharedWaits({ store: service.waits, clock, logger });
  const channels = createChannels({ clock, logger, fetch, waits });
  const builtIn = new Map([
    ['api', channels.web],
    ['web', channels.web],
    ['terminal', channels.terminal],
  ]);
  const accounts = new Accounts({ service, channels: Object.values(channels), builtIn, logger });
  return {
    channels: Object.values(channels),
    accounts,
    findAccount: accounts.find.bind(accounts),
    waits,
    async download(scope, event, file, signal) {
      const connected = accounts.find(scope.tenantId, event.accountId, event.channel);
      if (connected?.channel.files === undefined) throw new Error(`${event.channel} carries no files`);
      return connected.channel.files.download(file.reference, connected.account, MAX_DOWNLOAD_BYTES, signal);
    },
  };
}
