import type { Database } from '../db/database.ts';
import type { DueEnvironment } from '../model/sample.ts';
import type { SourceReading } from '../sources/source.ts';
import { tellFailing, tellRecovered } from './tell-source.ts';

/** Readings in a row that fail, and minutes from the first to the last of them, before anybody is told: a restart is none. */
const MIN_FAILURES = 3;
const MIN_FAILING_MS = 110_000;
/** More failing environments than an installation has: then counting begins anew. */
const MAX_REMEMBERED = 50_000;

/**
 * Tells when the source of an environment fails and when it is back. Counted here, by each replica for what it reads;
 * stored and told once, whichever of them sees it first.
 */
export function createOutageWatch(deps: { readonly db: Database; readonly now: () => number }) {
  const failing = new Map<number, { readonly sinceMs: number; failures: number }>();
  return async (series: number, environment: DueEnvironment, reading: SourceReading): Promise<void> => {
    const { env, isFailing } = environment;
    const place = { projectId: environment.source.projectId, env };
    const at = new Date(deps.now());
    if (reading.outcome === 'ok') {
      failing.delete(series);
      if (isFailing) await deps.db.transaction(async (tx) => await tellRecovered(tx, place, at), { durable: true });
      return;
    }
    if (failing.size >= MAX_REMEMBERED) failing.clear();
    const run = failing.get(series) ?? { sinceMs: at.getTime(), failures: 0 };
    run.failures += 1;
    failing.set(series, run);
    if (isFailing || run.failures < MIN_FAILURES || at.getTime() - run.sinceMs < MIN_FAILING_MS) return;
    const outage = { since: new Date(run.sinceMs), reason: reading.reason };
    await deps.db.transaction(async (tx) => await tellFailing(tx, place, outage, at), { durable: true });
  };
}
