import type { LifecycleDeps } from './deps.ts';

/** Rows a statement: short transactions, so that collects and autovacuum are never held up. */
const BATCH = 5_000;

/** Deletes samples and failure records older than the retention, and keys that expired. Returns how many samples. */
export async function prune(deps: Pick<LifecycleDeps, 'db' | 'log' | 'now'>, retentionDays: number): Promise<number> {
  const now = new Date(deps.now());
  const before = new Date(now.getTime() - retentionDays * 86_400_000);
  let samples = 0;
  for (;;) {
    const deleted = await deps.db.samples.prune(before, BATCH);
    samples += deleted;
    if (deleted < BATCH) break;
  }
  const failures = await deps.db.jobFailures.prune(before);
  const keys = await deps.db.apiKeys.removeExpired(now);
  if (samples + failures + keys > 0) {
    deps.log.info({ event: 'pruned', samples, job_failures: failures, api_keys: keys }, 'old rows deleted');
  }
  return samples;
}
