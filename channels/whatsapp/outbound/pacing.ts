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
  /** When the latest stranger was written to, in ms. */
  latest: z.number().default(0),
  /** Until when WhatsApp lets the number start no chats, in ms. */
  restrictedUntil: z.number().default(0),
});
type PacingRecord = z.output<typeof pacingSchema>;

interface PacingDependencies {
  readonly state: AccountState;
  readonly clock: Clock;
  readonly messagesPerSecond: number;
  readonly newChatsPerDay: number;
}

/**
 * Decides when a message may be sent. Throws a `ChannelError` that says how long to wait. What strangers have to
 * wait for is kept in the account's state, for the next process that holds the connection.
 */
export class Pacing {
  private tokens: number;
  private refilledMs: number;

  private constructor(
    private readonly deps: PacingDependencies,
    /** Absent until the first stranger or restriction. */
    private record: PacingRecord | undefined,
  ) {
    this.tokens = this.burst;
    this.refilledMs = deps.clock.monotonicMs();
  }

  static async load(deps: PacingDependencies): Promise<Pacing> {
    const bytes = (await deps.state.read([KEY])).get(KEY);
    return new Pacing(deps, bytes && pacingSchema.safeParse(fromBytes(bytes)).data);
  }

  /** WhatsApp said that the number may not start chats until then; `undefined` lifts the restriction. */
  async restrict(until: Date | undefined): Promise<void> {
    const restrictedUntil = until?.getTime() ?? 0;
    if (restrictedUntil !== this.current().restrictedUntil) await this.save({ restrictedUntil });
  }

  get restrictedUntil(): Date | undefined {
    const { restrictedUntil } = this.current();
    return restrictedUntil <= this.deps.clock.now().getTime() ? undefined : new Date(restrictedUntil);
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
    const nowMs = this.deps.clock.now().getTime();
    const current = this.current();
    if (current.restrictedUntil > nowMs) {
      throw wait('WhatsApp lets this number start no chats now', current.restrictedUntil - nowMs);
    }
    // A clock that was set back must not make this wait longer.
    const sinceLatestMs = Math.max(0, nowMs - current.latest);
    if (sinceLatestMs < LIMITS.betweenStrangersMs) {
      throw wait('people who never wrote are written to slowly', LIMITS.betweenStrangersMs - sinceLatestMs);
    }
    const day = Math.floor(nowMs / DAY_MS);
    const strangers = current.day === day ? current.strangers : 0;
    if (strangers >= this.mostOn(current, nowMs)) {
      throw wait('enough people who never wrote for today', (day + 1) * DAY_MS - nowMs);
    }
    const since = current.strangers === 0 ? nowMs : current.since;
    await this.save({ since, day, strangers: strangers + 1, latest: nowMs });
  }

  private mostOn({ since }: PacingRecord, nowMs: number): number {
    const days = Math.floor((nowMs - since) / DAY_MS) + 1;
    return Math.min(this.deps.newChatsPerDay, days * LIMITS.strangersPerDay);
  }

  private current(): PacingRecord {
    const since = this.deps.clock.now().getTime();
    return this.record ?? { since, day: 0, strangers: 0, latest: 0, restrictedUntil: 0 };
  }

  private async save(change: Partial<PacingRecord>): Promise<void> {
    this.record = { ...this.current(), ...change };
    await this.deps.state.write(new Map([[KEY, toBytes(this.record)]]));
  }
}

function wait(reason: string, retryAfterMs: number): ChannelError {
  return new ChannelError('rate-limited', `send: ${reason}`, { retryAfterMs });
}
