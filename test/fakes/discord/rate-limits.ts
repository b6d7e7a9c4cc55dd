import { createHash } from 'node:crypto';

export interface BucketRule {
  readonly limit: number;
  readonly windowMs: number;
}

export interface RateLimitOptions {
  /** Messages from one bot to one channel. */
  readonly messages?: BucketRule;
  readonly others?: BucketRule;
  /** Calls per second of one bot. */
  readonly global?: number;
}

/** Discord's limits, as far as they are known. */
const DEFAULTS = {
  messages: { limit: 5, windowMs: 5_000 },
  others: { limit: 10, windowMs: 10_000 },
  global: 50,
} as const satisfies Required<RateLimitOptions>;

interface Bucket {
  used: number;
  resetAt: number;
}

export interface Verdict {
  readonly headers: Readonly<Record<string, string>>;
  /** In seconds; `undefined` if the call is allowed. */
  readonly retryAfter?: number;
  readonly isGlobal: boolean;
  /** The caller could have known: a 429 or the headers of an earlier response announced the wait. */
  readonly wasAnnounced: boolean;
}

/** Buckets by bot, route and channel, and the waits imposed by a script. */
export class RateLimits {
  private readonly rules: Required<RateLimitOptions>;
  private readonly buckets = new Map<string, Bucket>();
  private readonly waits = new Map<string, number>();

  constructor(options: RateLimitOptions = {}) {
    this.rules = { ...DEFAULTS, ...options };
  }

  /** `route` includes the channel id, `template` does not. */
  judge(botId: string, method: string, route: string, template: string): Verdict {
    const now = Date.now();
    const key = `${botId} ${method} ${route}`;
    const rule =
      method === 'POST' && /^\/channels\/[^/]+\/messages$/.test(template)
        ? this.rules.messages
        : this.rules.others;
    const name = createHash('sha256').update(`${method} ${template}`).digest('hex').slice(0, 32);
    const imposed = Math.max(this.waits.get(key) ?? 0, this.waits.get(`${botId} global`) ?? 0);
    if (imposed > now) {
      return {
        headers: {},
        retryAfter: (imposed - now) / 1000,
        isGlobal: (this.waits.get(`${botId} global`) ?? 0) > now,
        wasAnnounced: true,
      };
    }
    const global = this.take(`${botId} global`, this.rules.global, 1_000, now);
    if (global.used > this.rules.global) {
      return {
        headers: { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global' },
        retryAfter: (global.resetAt - now) / 1000,
        isGlobal: true,
        wasAnnounced: false,
      };
    }
    const bucket = this.take(key, rule.limit, rule.windowMs, now);
    const isOver = bucket.used > rule.limit;
    return {
      headers: {
        'x-ratelimit-limit': String(rule.limit),
        'x-ratelimit-remaining': String(Math.max(0, rule.limit - bucket.used)),
        'x-ratelimit-reset': (bucket.resetAt / 1000).toFixed(3),
        'x-ratelimit-reset-after': ((bucket.resetAt - now) / 1000).toFixed(3),
        'x-ratelimit-bucket': name,
        ...(isOver ? { 'x-ratelimit-scope': 'user' } : {}),
      },
      ...(isOver ? { retryAfter: (bucket.resetAt - now) / 1000 } : {}),
      isGlobal: false,
      wasAnnounced: isOver,
    };
  }

  impose(botId: string, method: string, route: string, seconds: number, isGlobal: boolean): void {
    const key = isGlobal ? `${botId} global` : `${botId} ${method} ${route}`;
    this.waits.set(key, Date.now() + seconds * 1000);
  }

  private take(key: string, limit: number, windowMs: number, now: number): Bucket {
    const current = this.buckets.get(key);
    const bucket =
      current === undefined || current.resetAt <= now ? { used: 0, resetAt: now + windowMs } : current;
    bucket.used = Math.min(bucket.used + 1, limit + 1);
    this.buckets.set(key, bucket);
    return bucket;
  }
}
