import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { HttpLimits } from '../limits.js';
import { HttpProblem, retryAfter } from '../../lib/api/problem.js';
import { isLoopback } from '../request/client-address.js';

export interface RateLimits {
  /** Counts a call with a valid key. */
  key(keyName: string, ip: string): Promise<void>;
  /** Counts a call with a missing or wrong key. Calls with a valid key are never counted here. */
  failedAuth(ip: string): Promise<void>;
  /** Checks whether this address may try a secret at all, given its earlier failures. */
  mayTry(ip: string): Promise<void>;
  visitorChat(visitorId: string, ip: string): Promise<void>;
  visitorRequest(ip: string): Promise<void>;
}

function tooMany(waitMs: number): HttpProblem {
  return new HttpProblem(429, 'too_many_requests', 'Too many requests. Wait a little.', {
    headers: retryAfter(waitMs),
  });
}

/** Counts within this process; each method throws a 429 `HttpProblem` when a limit is exceeded. */
export function createRateLimits(limits: HttpLimits): RateLimits {
  const pair = (keyPrefix: string, points: number, duration: number) => ({
    far: new RateLimiterMemory({ keyPrefix, points, duration }),
    near: new RateLimiterMemory({
      keyPrefix: `near-${keyPrefix}`,
      points: points * limits.loopbackFactor,
      duration,
    }),
  });
  type Pair = ReturnType<typeof pair>;
  const limiters = {
    key: pair('key', limits.keyPerSecond, 1),
    failedAuth: pair('failed', limits.failedAuthPerMinute, 60),
    visitorChat: pair('visitor', limits.visitorChatsPerMinute, 60),
    visitorRequest: pair('web', limits.visitorRequestsPerMinute, 60),
  };
  const consume = async (limiters: Pair, name: string, ip: string): Promise<void> => {
    try {
      await (isLoopback(ip) ? limiters.near : limiters.far).consume(name);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw tooMany(error.msBeforeNext);
    }
  };
  return {
    key: (keyName, ip) => consume(limiters.key, keyName, ip),
    async mayTry(ip) {
      const { near, far } = limiters.failedAuth;
      const limiter = isLoopback(ip) ? near : far;
      const usage = await limiter.get(ip);
      if (usage !== null && usage.consumedPoints > limiter.points) throw tooMany(usage.msBeforeNext);
    },
    failedAuth: (ip) => consume(limiters.failedAuth, ip, ip),
    visitorChat: (visitorId, ip) => consume(limiters.visitorChat, visitorId, ip),
    visitorRequest: (ip) => consume(limiters.visitorRequest, ip, ip),
  };
}
