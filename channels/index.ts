import type { Channel } from '../src/contracts/channel.js';
import type { PlatformWaits } from '../src/contracts/platform-waits.js';
import type { Clock, Fetch, Logger } from '../src/contracts/runtime.js';
import { createDiscordChannel } from './discord/index.js';
import { createTelegramChannel } from './telegram/index.js';
import { createTerminalChannel } from './terminal/index.js';
import { createWebChannel } from './web/index.js';
import { createWhatsAppChannel } from './whatsapp/index.js';

/** All channels: one that is not listed here does not exist. */
export function createChannels(deps: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: Fetch;
  readonly waits: PlatformWaits;
}): Readonly<Record<'telegram' | 'discord' | 'whatsapp' | 'web' | 'terminal', Channel>> {
  return {
    telegram: createTelegramChannel(deps),
    discord: createDiscordChannel(deps),
    whatsapp: createWhatsAppChannel(deps),
    web: createWebChannel(deps.clock),
    terminal: createTerminalChannel(deps.clock),
  };
}
