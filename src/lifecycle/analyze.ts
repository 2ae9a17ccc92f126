import { ownNoise, quietDay } from '../baseline/own-noise.ts';
import { Rollback, type Tables } from '../db/database.ts';
import type { AnalysisContext } from '../model/deployment.ts';
import type { Claim, JobOutcome } from '../model/job.ts';
import type { StoredSample } from '../model/sample.ts';
import { summarizeFeedback } from '../verdict/precision.ts';
import type { Judgement, Sample, VerdictName } from '../verdict/types.ts';
import { announce } from './announce.ts';
import type { LifecycleDeps } from './deps.ts';
import { type DeploymentJudgement, judgeDeployment, type KnownOfService } from './judgement-input.ts';
import { scheduleLateChecks } from './late-checks.ts';
import { lookAtOthers } from './look-at-others.ts';
import { addVerdictMessages } from './tell.ts';
import { latestVerdictMs } from './verdict-due.ts';

type Analysis =
  | { readonly outcome: 'not_found' | 'done_before' | 'claim_lost' }
  | { readonly outcome: 'waiting'; readonly dueAtMs: number }
  | { readonly outcome: 'judged'; readonly judgement: Judgement; readonly context: AnalysisContext };

/**
 * Gives a deployment its one verdict. Never before the window is over and every post collect has settled, but
 * at the latest at window end + all retry delays + 60 s; at once when collecting has ended early. Where this job does not
 * come to that (its worker died over it), overdue-verdicts.ts does within seconds.
 */
export async function analyze(deps: LifecycleDeps, claim: Claim): Promise<JobOutcome> {
  const startedAtMs = deps.now();
  const startedAt = performance.now();
  const { deploymentId } = claim.data;
  const record = (outcome: VerdictName | 'not_found' | 'error') =>
    deps.telemetry.analysisFinished({
      outcome,
      durationSeconds: (performance.now() - startedAt) / 1000,
      atUnixSeconds: deps.now() / 1000,
    });

  let analysis: Analysis;
  try {
    // Durable: whoever has seen the verdict must find it again after a crash of the database.
    const work = async (tx: Tables) => await analyzeIn(deps, tx, claim, startedAtMs);
    analysis = await deps.db.transaction(work, { durable: true });
  } catch (cause) {
    record('error');
    throw cause;
  }
  if (analysis.outcome === 'not_found') record('not_found');
  if (analysis.outcome === 'judged') {
    record(analysis.judgement.verdict);
    announce(deps, deploymentId, analysis);
  }
  if (analysis.outcome === 'waiting') {
    deps.log.info(
      { event: 'analysis_waits', deployment_id: deploymentId, until: new Date(analysis.dueAtMs).toISOString() },
      'analysis waits for collects that have not settled',
    );
  }
  const endedHere =
    analysis.outcome === 'judged' || analysis.outcome === 'waiting' || analysis.outcome === 'claim_lost';
  return { status: endedHere ? 'settled' : 'done' };
}

async function analyzeIn(deps: LifecycleDeps, tx: Tables, claim: Claim, nowMs: number): Promise<Analysis> {
  const { deploymentId } = claim.data;
  const context = await tx.deployments.lockForAnalysis(deploymentId);
  if (context === null) return { outcome: 'not_found' };
  if (context.state !== 'finished' || context.windowEndsAt === null) return { outcome: 'done_before' };

  const waitUntilMs = stillWaitingUntil(deps, context, context.windowEndsAt.getTime(), nowMs);
  if (waitUntilMs !== null) {
    await deps.jobs.postpone(tx.connection, claim, waitUntilMs, claim.data.attempt);
    return { outcome: 'waiting', dueAtMs: waitUntilMs };
  }
  const judgement = await giveVerdict(deps, tx, deploymentId, context);
  if (!(await deps.jobs.complete(tx.connection, claim))) throw new Rollback({ outcome: 'claim_lost' });
  return { outcome: 'judged', judgement, context };
}

async function knownOf(
  deps: Pick<LifecycleDeps, 'settings'>,
  tx: Tables,
  context: AnalysisContext,
): Promise<KnownOfService & { readonly quiet: readonly Sample[] | null }> {
  const { badShare } = summarizeFeedback(await tx.feedback.countsOf(context.projectId));
  const asked = { ...context, countAfter: context.postExpected, keptHours: deps.settings.baselineHours };
  const quiet = await quietDay(tx, asked);
  return { badShare, noise: ownNoise(quiet, asked), quiet };
}

/** Epoch ms to come back at, or null when the verdict is due. */
function stillWaitingUntil(
  deps: LifecycleDeps,
  context: AnalysisContext,
  windowEndsAtMs: number,
  nowMs: number,
): number | null {
  if (context.collectionEnded !== null) return null;
  // The queue goes by the database's clock. When that is ahead of ours, it must get ahead by as much again: put back
  // to the window's end, the job would be due at once and use up pg-boss' retries within seconds.
  if (nowMs < windowEndsAtMs) return windowEndsAtMs + (windowEndsAtMs - nowMs);
  if (context.postSettled >= context.postExpected) return null;
  const latestMs = latestVerdictMs(deps.settings, windowEndsAtMs);
  return nowMs < latestMs ? latestMs : null;
}

const postOf = (samples: readonly StoredSample[]) => samples.filter(({ phase }) => phase === 'post');

/** Judges on the samples that are there, and stores that, in the caller's transaction, which holds the row. */
export async function giveVerdict(
  deps: Pick<LifecycleDeps, 'now' | 'settings'>,
  tx: Tables,
  deploymentId: string,
  context: AnalysisContext,
): Promise<DeploymentJudgement> {
  const samples = await tx.samples.listOf(deploymentId);
  const known = await knownOf(deps, tx, context);
  const alone = judgeDeployment(context, samples, context.limits, known);
  const judgement = await lookAtOthers(deps, tx, context, postOf(samples), alone);
  await storeVerdict(deps, tx, deploymentId, context, judgement);
  // One that a newer deployment ended early is looked at no more.
  if (context.collectionEnded === null) {
    const { projectId, startedAt } = context;
    const judged = { id: deploymentId, projectId, startedAt, verdict: judgement.verdict };
    await scheduleLateChecks(deps, tx, judged, known.quiet);
  }
  return judgement;
}

/** The verdict, `analyzed`, and what people are told of it, in the caller's transaction. */
export async function storeVerdict(
  deps: Pick<LifecycleDeps, 'now'>,
  tx: Tables,
  deploymentId: string,
  context: Pick<AnalysisContext, 'projectId' | 'env' | 'startedAt'>,
  judgement: DeploymentJudgement,
): Promise<void> {
  const at = new Date(deps.now());
  await tx.verdicts.insert({ id: deploymentId, projectId: context.projectId }, judgement, at);
  const hadEarly = await tx.preliminaries.settle(deploymentId, judgement.verdict);
  await tx.deployments.markAnalyzed(deploymentId, at);
  await addVerdictMessages(tx, { ...context, deploymentId, verdict: judgement.verdict, hadEarly, at });
}
