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
