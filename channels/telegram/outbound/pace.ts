import type { Clock } from '../../../src/contracts/runtime.js';
import { TelegramError } from '../telegram-error.js';

/** At most `count` messages within `withinMs`. */
interface Limit {
  readonly count: number;
  readonly withinMs: number;
}

/**
 * The rates Telegram accepts without refusals: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits
 */
const CHAT: Limit = { count: 1, withinMs: 1_000 };
const GROUP: Limit = { count: 20, withinMs: 60_000 };
const ALL: Limit = { count: 30, withinMs: 1_000 };
/** Calls without a visible effect may use only part of that, to leave room for messages. */
const UNSEEN: Limit = { count: 20, withinMs: 1_000 };
/** Waits up to this are slept through, in ms: coming back later costs more. */
const SHORT_MS = 2_000;
/** Above this, chats with no message within the longest limit are forgotten. */
const MOST_CHATS = 10_000;

/**
 * Decides when the messages of one bot may be sent. A message counts from the time Telegram accepted it, so
 * that latency cannot bring it too close to the previous one.
 */
export class Pace {
  private readonly all: number[] = [];
  private readonly chats = new Map<number | string, number[]>();

  constructor(private readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>) {}

  /** Waits for the chat's turn, or throws the wait time if that takes long. */
  async during<T>(chatId: number | string, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    await this.turnOf(chatId, signal);
    const sent = this.note(chatId);
    try {
      const result = await send();
      sent.isTaken();
      return result;
    } catch (error) {
      // A rejected message never appears in the chat, so it does not count.
      if (error instanceof TelegramError && error.kind === 'rejected') sent.isRefused();
      else sent.isTaken();
      throw error;
    }
  }

  /**
   * Waits until a call without a visible effect may be made. It counts only towards the limit of the whole
   * bot and leaves room for messages.
   */
  async unseen(signal: AbortSignal): Promise<void> {
    for (;;) {
      const now = this.clock.monotonicMs();
      const waitMs = waitOf(this.all, UNSEEN, now);
      if (waitMs <= 0) {
        this.all.push(now);
        if (this.all.length > ALL.count) this.all.shift();
        return;
      }
      await this.clock.sleep(Math.ceil(waitMs), signal).catch(() => undefined);
      if (signal.aborted) throw tooEarly(waitMs);
    }
  }

  private async turnOf(chatId: number | string, signal: AbortSignal): Promise<void> {
    for (let waitedMs = 0; ;) {
      const waitMs = Math.ceil(this.waitMs(chatId));
      if (waitMs <= 0) return;
      if (waitedMs + waitMs > SHORT_MS) throw tooEarly(waitMs);
      await this.clock.sleep(waitMs, signal).catch(() => undefined);
      if (signal.aborted) throw tooEarly(waitMs);
      waitedMs += waitMs;
    }
  }

  private waitMs(chatId: number | string): number {
    const now = this.clock.monotonicMs();
    const sent = this.chats.get(chatId) ?? [];
    return Math.max(
      waitOf(sent, CHAT, now),
      isGroup(chatId) ? waitOf(sent, GROUP, now) : 0,
      waitOf(this.all, ALL, now),
    );
  }

  /** Counts a message from now on; `isTaken` moves it to the current time, `isRefused` removes it. */
  private note(chatId: number | string): { isTaken(): void; isRefused(): void } {
    const inChat = this.chats.get(chatId) ?? [];
    this.chats.set(chatId, inChat);
    const now = this.clock.monotonicMs();
    const both = [
      { times: inChat, most: GROUP.count },
      { times: this.all, most: ALL.count },
    ];
    for (const { times, most } of both) {
      times.push(now);
      if (times.length > most) times.shift();
    }
    this.forgetOld(now);
    const replace = (...by: readonly number[]): void => {
      for (const { times } of both) {
        const place = times.indexOf(now);
        if (place < 0) continue;
        times.splice(place, 1);
        times.push(...by);
      }
    };
    return { isTaken: () => replace(this.clock.monotonicMs()), isRefused: () => replace() };
  }

  private forgetOld(now: number): void {
    if (this.chats.size <= MOST_CHATS) return;
    for (const [chatId, sent] of this.chats) {
      if ((sent.at(-1) ?? 0) < now - GROUP.withinMs) this.chats.delete(chatId);
    }
  }
}

function tooEarly(retryAfterMs: number): TelegramError {
  return new TelegramError('rate-limited', 'the chat has to wait for its turn', { retryAfterMs });
}

/** How long until one more fits, in ms; 0 or less if it fits now. */
function waitOf(sent: readonly number[], { count, withinMs }: Limit, now: number): number {
  const first = sent.at(-count);
  return first === undefined ? 0 : first + withinMs - now;
}

/** Groups have negative ids. */
function isGroup(chatId: number | string): boolean {
  return Number(chatId) < 0;
}
