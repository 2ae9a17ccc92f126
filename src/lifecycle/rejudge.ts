import type { DeploymentState, VerdictRow } from '../model/deployment.ts';
import { type Refusal, refuse } from '../model/refusal.ts';
import type { StoredSample } from '../model/sample.ts';
import { changedLimits, type LimitsChange } from '../verdict/limits.ts';
import type { Finding, LeftOut, Limits } from '../verdict/types.ts';
import type { LifecycleDeps } from './deps.ts';
import { type DeploymentJudgement, judgeDeployment, type KnownOfService } from './judgement-input.ts';
import { beside } from './look-at-others.ts';

export interface RejudgeInput {
  readonly deploymentId: string;
  /** null: whichever project it belongs to (operators only). */
  readonly projectId: string | null;
  /** Over the project's own limits of now; null takes one back to the engine's default. */
  readonly limits: LimitsChange;
}

export interface Rejudged {
  readonly judgement: DeploymentJudgement;
  /** What it was judged by, without the defaults. */
  readonly limits: Partial<Limits>;
}

/**
 * What the verdict would be under other limits: the analysis' own road over the stored samples. Nothing is stored and
 * nothing counted. Refuses with NOT_FOUND, NO_VERDICT while there is none, and SAMPLES_GONE once samples that the
 * verdict rested on have been pruned: a judgement on the rest would pass for one on all.
 */
export async function rejudge(deps: Pick<LifecycleDeps, 'db'>, input: RejudgeInput): Promise<Rejudged | Refusal> {
  const { deploymentId, projectId } = input;
  const deployment = await deps.db.deploymentReads.find(deploymentId, projectId);
  const context = await deps.db.deployments.findAnalysisContext(deploymentId, projectId);
  if (deployment === null || context === null) return refuse('NOT_FOUND', 'There is no such deployment.');
  if (deployment.verdict === null) return refuseWithoutVerdict(deployment.state);
  const samples = await deps.db.samples.listOf(deploymentId);
  if (haveGone(samples, deployment.verdict)) {
    return refuse(
      'SAMPLES_GONE',
      'Samples that this verdict rested on have been deleted after SEQPULSE_RETENTION_DAYS: it can’t be judged again.',
    );
  }
  const limits = changedLimits(context.limits, input.limits);
  const alone = judgeDeployment(context, samples, limits, knownThen(deployment.verdict));
  const { others } = deployment.verdict;
  // What others did then is kept; where nobody was looked at then, nobody is now.
  return { judgement: others === null ? alone : beside(alone, others), limits };
}

/** NO_VERDICT, with what to wait for. */
export function refuseWithoutVerdict(state: DeploymentState): Refusal {
  const why: Record<DeploymentState, string> = {
    running: 'It is still running: its verdict comes after finish and the observation window.',
    finished: 'It is still being observed: its verdict comes at the end of the window.',
    analyzed: 'Its verdict is being stored: try again.',
    abandoned: 'It was abandoned because finish never came, and will have none.',
  };
  return refuse('NO_VERDICT', `The deployment has no verdict. ${why[state]}`);
}

/** A verdict says how many samples it used and how many it left out: fewer today are not all of them. */
function haveGone(
  samples: readonly StoredSample[],
  verdict: { readonly details: readonly Finding[]; readonly leftOut: readonly LeftOut[] },
): boolean {
  // A metric may have been measured in few of the samples: the one that was in most tells how many there were.
  const most = (count: 'samplesBefore' | 'samplesAfter') =>
    Math.max(0, ...verdict.details.map((finding) => finding.evidence?.[count] ?? 0));
  const used = { pre: most('samplesBefore'), post: most('samplesAfter') };
  return (['pre', 'post'] as const).some((phase) => {
    const leftOut = verdict.leftOut.reduce((sum, left) => sum + (left.phase === phase ? left.count : 0), 0);
    return samples.filter((sample) => sample.phase === phase).length < used[phase] + leftOut;
  });
}

/** What was known of the service when the verdict was given: the ring has gone on since. */
function knownThen({ trust }: VerdictRow): KnownOfService {
  return { badShare: trust?.badShare ?? null, noise: trust?.noise ?? null };
}
