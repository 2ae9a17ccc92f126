import type { FoundDeployment, TakeOver, TriggerContext } from '../model/deployment-start.ts';
import { quantileOfSorted, sorted } from '../verdict/order-statistics.ts';
import { abandonOne } from './abandon.ts';
import type { LifecycleDeps } from './deps.ts';

/** What a trigger does about the deployments that it finds in its way. */
export type Meeting =
  | { readonly outcome: 'free'; readonly takesOver: TakeOver | null; readonly message: string | null }
  | { readonly outcome: 'existing'; readonly found: FoundDeployment; readonly message: string }
  /** What was in the way is gone: look again. */
  | { readonly outcome: 'look_again' };

interface Newcomer {
  readonly projectId: string;
  readonly env: string;
  readonly idempotencyKey: string | null;
  readonly supersede: boolean;
}

/** The runs that tell how long a deployment takes here, and the fewest that do. */
const USUAL_OF_LAST = 20;
const USUAL_OF_AT_LEAST = 5;

/**
 * A trigger with `supersede` that comes again within this time is the same request, sent again because its answer was
 * lost: the one that it made is its own.
 */
const REPEAT_WITHIN_MS = 60_000;

/**
 * Whose is what was found? The same key: the trigger's own. A running one: somebody else's, unless its run is dead. Dead
 * is what its deadline has passed, what the trigger says is (`supersede`), and, for a trigger with a key of its own, what
 * has been silent for longer than deployments take here.
 */
export async function meetRivals(
  deps: Pick<LifecycleDeps, 'db' | 'jobs' | 'log' | 'now'>,
  context: TriggerContext,
  newcomer: Newcomer,
): Promise<Meeting> {
  const { sameKey, running } = context;
  const nowMs = deps.now();
  if (sameKey !== null && (!newcomer.supersede || isOwnRepeat(sameKey, nowMs))) {
    return { outcome: 'existing', found: sameKey, message: sameKeyMessage(sameKey) };
  }
  if (running !== null && running.finishDeadlineAt.getTime() <= nowMs) {
    await abandonOne(deps, running.id);
    return { outcome: 'look_again' };
  }
  if (running !== null && !newcomer.supersede && !(await isDead(deps, running, newcomer, nowMs))) {
    return { outcome: 'existing', found: running, message: runningMessage(running, newcomer.env) };
  }
  if (running === null && sameKey === null && context.detected !== null && !newcomer.supersede) {
    return { outcome: 'existing', found: context.detected, message: detectedMessage(context.detected) };
  }
  if (running === null && sameKey === null) return { outcome: 'free', takesOver: null, message: null };
  return {
    outcome: 'free',
    takesOver: { abandonsId: running?.id ?? null, keyFromId: sameKey?.id ?? null },
    message: takeOverMessage(running, sameKey),
  };
}

/** The same request, sent again: it must not supersede what it has just made. */
function isOwnRepeat(sameKey: FoundDeployment, nowMs: number): boolean {
  return sameKey.bySuperseding && sameKey.state === 'running' && nowMs - sameKey.startedAt.getTime() < REPEAT_WITHIN_MS;
}

async function isDead(
  deps: Pick<LifecycleDeps, 'db'>,
  running: FoundDeployment,
  newcomer: Newcomer,
  nowMs: number,
): Promise<boolean> {
  // Without a key it may be the same run, sent again.
  if (newcomer.idempotencyKey === null) return false;
  const seconds = await deps.db.deployments.pipelineSeconds(newcomer.projectId, newcomer.env, USUAL_OF_LAST);
  const usual = seconds.length < USUAL_OF_AT_LEAST ? null : quantileOfSorted(sorted(seconds), 0.95);
  return usual !== null && nowMs - running.startedAt.getTime() > usual * 1000;
}

function sameKeyMessage(found: FoundDeployment): string {
  const standing =
    found.state === 'running'
      ? 'is still running, not ended'
      : `has ended and is ${found.state}: nothing is watched for this trigger. To start a new one, send "supersede": true`;
  return `This idempotency key was used before in this environment. ${nameOf(found)} ${standing}.`;
}

function detectedMessage({ number, startedAt }: FoundDeployment): string {
  return `Its version was found in the traffic before: deployment ${number} (first seen ${startedAt.toISOString()}). It is this one, and finish records its result; "supersede": true starts a new one.`;
}

function takeOverMessage(running: FoundDeployment | null, sameKey: FoundDeployment | null): string | null {
  if (running !== null) return `${nameOf(running)} never ended: it is abandoned, and this one takes its place.`;
  return sameKey === null ? null : `The idempotency key has moved here from deployment ${sameKey.number}.`;
}

function runningMessage(found: FoundDeployment, env: string): string {
  return `A deployment is already running in ${env}. ${nameOf(found)} has not ended; "supersede": true takes its place.`;
}

/** `Deployment 12 of branch "main" (started 2026-05-04T10:00:00.000Z, idempotency key "build-4711")` */
function nameOf({ number, branch, idempotencyKey, startedAt }: FoundDeployment): string {
  const of = branch === null ? '' : ` of branch ${JSON.stringify(branch)}`;
  const key = idempotencyKey === null ? 'no idempotency key' : `idempotency key ${JSON.stringify(idempotencyKey)}`;
  return `Deployment ${number}${of} (started ${startedAt.toISOString()}, ${key})`;
}
