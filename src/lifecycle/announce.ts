import type { AnalysisContext } from '../model/deployment.ts';
import type { Judgement } from '../verdict/types.ts';
import type { LifecycleDeps } from './deps.ts';

/** A verdict that was given, and on what. */
export interface GivenVerdict {
  readonly judgement: Judgement;
  readonly context: AnalysisContext;
}

/** Counts, logs and tells a verdict; only after its transaction has committed. */
export function announce(
  deps: Pick<LifecycleDeps, 'telemetry' | 'log' | 'now' | 'tellVerdict'>,
  deploymentId: string,
  { judgement, context }: GivenVerdict,
): void {
  const failedMetrics = judgement.details
    .filter((finding) => finding.severity !== 'none')
    .map((finding) => ({ metric: finding.metric, critical: finding.severity === 'critical' }));
  deps.telemetry.verdictReached({ verdict: judgement.verdict, failedMetrics });
  deps.log.info(
    {
      event: 'verdict',
      deployment_id: deploymentId,
      verdict: judgement.verdict,
      confidence: judgement.confidence,
      failed_metrics: failedMetrics.map((failed) => failed.metric),
    },
    judgement.summary,
  );
  const { env, identity, traceParent } = context;
  deps.tellVerdict({ deploymentId, env, identity, judgement, triggeredIn: traceParent, atMs: deps.now() });
}
