import type { DeploymentState } from '../model/deployment.ts';

/** Seconds past the last possible retry after which the verdict is given on what there is. */
const GRACE_SECONDS = 60;

/** Epoch ms: window end + the sum of the retry delays + 60 s, when the verdict is given whatever has not settled. */
export function latestVerdictMs(
  settings: { readonly retryDelaysSeconds: readonly number[] },
  windowEndsAtMs: number,
): number {
  const retriesSeconds = settings.retryDelaysSeconds.reduce((sum, delay) => sum + delay, 0);
  return windowEndsAtMs + (retriesSeconds + GRACE_SECONDS) * 1000;
}

/**
 * When the verdict is to be expected, while one is: the end of the window, and once that has passed, because a collect is
 * still being tried, the latest moment. null: not finished yet, or nothing comes any more.
 */
export function verdictDueAt(
  settings: { readonly retryDelaysSeconds: readonly number[] },
  deployment: { readonly state: DeploymentState; readonly windowEndsAt: Date | null },
  nowMs: number,
): Date | null {
  const { state, windowEndsAt } = deployment;
  if (state !== 'finished' || windowEndsAt === null) return null;
  return nowMs < windowEndsAt.getTime() ? windowEndsAt : new Date(latestVerdictMs(settings, windowEndsAt.getTime()));
}
