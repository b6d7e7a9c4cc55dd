import type { PlatformWaits } from '../../src/contracts/platform-waits.js';
import type { Clock } from '../../src/contracts/runtime.js';
import { DiscordError, rateLimitError } from './discord-error.js';

/** Discord allows a bot 50 calls a second; two are kept in reserve for calls in flight. */
const CALLS_A_SECOND = 48;
/** Our clock may run a little ahead of Discord's, in ms. */
const MARGIN_MS = 15;
/** After 10,000 refused calls in ten minutes Discord blocks our address, for every business on it. */
const INVALID_WINDOW_MS = 10 * 60_000;
const INVALID_LIMIT = 2_000;
/** Shorter waits, as after every reaction, are over before another process could learn of them, in ms. */
const WORTH_SHARING_MS = 1_000;
/** Wait after a 429 without a time, in ms; it comes from the network in front of Discord. */
const UNKNOWN_WAIT_MS = 60_000;

interface Bucket {
  remaining: number;
  /** In monotonic clock time, in ms. */
  resetAtMs: number;
}

/** Counts the refused calls of all bots in this process. */
export class InvalidRequests {
  private readonly at: number[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly limit = INVALID_LIMIT,
  ) {}

  count(status: number): void {
    if (status === 401 || status === 403 || status === 429) this.at.push(this.clock.monotonicMs());
  }

  /** How long to make no calls, in ms; 0 if there is no danger. */
  waitMs(): number {
    const now = this.clock.monotonicMs();
    while ((this.at[0] ?? Infinity) < now - INVALID_WINDOW_MS) this.at.shift();
    const oldest = this.at[this.at.length - this.limit];
    return oldest === undefined ? 0 : oldest + INVALID_WINDOW_MS - now;
  }
}

export interface LimitsDependencies {
  /** Names the bot; not a secret. */
  readonly bot: string;
  readonly clock: Clock;
  readonly invalid: InvalidRequests;
  readonly waits: PlatformWaits;
}

/**
 * The rate-limit buckets of one bot, learned from Discord's responses, to avoid calls that Discord would
 * refuse. Checked right before each call.
 */
export class Limits {
  private readonly buckets = new Map<string, Bucket>();
  /** Discord's bucket names, by our route without its channel. */
  private readonly names = new Map<string, string>();
  private readonly calls: number[] = [];

  constructor(private readonly deps: LimitsDependencies) {}

  /** Takes a token for this call; throws an error that says how long to wait if none is left. */
  take(method: string, path: string): void {
    const route = routeOf(method, path);
    const { invalid, clock, waits } = this.deps;
    const danger = invalid.waitMs();
    if (danger > 0) {
      const reason = 'too many of our calls were refused; another might get our address blocked';
      throw new DiscordError('rate-limited', `${route.name}: ${reason}`, { retryAfterMs: danger });
    }
    const now = clock.monotonicMs();
    const bucket = this.buckets.get(this.keyOf(route));
    const bucketWaitMs =
      bucket !== undefined && bucket.remaining <= 0 && bucket.resetAtMs > now ? bucket.resetAtMs - now : 0;
    const sharedWaitsMs = [this.nameOfAll, ...this.namesOf(route)].map((name) => waits.leftMs(name));
    const commonWaitMs = route.isFree ? 0 : Math.max(this.burstWaitMs(now), ...sharedWaitsMs);
    const waitMs = Math.max(commonWaitMs, bucketWaitMs);
    if (waitMs > 0) throw rateLimitError(route.name, waitMs);
    if (bucket !== undefined) bucket.remaining--;
    if (!route.isFree) this.calls.push(now);
  }

