import { RateLimiterMemory } from 'rate-limiter-flexible';
import { HttpProblem } from '../problems.ts';

/** Points a minute and key: sixty instances that push every ten seconds are 360 requests, and that is nothing unusual. */
export interface PointLimit {
  /** Throws RATE_LIMITED when this key has used up its points; looked at before a body is read. */
  check(limitKey: string): Promise<void>;
  /** Counts what came: the last body of a minute may go beyond. */
  count(limitKey: string, points: number): Promise<void>;
}

const WINDOW_SECONDS = 60;

/** @param perMinute 0 = no limit. */
export function createPointLimit(perMinute: number): PointLimit {
  if (perMinute === 0) return { check: async () => {}, count: async () => {} };
  const limiter = new RateLimiterMemory({ keyPrefix: 'points', points: perMinute, duration: WINDOW_SECONDS });
  return {
    async check(limitKey) {
      const used = await limiter.get(limitKey);
      if (used === null || used.consumedPoints < perMinute) return;
      throw new HttpProblem('RATE_LIMITED', `This key has used up its ${perMinute} points a minute.`, {
        headers: { 'Retry-After': String(Math.max(1, Math.ceil(used.msBeforeNext / 1_000))) },
      });
    },
    async count(limitKey, points) {
      if (points > 0) await limiter.penalty(limitKey, points);
    },
  };
}
