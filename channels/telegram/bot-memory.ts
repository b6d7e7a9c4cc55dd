import type { PlatformWaits } from '../../src/contracts/platform-waits.js';
import type { Clock } from '../../src/contracts/runtime.js';
import { botIdOf, type TelegramConfig } from './config.js';
import { MovedChats } from './moved-chats.js';
import { ChatWaits } from './outbound/chat-waits.js';
import { MessageIds } from './outbound/message-ids.js';
import { Pace } from './outbound/pace.js';
import { createSearches } from './outbound/searches.js';
import type { SendContext } from './outbound/send.js';

/** What is remembered about a bot between calls. */
export type BotMemory = Pick<SendContext, 'waits' | 'pace' | 'messageIds' | 'searches' | 'moved'>;

/** Returns the one memory of a bot, whichever account uses it. */
export function createBotMemories({
  waits,
  clock,
}: {
  readonly waits: PlatformWaits;
  readonly clock: Clock;
}): (config: TelegramConfig) => BotMemory {
  const memories = new Map<string, BotMemory>();
  return (config) => {
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
}
