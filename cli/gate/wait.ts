import type { Watched } from '../../client/client.ts';
import type { DeploymentShape } from '../../client/types.ts';
import type { PreliminaryShape } from '../../client/verdict-types.ts';
import { type Fault, faultOf, NotSeqPulse } from './faults.ts';
import { delayMs, type Pace } from './retries.ts';

/** How a wait ended. */
export type Waited =
  | { readonly outcome: 'ended'; readonly deployment: DeploymentShape }
  /** A rollback is recommended before the window is over. */
  | { readonly outcome: 'early'; readonly deployment: DeploymentShape; readonly preliminary: PreliminaryShape }
  /** The time was over; null: nothing was ever heard. */
  | { readonly outcome: 'late'; readonly deployment: DeploymentShape | null; readonly waitedMs: number }
  | { readonly outcome: 'fault'; readonly fault: Fault };

export interface WaitOptions {
  /** null: until the verdict is due, and two minutes. */
  readonly timeoutMs: number | null;
  /** Whether an early verdict is an end. */
  readonly endsEarly: boolean;
  /** How long a service that does not answer is asked again. */
  readonly retryForMs: number;
  /** What is known, and how long it takes until the verdict is due; null: that is not known yet. */
  readonly onNews: (deployment: DeploymentShape, dueInMs: number | null) => void;
  readonly onRetry: (fault: Fault, inMs: number) => void;
}

/** Seconds a request waits: below the 60 at which proxies cut, and still one request a minute. */
const LONGEST_WAIT_SECONDS = 55;
/** A proxy that cuts earlier is met with less; below this it is no proxy's cut, but an outage. */
const SHORTEST_WAIT_SECONDS = 5;
/** After the verdict was due. */
const GRACE_MS = 120_000;
/** While it is not known when the verdict is due, because the deployment still runs. */
const UNKNOWN_DUE_MS = 30 * 60_000;
/** Milliseconds: an answer that came sooner than asked for, without an end, is a service that stops. */
const EARLY_MS = 1_500;

type Ask = (waitSeconds: number) => Promise<Watched>;

/** Waits for a deployment's end, or for an early verdict, one request after the other; the first does not wait, so that how it stands is said at once. It rejects only by a mistake of its own. */
export async function waitForEnd(pace: Pace, ask: Ask, options: WaitOptions): Promise<Waited> {
  const startMs = pace.now();
  let deadlineMs = startMs + (options.timeoutMs ?? UNKNOWN_DUE_MS);
  let waitSeconds = LONGEST_WAIT_SECONDS;
  let last: DeploymentShape | null = null;
  let awaySinceMs: number | null = null;
  let tries = 0;
  let isFirst = true;
  for (;;) {
    const askedMs = pace.now();
    const leftMs = deadlineMs - askedMs;
    if (leftMs <= 0) return { outcome: 'late', deployment: last, waitedMs: askedMs - startMs };
    const seconds = isFirst ? 0 : Math.max(0, Math.min(waitSeconds, Math.floor(leftMs / 1000)));
    const answer = await ask(seconds).then(checked, (error: unknown) => faultOf(error) ?? Promise.reject(error));
    const nowMs = pace.now();
    if (!('kind' in answer)) {
      awaySinceMs = null;
      last = answer.deployment;
      if (hasEnded(last)) return { outcome: 'ended', deployment: last };
      const { preliminary = null } = last;
      if (options.endsEarly && preliminary !== null) return { outcome: 'early', deployment: last, preliminary };
      const dueInMs = dueIn(answer);
      if (options.timeoutMs === null && dueInMs !== null) deadlineMs = nowMs + dueInMs + GRACE_MS;
      options.onNews(last, dueInMs === null ? null : Math.max(0, dueInMs));
      if (isFirst) isFirst = false;
      else if (nowMs - askedMs >= seconds * 1000 - EARLY_MS && seconds > 0) tries = 0;
      else await pace.sleep(Math.min(delayMs(tries++, null, pace.random) + 500, Math.max(0, deadlineMs - nowMs)));
      continue;
    }
    if (answer.kind !== 'away') return { outcome: 'fault', fault: answer };
    const waitedSeconds = Math.floor((nowMs - askedMs) / 1000);
    if (waitedSeconds >= SHORTEST_WAIT_SECONDS && waitedSeconds < seconds && waitSeconds > SHORTEST_WAIT_SECONDS) {
      // Cut in between after so long: ask for less from now on.
      waitSeconds = Math.max(SHORTEST_WAIT_SECONDS, Math.floor(waitedSeconds * 0.8));
      continue;
    }
    awaySinceMs ??= nowMs;
    const inMs = delayMs(tries++, answer.retryAfterSeconds, pace.random);
    if (nowMs + inMs > Math.min(deadlineMs, awaySinceMs + options.retryForMs))
      return { outcome: 'fault', fault: answer };
    options.onRetry(answer, inMs);
    await pace.sleep(inMs);
  }
}

/** Analyzed, or abandoned: nothing comes any more. */
export const hasEnded = ({ state }: DeploymentShape): boolean => state === 'analyzed' || state === 'abandoned';

function checked(watched: Watched): Watched {
  if (isDeployment(watched.deployment)) return watched;
  throw new NotSeqPulse('it answered 200, but not as SeqPulse does: is the URL right?');
}

/** Whether an answer is a deployment's. */
export function isDeployment(answer: unknown): answer is DeploymentShape {
  return typeof answer === 'object' && answer !== null && 'id' in answer && 'state' in answer;
}

/** By the service's own clock, for this machine's may be wrong; milliseconds, below 0 once it is overdue. */
function dueIn({ deployment, serverTimeMs }: Watched): number | null {
  if (deployment.verdict_due_at === null || deployment.verdict_due_at === undefined) return null;
  return Date.parse(deployment.verdict_due_at) - (serverTimeMs ?? Date.now());
}
