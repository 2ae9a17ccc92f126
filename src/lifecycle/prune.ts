import { HOUR_MS, hourOf } from '../db/baselines/slots.ts';
import type { LifecycleDeps } from './deps.ts';

/** Milliseconds: longer than a trigger looks back, and a collect that is tried again. */
const POINTS_MS = 3 * HOUR_MS;

/** Rows a statement: short transactions, so that collects and autovacuum are never held up. */
const BATCH = 5_000;

/**
 * Deletes samples, baselines and failure records and messages older than the retention, what the baseline ring no longer keeps, and keys that
 * expired. Returns how many samples.
 */
export async function prune(
  deps: Pick<LifecycleDeps, 'db' | 'log' | 'now' | 'settings'>,
  { retentionDays, auditDays }: { readonly retentionDays: number; readonly auditDays: number },
): Promise<number> {
  const now = new Date(deps.now());
  const before = new Date(now.getTime() - retentionDays * 86_400_000);
  const samples = await inBatches(async (limit) => await deps.db.samples.prune(before, limit));
  const baselines = await inBatches(async (limit) => await deps.db.deploymentBaselines.prune(before, limit));
  const failures = await deps.db.jobFailures.prune(before);
  const messages = await deps.db.outbox.prune(before);
  const audit = await deps.db.audit.prune(new Date(now.getTime() - auditDays * 86_400_000));
  const keys = await deps.db.apiKeys.removeExpired(now);
  const ringStartMs = now.getTime() - deps.settings.baselineHours * HOUR_MS;
  const points = await inBatches(
    async (limit) => await deps.db.otlpPoints.prune(new Date(now.getTime() - POINTS_MS), limit),
  );
  const hours = await deps.db.transaction(async (tx) => await tx.baselineSamples.dropHoursBefore(hourOf(ringStartMs)));
  const series = await deps.db.baselineTurns.pruneSeries(new Date(ringStartMs));
  if (samples + baselines + failures + messages + audit + keys + hours + series + points > 0) {
    deps.log.info(
      {
        event: 'pruned',
        samples,
        deployment_baselines: baselines,
        job_failures: failures,
        notifications: messages,
        audit_entries: audit,
        api_keys: keys,
        baseline_hours: hours,
        baseline_series: series,
        otlp_rows: points,
      },
      'old rows deleted',
    );
  }
  return samples;
}

/** Returns how many went in all. */
async function inBatches(deleteUpTo: (limit: number) => Promise<number>): Promise<number> {
  let all = 0;
  for (;;) {
    const deleted = await deleteUpTo(BATCH);
    all += deleted;
    if (deleted < BATCH) return all;
  }
}
