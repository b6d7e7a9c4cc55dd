import { z } from 'zod';

/** Messages of every kind take an id, also those that are passed by. */
const heardSchema = z.object({ message: z.object({ message_id: z.int(), chat: z.object({ id: z.int() }) }) });
/** Supergroups and channels count their own messages; all other chats of a bot share one counter. */
const FIRST_SUPERGROUP = -1_000_000_000_000;
/** What is older than so many others of its counter is forgotten. */
const MOST_KNOWN = 5_000;
const MOST_MADE = 100;
/** Counters are those of supergroups, but for one. */
const MOST_COUNTERS = 1_000;

interface Counter {
  newest: number;
  readonly known: Set<number>;
  /** Messages of ours, with when their sends began, in ms of the monotonic clock. */
  readonly made: { readonly id: number; readonly beganMs: number }[];
}

/**
 * The message ids of one bot, as far as its sends and updates told. Ids only grow: a send whose
 * reply was lost made none below the newest that was known when it began, none above one whose
 * send began when all was over, and none that is known already.
 */
export class SeenIds {
  private readonly counters = new Map<string, Counter>();

  /** 0 where none is known. */
  newestOf(chatId: number | string): number {
    return this.counters.get(counterOf(chatId))?.newest ?? 0;
  }

  isKnown(chatId: number | string, messageId: number): boolean {
    return this.counters.get(counterOf(chatId))?.known.has(messageId) === true;
  }

  /** An update, as it came from Telegram. */
  heard(update: unknown): void {
    const { message } = heardSchema.safeParse(update).data ?? {};
    if (message !== undefined) this.noted(message.chat.id, message.message_id);
  }

  noted(chatId: number | string, messageId: number): void {
    if (!Number.isSafeInteger(messageId)) return;
    const counter = this.counter(chatId);
    counter.newest = Math.max(counter.newest, messageId);
    counter.known.add(messageId);
    if (counter.known.size > MOST_KNOWN) forgetFirst(counter.known);
  }

  made(chatId: number | string, messageId: number, beganMs: number): void {
    this.noted(chatId, messageId);
    const { made } = this.counter(chatId);
    made.push({ id: messageId, beganMs });
    if (made.length > MOST_MADE) made.shift();
  }

  /** The first message of ours that was begun at this time or later; `Infinity` where there is none yet. */
  firstMadeSince(chatId: number | string, ms: number): number {
    const made = this.counters.get(counterOf(chatId))?.made ?? [];
    return Math.min(...made.filter(({ beganMs }) => beganMs >= ms).map(({ id }) => id));
  }

  private counter(chatId: number | string): Counter {
    const key = counterOf(chatId);
    const counter = this.counters.get(key) ?? { newest: 0, known: new Set(), made: [] };
    // The one used last stands last: the first is the one to forget.
    this.counters.delete(key);
    this.counters.set(key, counter);
    if (this.counters.size > MOST_COUNTERS) forgetFirst(this.counters);
    return counter;
  }
}

function counterOf(chatId: number | string): string {
  return Number(chatId) <= FIRST_SUPERGROUP ? String(chatId) : 'shared';
}

function forgetFirst<Key>(from: Set<Key> | Map<Key, unknown>): void {
  for (const key of from.keys()) {
    from.delete(key);
    return;
  }
}