  /** Updates the buckets from a response; resolves once other processes can learn of a wait it asks for. */
  async learn(method: string, path: string, status: number, headers: Headers): Promise<void> {
    const { invalid, clock } = this.deps;
    invalid.count(status);
    const route = routeOf(method, path);
    const now = clock.monotonicMs();
    if (status === 429) {
      await this.obey(route, headers);
      return;
    }
    const remaining = numberOf(headers, 'x-ratelimit-remaining');
    const resetAfter = numberOf(headers, 'x-ratelimit-reset-after');
    if (remaining === undefined || resetAfter === undefined) return;
    const name = headers.get('x-ratelimit-bucket');
    if (name !== null) this.names.set(route.template, name);
    this.buckets.set(this.keyOf(route), { remaining, resetAtMs: now + resetAfter * 1000 + MARGIN_MS });
    this.forgetOld(now);
    const resetAfterMs = resetAfter * 1000;
    if (remaining === 0 && resetAfterMs >= WORTH_SHARING_MS) await this.impose(route, resetAfterMs);
  }

  private async obey(route: Route, headers: Headers): Promise<void> {
    const seconds = numberOf(headers, 'x-ratelimit-reset-after') ?? numberOf(headers, 'retry-after');
    const exact = numberOf(headers, 'retry-after');
    const waitMs = seconds === undefined ? UNKNOWN_WAIT_MS : Math.max(seconds, exact ?? 0) * 1000;
    // A response without a scope comes from the network in front of Discord, not from Discord itself.
    const isForAll = headers.has('x-ratelimit-global') || !headers.has('x-ratelimit-scope');
    if (isForAll) await this.deps.waits.impose(this.nameOfAll, waitMs + MARGIN_MS);
    else await this.impose(route, waitMs);
  }

  /** Another process may not know Discord's name of the bucket, so the wait is known by both names. */
  private async impose(route: Route, waitMs: number): Promise<void> {
    const { waits, clock } = this.deps;
    const resetAtMs = clock.monotonicMs() + waitMs + MARGIN_MS;
    this.buckets.set(this.keyOf(route), { remaining: 0, resetAtMs });
    // The path contains a token, and only the process that received it uses it.
    if (route.isFree) return;
    await Promise.all(this.namesOf(route).map((name) => waits.impose(name, waitMs + MARGIN_MS)));
  }

  private get nameOfAll(): string {
    return `discord ${this.deps.bot}`;
  }

  private namesOf(route: Route): readonly string[] {
    const keys = new Set([this.keyOf(route), `${route.template} ${route.major}`]);
    return [...keys].map((key) => `${this.nameOfAll} ${key}`);
  }

  private burstWaitMs(now: number): number {
    while ((this.calls[0] ?? Infinity) <= now - 1_000) this.calls.shift();
    const oldest = this.calls[this.calls.length - CALLS_A_SECOND];
    return oldest === undefined ? 0 : oldest + 1_000 - now;
  }

  private keyOf(route: Route): string {
    return `${this.names.get(route.template) ?? route.template} ${route.major}`;
  }

  private forgetOld(now: number): void {
    if (this.buckets.size < 5_000) return;
    for (const [key, { resetAtMs }] of this.buckets) if (resetAtMs < now) this.buckets.delete(key);
  }
}

interface Route {
  /** For error messages: without ids or tokens. */
  readonly name: string;
  readonly template: string;
  /** The channel, guild or webhook that has its own bucket. */
  readonly major: string;
  /**
   * Responses to interactions do not count towards the bot's global limit; each interaction has its own
   * buckets.
   */
  readonly isFree: boolean;
}

export function routeOf(method: string, path: string): Route {
  const parts = path.split('?')[0]?.split('/').filter(Boolean) ?? [];
  const [first = '', id = '', token = ''] = parts;
  const isFree = first === 'interactions' || first === 'webhooks';
  const major = isFree ? `${id}/${token}` : id;
  const segments = isFree ? [first] : parts.map((part) => (/^\d{6,}$/.test(part) ? ':id' : part));
  // All reactions of a channel share one bucket.
  const reaction = segments.indexOf('reactions');
  const bucketPath = reaction < 0 ? segments : segments.slice(0, reaction + 1);
  const template = `${method} /${bucketPath.join('/')}`;
  return { name: template, template, major, isFree };
}

function numberOf(headers: Headers, name: string): number | undefined {
  const value = headers.get(name);
  if (value === null || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
