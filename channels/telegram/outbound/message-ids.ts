import { LRUCache } from 'lru-cache';
import { z } from 'zod';

/** Messages of every kind take an id, including those that are ignored. */
const updateSchema = z.object({
  message: z.object({ message_id: z.int(), chat: z.object({ id: z.int() }) }),
});
/** Supergroups and channels count their own messages; all other chats of a bot share one counter. */
const FIRST_SUPERGROUP = -1_000_000_000_000;
/** Per counter, the oldest entries beyond these numbers are forgotten. */
const MOST_KNOWN = 5_000;
const MOST_SENDS = 100;
/** All counters but one belong to supergroups. */
const MOST_COUNTERS = 1_000;

interface Counter {
  newest: number;
  readonly known: Set<number>;
  /** Our messages, with the time their sends began, in ms of the monotonic clock. */
  readonly sends: { readonly id: number; readonly beganMs: number }[];
}

/**
 * The message ids of one bot known from its sends and updates. Ids only grow: the message of a send whose
 * reply was lost is not below the newest id known when the send began, not above that of a send that began
 * after it ended, and not an id already known.
 */
export class MessageIds {
  private readonly counters = new LRUCache<string, Counter>({ max: MOST_COUNTERS });

  /** 0 if none is known. */
  newestOf(chatId: number | string): number {
    return this.counters.get(counterOf(chatId))?.newest ?? 0;
  }

  isKnown(chatId: number | string, messageId: number): boolean {
    return this.counters.get(counterOf(chatId))?.known.has(messageId) === true;
  }

  /** Takes an update as received from Telegram. */
  observe(update: unknown): void {
    const { message } = updateSchema.safeParse(update).data ?? {};
    if (message !== undefined) this.record(message.chat.id, message.message_id);
  }

  record(chatId: number | string, messageId: number): void {
    if (!Number.isSafeInteger(messageId)) return;
    const counter = this.counter(chatId);
    counter.newest = Math.max(counter.newest, messageId);
    counter.known.add(messageId);
    const [oldest] = counter.known;
    if (counter.known.size > MOST_KNOWN && oldest !== undefined) counter.known.delete(oldest);
  }

  recordSend(chatId: number | string, messageId: number, beganMs: number): void {
    this.record(chatId, messageId);
    const { sends } = this.counter(chatId);
    sends.push({ id: messageId, beganMs });
    if (sends.length > MOST_SENDS) sends.shift();
  }

  /**
   * The lowest id of our messages whose sends began at this time or later; `Infinity` if there is none yet.
   */
  firstSentSince(chatId: number | string, ms: number): number {
    const sends = this.counters.get(counterOf(chatId))?.sends ?? [];
    return Math.min(...sends.filter(({ beganMs }) => beganMs >= ms).map(({ id }) => id));
  }

  private counter(chatId: number | string): Counter {
    const key = counterOf(chatId);
    const counter = this.counters.get(key) ?? { newest: 0, known: new Set(), sends: [] };
    this.counters.set(key, counter);
    return counter;
  }
}

function counterOf(chatId: number | string): string {
  return Number(chatId) <= FIRST_SUPERGROUP ? String(chatId) : 'shared';
}
