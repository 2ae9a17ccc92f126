import { holdsPast, type Source } from '../model/source.ts';
import type { Sample } from '../verdict/types.ts';
import type { LifecycleDeps } from './deps.ts';

/** Minutes that a source is asked for. */
const PAST_MINUTES = 60;

/** Milliseconds: CI waits for it. */
const PAST_TIMEOUT_MS = 2_500;

/**
 * The last hour's minutes up to `endMs` (epoch milliseconds) of a source that holds the past, oldest first; none where it
 * can't be asked in time.
 */
export async function readPast(
  deps: Pick<LifecycleDeps, 'sources' | 'log'>,
  source: Source,
  endMs: number,
): Promise<readonly Sample[]> {
  if (!holdsPast(source)) return [];
  const past = await deps.sources.readSpan(source, { endMs, minutes: PAST_MINUTES }, { timeoutMs: PAST_TIMEOUT_MS });
  if ('outcome' in past) {
    deps.log.warn({ event: 'past_not_read', reason: past.reason }, 'the minutes before could not be read');
    return [];
  }
  return past.map(({ atMs, reading }) => ({
    collectedAtMs: atMs,
    lateSeconds: 0,
    ...reading.numbers,
    ...reading.facts,
  }));
}
