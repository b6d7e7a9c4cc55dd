import type { PlatformWaits } from '../../../src/contracts/platform-waits.js';
import type { Clock } from '../../../src/contracts/runtime.js';
import { TelegramError } from '../telegram-error.js';

/** Two chats refused within this time until the same moment are subject to one wait, in ms. */
const ONE_WAIT_WITHIN_MS = 5_000;
/** Telegram gives waits in whole seconds. */
const SAME_MOMENT_MS = 1_250;

interface Refused {
  readonly chatId: number | string;
  readonly atMs: number;
  readonly untilMs: number;
}

/**
 * The waits Telegram imposes on one bot and its chats. A call during a wait makes it longer, and a typing
 * indicator counts as much as an answer.
 */
export class ChatWaits {
  private last: Refused | undefined;

  constructor(
    private readonly botId: string,
    private readonly waits: PlatformWaits,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  /** Makes a call to the chat, or throws at once with the remaining wait. */
  async during<T>(chatId: number | string, call: () => Promise<T>): Promise<T> {
    this.throwWhileWaiting(chatId);
    try {
      return await call();
    } catch (error) {
      if (isRateLimited(error)) await this.learn(chatId, error.retryAfterMs ?? 0);
      throw error;
    }
  }

  /** Makes a call that belongs to no chat: a refusal is for the whole bot. */
  async duringUnaddressed<T>(call: () => Promise<T>): Promise<T> {
    this.throwWhileWaiting();
    try {
      return await call();
    } catch (error) {
      if (isRateLimited(error)) await this.waits.impose(this.nameOf(), error.retryAfterMs ?? 0);
      throw error;
    }
  }

  private throwWhileWaiting(chatId?: number | string): void {
    const ofChat = chatId === undefined ? 0 : this.waits.leftMs(this.nameOf(chatId));
    const retryAfterMs = Math.max(ofChat, this.waits.leftMs(this.nameOf()));
    if (retryAfterMs > 0) throw new TelegramError('rate-limited', 'the chat has to wait', { retryAfterMs });
  }

  /**
   * Telegram does not say whether a chat or the whole bot has to wait. The waits of two chats hardly ever end
   * at the same moment by chance.
   */
  private async learn(chatId: number | string, retryAfterMs: number): Promise<void> {
    const atMs = this.clock.monotonicMs();
    const untilMs = atMs + retryAfterMs;
    const { last } = this;
    this.last = { chatId, atMs, untilMs };
    await this.waits.impose(this.nameOf(chatId), retryAfterMs);
    const isOfBot =
      last !== undefined &&
      last.chatId !== chatId &&
      atMs - last.atMs < ONE_WAIT_WITHIN_MS &&
      Math.abs(untilMs - last.untilMs) < SAME_MOMENT_MS;
    if (isOfBot) await this.waits.impose(this.nameOf(), retryAfterMs);
  }

  private nameOf(chatId?: number | string): string {
    return chatId === undefined ? `telegram ${this.botId}` : `telegram ${this.botId} ${chatId}`;
  }
}

function isRateLimited(error: unknown): error is TelegramError {
  return error instanceof TelegramError && error.kind === 'rate-limited';
}
