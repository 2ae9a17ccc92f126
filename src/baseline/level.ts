import type { LevelChange } from '../model/level.ts';
import type { Span } from '../model/sample.ts';

/**
 * The level of an environment over time, derived from its deployments alone (oldest first):
 *
 *   good ── a deployment judged bad ──▶ bad
 *   bad ── an ok verdict, or feedback that the new level is right ──▶ good
 *
 * `insufficient_data` and abandoned deployments change nothing: nobody knows anything about them, so what was known
 * before still is. While a deployment is open nothing counts as quiet.
 */
export interface Level {
  /** Times in which the environment was quiet and its level good; oldest first, within what was asked for. */
  readonly goodSpans: readonly Span[];
  /** In a bad state, the deployment that it began with; null in a good one. */
  readonly brokenBy: LevelChange | null;
  /** Since when somebody calls a changed level the right one: what is older shows another level. null: nobody did. */
  readonly acceptedSinceMs: number | null;
  /** The deployment with which the good state began, as far back as the history goes; null: in a bad one, or unknown. */
  readonly goodSince: LevelChange | null;
}

export function levelOf(history: readonly LevelChange[], fromMs: number, toMs: number): Level {
  const spans: Span[] = [];
  let quietSinceMs = Number.NEGATIVE_INFINITY;
  let brokenBy: LevelChange | null = null;
  let acceptedSinceMs: number | null = null;
  let goodSince: LevelChange | null = null;
  const close = (atMs: number) => {
    const span = { fromMs: Math.max(fromMs, quietSinceMs), toMs: Math.min(toMs, atMs) };
    if (brokenBy === null && span.fromMs < span.toMs) spans.push(span);
  };
  for (const change of history) {
    close(change.startedAtMs);
    if (change.judgement === 'unknown') {
      quietSinceMs = Math.max(quietSinceMs, change.endedAtMs ?? Number.POSITIVE_INFINITY);
      continue;
    }
    // From its finish on: the samples after it are what was judged.
    quietSinceMs = change.finishedAtMs ?? Number.POSITIVE_INFINITY;
    if (change.judgement === 'bad') {
      brokenBy ??= change;
      goodSince = null;
      continue;
    }
    brokenBy = null;
    if (change.judgement === 'accepted') acceptedSinceMs = change.finishedAtMs;
    goodSince = change.judgement === 'accepted' ? change : (goodSince ?? change);
  }
  close(toMs);
  return { goodSpans: spans, brokenBy, acceptedSinceMs, goodSince };
}

/** Deployments and bad times between `fromMs` and `toMs`: what an A/A check must not look at. */
export function unquietTimes(history: readonly LevelChange[], fromMs: number, toMs: number): Span[] {
  const times: Span[] = [];
  let sinceMs = fromMs;
  for (const span of levelOf(history, fromMs, toMs).goodSpans) {
    if (sinceMs < span.fromMs) times.push({ fromMs: sinceMs, toMs: span.fromMs });
    sinceMs = span.toMs;
  }
  if (sinceMs < toMs) times.push({ fromMs: sinceMs, toMs });
  return times;
}
