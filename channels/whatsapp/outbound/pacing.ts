import { z } from 'zod';
import { ChannelError, type AccountState } from '../../../src/contracts/channel.js';
import type { Clock } from '../../../src/contracts/runtime.js';
import { fromBytes, toBytes } from '../state/json-bytes.js';

/**
 * Numbers get banned for writing to people who did not write first, and for doing so fast. WhatsApp publishes
 * no limits, so these are cautious guesses: answers are hardly slowed, first messages to strangers a lot.
 */
const LIMITS = {
  /** How many seconds' worth of messages may be sent in one burst. */
  burstSeconds: 4,
  /** Longest wait that is slept through instead of reported, in ms. */
  shortMs: 2_000,
  /** Minimum time between first messages to two strangers, in ms. */
  betweenStrangersMs: 20_000,
  /**
   * How many strangers may be written to on the first day that any is; each further day allows as many more.
   * Answering does not count: a number that has only answered would stand out by writing to many at once.
   */
  strangersPerDay: 5,
} as const;

const DAY_MS = 24 * 60 * 60 * 1000;
const KEY = 'pacing';

const pacingSchema = z.object({
  /** When the number first wrote to a stranger here, in ms. */
  since: z.number(),
  day: z.number(),
  strangers: z.number(),
});
type Record = z.output<typeof pacingSchema>;

/** Decides when a message may be sent. Throws a `ChannelError` that says how long to wait. */
export class Pacing {
  private tokens: number;
  private refilledMs: number;
  private lastStrangerMs = -Infinity;
  private restrictedUntilMs = 0;
  private record: Record | undefined;

  constructor(
    private readonly deps: {
      readonly state: AccountState;
      readonly clock: Clock;
      readonly messagesPerSecond: number;
      readonly newChatsPerDay: number;
    },
  ) {
    this.tokens = this.burst;
    this.refilledMs = deps.clock.monotonicMs();
  }

  /** WhatsApp said that the number may not start chats until then; `undefined` lifts the restriction. */
  restrict(until: Date | undefined): void {
    this.restrictedUntilMs = until?.getTime() ?? 0;
  }

  get restrictedUntil(): Date | undefined {
    const isOver = this.restrictedUntilMs <= this.deps.clock.now().getTime();
    return isOver ? undefined : new Date(this.restrictedUntilMs);
  }

  async admit(isStranger: boolean): Promise<void> {
    await this.takeToken();
    if (isStranger) await this.admitStranger();
  }

  private get burst(): number {
    return Math.max(1, this.deps.messagesPerSecond * LIMITS.burstSeconds);
  }

  /** Takes a token before it is available, so that later callers wait behind this one. */
  private async takeToken(): Promise<void> {
    const { clock, messagesPerSecond } = this.deps;
    const now = clock.monotonicMs();
    const gained = ((now - this.refilledMs) / 1000) * messagesPerSecond;
    this.tokens = Math.min(this.burst, this.tokens + gained);
    this.refilledMs = now;
    const waitMs = this.tokens >= 1 ? 0 : Math.ceil(((1 - this.tokens) * 1000) / messagesPerSecond);
    if (waitMs > LIMITS.shortMs) throw wait('many messages at once', waitMs);
    this.tokens--;
    if (waitMs > 0) await clock.sleep(waitMs);
  }

  private async admitStranger(): Promise<void> {
    const { clock, state } = this.deps;
    const nowMs = clock.now().getTime();
    if (this.restrictedUntilMs > nowMs) {
      throw wait('WhatsApp lets this number start no chats now', this.restrictedUntilMs - nowMs);
    }
    const sinceLastMs = clock.monotonicMs() - this.lastStrangerMs;
    if (sinceLastMs < LIMITS.betweenStrangersMs) {
      throw wait('people who never wrote are written to slowly', LIMITS.betweenStrangersMs - sinceLastMs);
    }
    const day = Math.floor(nowMs / DAY_MS);
    const current = await this.load(nowMs);
    const strangers = current.day === day ? current.strangers : 0;
    if (strangers >= this.mostOn(current, nowMs)) {
      throw wait('enough people who never wrote for today', (day + 1) * DAY_MS - nowMs);
    }
    this.lastStrangerMs = clock.monotonicMs();
    this.record = { ...current, day, strangers: strangers + 1 };
    await state.write(new Map([[KEY, toBytes(this.record)]]));
  }

  private mostOn({ since }: Record, nowMs: number): number {
    const days = Math.floor((nowMs - since) / DAY_MS) + 1;
    return Math.min(this.deps.newChatsPerDay, days * LIMITS.strangersPerDay);
  }

  private async load(nowMs: number): Promise<Record> {
    if (this.record === undefined) {
      const bytes = (await this.deps.state.read([KEY])).get(KEY);
      this.record = bytes && pacingSchema.safeParse(fromBytes(bytes)).data;
    }
    return this.record ?? { since: nowMs, day: 0, strangers: 0 };
  }
}

function wait(reason: string, retryAfterMs: number): ChannelError {
  return new ChannelError('rate-limited', `send: ${reason}`, { retryAfterMs });
}
