import { z } from 'zod';
import { ChannelError, type AccountState } from '../../../src/contracts/channel.js';
import type { Clock } from '../../../src/contracts/runtime.js';
import { fromBytes, toBytes } from '../state/json-bytes.js';

/**
 * What gets numbers banned is writing to people who did not write first, and doing so fast. These
 * are cautious guesses, for WhatsApp tells no limits: answers are hardly slowed, strangers much.
 */
const LIMITS = {
  /** Answers: what goes in this time may also go at once, in seconds. */
  burstSeconds: 4,
  /** A shortage that is over so soon is waited for, in ms. */
  shortMs: 2_000,
  /** Between two people who never wrote, in ms. */
  betweenStrangersMs: 20_000,
  /** A new number may write to so many strangers on its first day, and to as many more on each next. */
  strangersPerDayOfAge: 5,
} as const;

const DAY_MS = 24 * 60 * 60 * 1000;
const KEY = 'pacing';

const pacingSchema = z.object({
  /** When the number was first open here, in ms. */
  since: z.number(),
  day: z.number(),
  strangers: z.number(),
});
type Record = z.output<typeof pacingSchema>;

/** Decides when a message may go. Throws a `ChannelError` that says how long to wait. */
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

  /** WhatsApp itself said that the number may not start chats until then. */
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

  /** Taken before it is there: whoever comes next waits behind. */
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
    const ageDays = Math.floor((nowMs - since) / DAY_MS) + 1;
    return Math.min(this.deps.newChatsPerDay, ageDays * LIMITS.strangersPerDayOfAge);
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
