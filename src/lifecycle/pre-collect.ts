import type { Claim, JobOutcome } from '../model/job.ts';
import { collectSample } from './collect-sample.ts';
import type { LifecycleDeps } from './deps.ts';

/** One reading of the application before the deployment ends. Late ones say so: their due time is stored too. */
export async function preCollect(deps: LifecycleDeps, claim: Claim, signal: AbortSignal): Promise<JobOutcome> {
  return await collectSample(
    deps,
    {
      phase: 'pre',
      wanted: (context) => context.state === 'running',
      store: deps.collects.storePre,
    },
    claim,
    signal,
  );
}
