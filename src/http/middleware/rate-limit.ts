import type { Context } from 'koa';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { createClientAddress, limitedNetwork, type TrustedProxies } from '../client-address.ts';
import { HttpProblem } from '../problems.ts';

export interface RateLimits {
  /** 429 when this key has used up this route's share of the minute. */
  count(limitKey: string, routeName: string): Promise<void>;
  /** 429 instead of 401 once this client address has presented too many wrong credentials. */
  countFailedCredentials(ctx: Context): Promise<void>;
}

const WINDOW_SECONDS = 60;

/** Limits of this process: with several replicas the installation's limit is their sum. */
export function createRateLimits(perMinute: number, proxies: TrustedProxies): RateLimits {
  if (perMinute === 0) return { count: async () => {}, countFailedCredentials: async () => {} };
  const clientAddress = createClientAddress(proxies);
  const requests = new RateLimiterMemory({ keyPrefix: 'key', points: perMinute, duration: WINDOW_SECONDS });
  const failures = new RateLimiterMemory({ keyPrefix: 'address', points: perMinute, duration: WINDOW_SECONDS });
  return {
    async count(limitKey, routeName) {
      await consume(
        requests,
        `${limitKey} ${routeName}`,
        `This key has used up its ${perMinute} requests a minute for this route.`,
      );
    },
    async countFailedCredentials(ctx) {
      const address = clientAddress(ctx.req.socket.remoteAddress, {
        forwardedFor: ctx.get('X-Forwarded-For') || undefined,
        forwarded: ctx.get('Forwarded') || undefined,
      });
      await consume(failures, limitedNetwork(address), 'Too many requests with wrong credentials from this address.');
    },
  };
}

async function consume(limiter: RateLimiterMemory, key: string, detail: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (rejected) {
    if (!(rejected instanceof RateLimiterRes)) throw rejected;
    const seconds = Math.max(1, Math.ceil(rejected.msBeforeNext / 1000));
    throw new HttpProblem('RATE_LIMITED', detail, { headers: { 'Retry-After': String(seconds) } });
  }
}
