import { failureReading } from '../../sources/http/failure-reason.ts';
import { type Network, visit } from '../../sources/http/visit.ts';
import { type Attempt, failedAttempt } from '../notifier.ts';

/** Milliseconds in all: a receiver that takes longer should answer first and work afterwards. */
export const POST_TIMEOUT_MS = 10_000;
/** Nobody reads what it says, but for its status. */
const MAX_BYTES = 64 * 1024;
const GONE = 410;

/** Sends JSON to somebody else's server: behind the address guard, without following redirects. 2xx is success. */
export async function postJson(
  network: Network,
  input: {
    readonly url: string;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<Attempt> {
  const url = new URL(input.url);
  const whole = {
    url,
    timeoutMs: POST_TIMEOUT_MS,
    signal: input.signal,
    maxBodyBytes: MAX_BYTES,
    mostBytes: MAX_BYTES,
    connections: 1,
  };
  const answer = await visit(network, whole, async (ask) =>
    ask({
      method: 'POST',
      path: `${url.pathname}${url.search}`,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'accept-encoding': 'identity',
        'user-agent': 'SeqPulse',
        ...input.headers,
      },
      body: input.body,
      wantsBody: () => false,
    }),
  );
  if (answer.outcome !== 'answered') return failedAttempt(answer.reason);
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  const isRedirect = status >= 300 && status < 400;
  const reason = `answered ${status}${isRedirect ? ': redirects are not followed, set the final URL' : ''}`;
  return failedAttempt(reason, { retryAfterSeconds: secondsOf(retryAfter), isGone: status === GONE });
}

/** RFC 9110 §10.2.3; a date is as good as nothing said: our own delays are of the same size. */
function secondsOf(retryAfter: string | string[] | undefined): number | null {
  return typeof retryAfter === 'string' && /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : null;
}

/** For connections that are not HTTP: the same words for the same failures. */
export function connectionFailure(error: unknown): Attempt {
  return failedAttempt(failureReading(error, null).reason);
}
