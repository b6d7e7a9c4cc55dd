import { LRUCache } from 'lru-cache';
import { z } from 'zod';

/** Messages of every kind take an id, including those that are ignored. */
const heardSchema = z.object({ message: z.object({ message_id: z.int(), chat: z.object({ id: z.int() }) }) });
/** Supergroups and channels count their own messages; all other chats of a bot share one counter. */
const FIRST_SUPERGROUP = -1_000_000_000_000;
/** Per counter, the oldest entries beyond these numbers are forgotten. */
const MOST_KNOWN = 5_000;
const MOST_MADE = 100;
/** All counters but one belong to supergroups. */
const MOST_COUNTERS = 1_000;

interface Counter {
  newest: number;
  readonly known: Set<number>;
  /** Our messages, with the time their sends began, in ms of the monotonic clock. */
  readonly made: { readonly id: number; readonly beganMs: number }[];
}

/**
 * The message ids of one bot known from its sends and updates. Ids only grow: the message of a send whose
 * reply was lost is not below the newest id known when the send began, not above that of a send that began
 * after it ended, and not an id already known.
 */
export class SeenIds {
  private readonly counters = new LRUCache<string, Counter>({ max: MOST_COUNTERS });

  /** 0 if none is known. */
  newestOf(chatId: number | string): number {
    return this.counters.get(counterOf(chatId))?.newest ?? 0;
  }

  isKnown(chatId: number | string, messageId: number): boolean {
    return this.counters.get(counterOf(chatId))?.known.has(messageId) === true;
  }

  /** Takes an update as received from Telegram. */
  heard(update: unknown): void {
    const { message } = heardSchema.safeParse(update).data ?? {};
    if (message !== undefined) this.noted(message.chat.id, message.message_id);
  }

  noted(chatId: number | string, messageId: number): void {
    if (!Number.isSafeInteger(messageId)) return;
    const counter = this.counter(chatId);
    counter.newest = Math.max(counter.newest, messageId);
    counter.known.add(messageId);
    const [oldest] = counter.known;
    if (counter.known.size > MOST_KNOWN && oldest !== undefined) counter.known.delete(oldest);
  }

  made(chatId: number | string, messageId: number, beganMs: number): void {
    this.noted(chatId, messageId);
    const { made } = this.counter(chatId);
    made.push({ id: messageId, beganMs });
    if (made.length > MOST_MADE) made.shift();
  }

  /**
   * The lowest id of our messages whose sends began at this time or later; `Infinity` if there is none yet.
   */
  firstMadeSince(chatId: number | string, ms: number): number {
    const made = this.counters.get(counterOf(chatId))?.made ?? [];
    return Math.min(...made.filter(({ beganMs }) => beganMs >= ms).map(({ id }) => id));
  }

  private counter(chatId: number | string): Counter {
    const key = counterOf(chatId);
    const counter = this.counters.get(key) ?? { newest: 0, known: new Set(), made: [] };
    this.counters.set(key, counter);
    return counter;
  }
}

function counterOf(chatId: number | string): string {
  return Number(chatId) <= FIRST_SUPERGROUP ? String(chatId) : 'shared';
}
