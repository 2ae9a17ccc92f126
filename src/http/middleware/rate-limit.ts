import type { Context } from 'koa';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { createClientAddress, limitedNetwork, type TrustedProxies } from '../client-address.ts';
import { HttpProblem } from '../problems.ts';

export interface RateLimits {
  /** 429 when this key has used up this route's share of the minute. */
  count(limitKey: string, routeName: string): Promise<void>;
  /** 429 instead of 401 once this client address has presented too many wrong credentials. */
  countFailedCredentials(ctx: Context): Promise<void>;
  /**
   * Before a token is looked at: 429 once this client address has tried too often. Resolves with how many tries it has
   * left this minute; `succeeded` gives them all back.
   */
  countSignIn(ctx: Context): Promise<{ readonly left: number; readonly succeeded: () => Promise<void> }>;
}

const WINDOW_SECONDS = 60;
/** A minute and address, whatever the limit of requests is: people mistype, programs guess. */
const MAX_SIGN_INS = 10;

/** Limits of this process: with several replicas the installation's limit is their sum. */
export function createRateLimits(perMinute: number, proxies: TrustedProxies): RateLimits {
  const clientAddress = createClientAddress(proxies);
  const signIns = new RateLimiterMemory({ keyPrefix: 'sign-in', points: MAX_SIGN_INS, duration: WINDOW_SECONDS });
  const networkOf = (ctx: Context) =>
    limitedNetwork(
      clientAddress(ctx.req.socket.remoteAddress, {
        forwardedFor: ctx.get('X-Forwarded-For') || undefined,
        forwarded: ctx.get('Forwarded') || undefined,
      }),
    );
  const countSignIn: RateLimits['countSignIn'] = async (ctx) => {
    const network = networkOf(ctx);
    await consume(signIns, network, 'Too many tries to sign in from this address. Wait a minute.');
    const left = (await signIns.get(network))?.remainingPoints ?? 0;
    return { left, succeeded: async () => void (await signIns.delete(network)) };
  };
  if (perMinute === 0) return { count: async () => {}, countFailedCredentials: async () => {}, countSignIn };
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
      await consume(failures, networkOf(ctx), 'Too many requests with wrong credentials from this address.');
    },
    countSignIn,
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
