import { z } from 'zod';
import type { AccountState } from '../../../src/contracts/channel.js';
import { fromBytes, toBytes } from './json-bytes.js';

/** How often a chat's last message time is stored, in ms: it need not be exact. */
const NOTE_EVERY_MS = 60 * 60 * 1000;

const chatSchema = z.object({
  /** When the person last wrote, in ms. */
  heardAt: z.number().optional(),
  /** After how many seconds messages in the chat disappear. */
  expiration: z.number().optional(),
});

export type ChatFacts = z.output<typeof chatSchema>;

/** The facts about a chat that answers depend on. */
export interface Chats {
  get(chatId: string): Promise<ChatFacts>;
  /** Somebody wrote in the chat; `expiration` as the message gives it, in seconds. */
  heard(chatId: string, atMs: number, expiration?: number): Promise<void>;
}

export function createChats(state: AccountState): Chats {
  const cache = new Map<string, ChatFacts>();

  const get = async (chatId: string): Promise<ChatFacts> => {
    const cached = cache.get(chatId);
    if (cached !== undefined) return cached;
    const bytes = (await state.read([keyOf(chatId)])).get(keyOf(chatId));
    const facts = (bytes && chatSchema.safeParse(fromBytes(bytes)).data) ?? {};
    cache.set(chatId, facts);
    return facts;
  };

  return {
    get,
    async heard(chatId, atMs, expiration) {
      const before = await get(chatId);
      const isRecent = before.heardAt !== undefined && atMs - before.heardAt < NOTE_EVERY_MS;
      if (isRecent && before.expiration === expiration) return;
      const facts: ChatFacts = {
        heardAt: Math.max(atMs, before.heardAt ?? 0),
        ...(expiration === undefined || expiration === 0 ? {} : { expiration }),
      };
      if (isRecent && facts.expiration === before.expiration) return;
      await state.write(new Map([[keyOf(chatId), toBytes(facts)]]));
      cache.set(chatId, facts);
    },
  };
}

function keyOf(chatId: string): string {
  return `chat/${chatId}`;
}
