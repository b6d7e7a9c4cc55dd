import type { Clock } from '../../../src/contracts/runtime.js';
import { TelegramError } from '../telegram-error.js';

/** Waits that are over are removed once there are more chats than this. */
const MOST_CHATS = 10_000;

/**
 * The waits imposed by Telegram, per chat. A call during a wait makes it longer, and a typing indicator
 * counts as much as an answer.
 */
export class ChatWaits {
  private readonly until = new Map<number | string, number>();

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  /** Makes the call, or throws at once with the remaining wait. */
  async during<T>(chatId: number | string, call: () => Promise<T>): Promise<T> {
    const leftMs = (this.until.get(chatId) ?? 0) - this.clock.monotonicMs();
    if (leftMs > 0) {
      throw new TelegramError('rate-limited', 'the chat has to wait', { retryAfterMs: Math.ceil(leftMs) });
    }
    this.until.delete(chatId);
    try {
      return await call();
    } catch (error) {
      if (error instanceof TelegramError && error.kind === 'rate-limited') this.learn(chatId, error);
      throw error;
    }
  }

  private learn(chatId: number | string, { retryAfterMs = 0 }: TelegramError): void {
    const until = this.clock.monotonicMs() + retryAfterMs;
    this.until.set(chatId, Math.max(until, this.until.get(chatId) ?? 0));
    if (this.until.size <= MOST_CHATS) return;
    for (const [chat, end] of this.until) if (end <= this.clock.monotonicMs()) this.until.delete(chat);
  }
}
