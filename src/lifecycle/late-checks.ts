import { HOUR_MS } from '../db/baselines/slots.ts';
import type { Tables } from '../db/database.ts';
import type { LookKey } from '../db/late-checks.ts';
import type { DeploymentKey } from '../model/deployment.ts';
import { dayBefore } from '../verdict/late-day.ts';
import { judgeLate, type LateVerdict } from '../verdict/late-verdict.ts';
import { limitsOf } from '../verdict/limits.ts';
import type { Sample, VerdictName } from '../verdict/types.ts';
import type { LifecycleDeps } from './deps.ts';
import { eachByItself } from './each-by-itself.ts';
import { addLateMessages } from './tell.ts';

/** Checks a sweep: each has a transaction of its own. */
const BATCH = 50;

/**
 * Has an `ok` looked at again, in the transaction that stores it. Nothing is to be looked at where nobody reads between
 * deployments: then `quietDay` is null.
 */
export async function scheduleLateChecks(
  deps: Pick<LifecycleDeps, 'now' | 'settings'>,
  tx: Tables,
  deployment: DeploymentKey & { readonly startedAt: Date; readonly verdict: VerdictName },
  quietDay: readonly Sample[] | null,
): Promise<void> {
  if (!deps.settings.lateChecks || deployment.verdict !== 'ok' || quietDay === null) return;
  const day = dayBefore(quietDay, deployment.startedAt.getTime());
  if (day !== null) await tx.lateChecks.schedule(deployment, day, new Date(deps.now()));
}

/**
 * Second looks that are due, each in a transaction of its own: what a look found, that it need not be done again, and what
 * people are told are stored together or not at all. Returns how many were made.
 */
export async function lookLate(
  deps: Pick<LifecycleDeps, 'db' | 'now' | 'log' | 'settings' | 'telemetry'>,
): Promise<number> {
  if (!deps.settings.lateChecks) return 0;
  let made = 0;
  await eachByItself(await deps.db.lateChecks.findDue(new Date(deps.now()), BATCH), async (key) => {
    const late = await deps.db.transaction(async (tx) => await lookOnce(tx, key, new Date(deps.now())), {
      durable: true,
    });
    if (late === null) return;
    made += 1;
    const { deploymentId, hours } = key;
    const { verdict, summary } = late;
    deps.telemetry.lateCheckMade({ hours, verdict });
    deps.log.info({ event: 'late_check', deployment_id: deploymentId, hours, verdict }, summary);
  });
  return made;
}

/** null: another replica has it, or there is nothing to look at any more. */
async function lookOnce(tx: Tables, key: LookKey, at: Date): Promise<LateVerdict | null> {
  const look = await tx.lateChecks.take(key);
  if (look === null) return null;
  await tx.lateChecks.drop(key);
  if (look.isSuperseded) return null;
  const { projectId, env, dueAt } = look;
  // By when it was due, not by now: whoever was away for a while finds the same.
  const now = await tx.baselineSamples.listOf(projectId, env, new Date(dueAt.getTime() - HOUR_MS), dueAt);
  const late = judgeLate({
    day: look.day,
    now,
    startedAtMs: look.startedAt.getTime(),
    checkedAtMs: dueAt.getTime(),
    hours: key.hours,
    limits: limitsOf(look.limits),
  });
  await tx.lateChecks.insert(key, projectId, late, at);
  if (late.verdict === 'attention' && !look.isTold) {
    await addLateMessages(tx, { deploymentId: key.deploymentId, projectId, env, at });
  }
  return late;
}
