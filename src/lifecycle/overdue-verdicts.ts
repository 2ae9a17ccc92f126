import { Rollback } from '../db/database.ts';
import { analysisJobId } from '../model/job.ts';
import type { Judgement } from '../verdict/types.ts';
import { giveVerdict } from './analyze.ts';
import { announce, type GivenVerdict } from './announce.ts';
import type { LifecycleDeps } from './deps.ts';
import { eachByItself } from './each-by-itself.ts';
import { latestVerdictMs } from './verdict-due.ts';

/** Deployments a sweep: each is judged in a transaction of its own. */
const BATCH = 50;

/** Milliseconds. An analysis that runs as it should is through by then. */
const LEFT_TO_THE_ANALYSIS_MS = 1_000;

/**
 * Judges what is still without a verdict when its latest time has passed. The analysis is due by then; but its worker may
 * have died over it, or failed, or been stopped, and until the queue hands it to another one half a minute goes by. So
 * the promise does not hang on a job. Returns how many it judged.
 */
export async function giveOverdueVerdicts(deps: LifecycleDeps): Promise<number> {
  const nowMs = deps.now();
  const latestForWindowEndingNow = latestVerdictMs(deps.settings, nowMs) + LEFT_TO_THE_ANALYSIS_MS;
  const before = new Date(nowMs - (latestForWindowEndingNow - nowMs));
  const ids = await deps.db.deployments.findUnjudged(before, BATCH);
  let judged = 0;
  await eachByItself(ids, async (id) => {
    const judgement = await judgeOverdue(deps, id);
    if (judgement === null) return;
    judged += 1;
    deps.log.warn(
      { event: 'verdict_overdue', deployment_id: id },
      'the analysis did not come in time: judged without waiting for its job',
    );
  });
  return judged;
}

async function judgeOverdue(deps: LifecycleDeps, id: string): Promise<Judgement | null> {
  const startedAt = performance.now();
  const given = await deps.db.transaction<GivenVerdict | null>(
    async (tx) => {
      const context = await tx.deployments.lockForAnalysis(id);
      // The analysis was faster.
      if (context === null || context.state !== 'finished') throw new Rollback(null);
      // Whoever has the job loses its claim, so that there is one verdict.
      await deps.jobs.cancel(tx.connection, 'analysis', [analysisJobId(id)]);
      return { judgement: await giveVerdict(deps, tx, id, context), context };
    },
    { durable: true },
  );
  if (given === null) return null;
  const { judgement } = given;
  deps.telemetry.analysisFinished({
    outcome: judgement.verdict,
    durationSeconds: (performance.now() - startedAt) / 1000,
    atUnixSeconds: deps.now() / 1000,
  });
  announce(deps, id, given);
  return judgement;
}
