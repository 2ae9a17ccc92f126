import type { LevelChange } from '../model/level.ts';
import type { Span } from '../model/sample.ts';
import { hasRequests } from '../verdict/requests.ts';
import type { Sample } from '../verdict/types.ts';

/**
 * Times in which no request came after a deployment of which nothing is known: from its end to the first reading that holds
 * one, or to `nowMs`. Such a deployment leaves the level as it was, but silence may be its outage, and made a baseline it
 * would tell the next deployment that nobody ever came. `readings`: oldest first.
 */
export function silentTimes(history: readonly LevelChange[], readings: readonly Sample[], nowMs: number): Span[] {
  const spans: Span[] = [];
  for (const { judgement, endedAtMs } of history) {
    if (judgement !== 'unknown' || endedAtMs === null || endedAtMs >= nowMs) continue;
    const served = readings.find((reading) => reading.collectedAtMs >= endedAtMs && hasRequests(reading));
    const toMs = served?.collectedAtMs ?? nowMs;
    if (endedAtMs < toMs) spans.push({ fromMs: endedAtMs, toMs });
  }
  return spans;
}

/** What is left of `spans` without `cut`; both oldest first. */
export function without(spans: readonly Span[], cut: readonly Span[]): Span[] {
  return cut.reduce<Span[]>(
    (left, { fromMs, toMs }) =>
      left
        .flatMap((span) => [
          { fromMs: span.fromMs, toMs: Math.min(span.toMs, fromMs) },
          { fromMs: Math.max(span.fromMs, toMs), toMs: span.toMs },
        ])
        .filter((span) => span.fromMs < span.toMs),
    [...spans],
  );
}
