import { TestClock } from 'pg-boss';
import type { TestDatabase } from './database.ts';
import type { TestService } from './service.ts';

export { TestClock };

/** In the future, so that nothing that reads the real time can pass for the test's. */
export const START_TIME = Date.parse('2030-01-01T00:00:00Z');

/** Two polls of pg-boss: what is due is fetched, run and settled by then. */
const POLL_MS = 500;

/**
 * Runs everything that becomes due until `untilMs`, jumping from due time to due time. Ticking does not wait for
 * handlers, so the workers are awaited in between.
 */
export async function runUntil(
  clock: TestClock,
  { service }: TestService,
  database: TestDatabase,
  untilMs: number,
): Promise<void> {
  for (;;) {
    const [next] = await database.query<{ due: Date | null }>(
      `select min(start_after) as due from pgboss.job
       where state in ('created', 'retry')
         and name in ('pre_collect', 'post_collect', 'analysis', 'dead_letter')`,
    );
    const dueMs = next?.due?.getTime() ?? Number.POSITIVE_INFINITY;
    if (dueMs > untilMs) break;
    if (dueMs > clock.now()) await clock.setTime(dueMs);
    await clock.tick(POLL_MS);
    await service.workers.idle();
  }
  if (clock.now() < untilMs) await clock.setTime(untilMs);
}
