import type { Finding } from '../verdict/types.ts';

/** Digits that a figure of a verdict shows: far more than its noise, and none of 0.004000000000000001. */
const FIGURE_DIGITS = 6;
/** In every unit of a verdict (ms, requests/s, ratios) less than this is the arithmetic's own dust. */
const DUST = 1e-9;

/** A figure as it is shown; null stays null. */
export function figure(value: number | null): number | null {
  if (value === null) return null;
  return Math.abs(value) < DUST ? 0 : Number(value.toPrecision(FIGURE_DIGITS));
}

/** Field by field: jsonb does not keep the order, and people read this. */
export function showFinding(finding: Finding) {
  return {
    metric: finding.metric,
    ...(finding.custom ?? {}),
    baseline: figure(finding.baseline),
    observed: figure(finding.observed),
    unit: finding.unit,
    severity: finding.severity,
    reason: finding.reason,
    evidence: showEvidence(finding),
  };
}

/**
 * Of errors the level expected is what a service is believed to have that showed so few of them: without it 0 before and
 * 0 after would be a change of no known level.
 */
function expectedOf({ metric, baseline, observed, evidence }: Finding): number | null {
  if (evidence.expected !== undefined) return evidence.expected;
  if (metric !== 'error_rate' || evidence.change === null || observed === null || baseline === null) return null;
  const expected = observed - evidence.change;
  return Math.abs(expected - baseline) < DUST ? null : expected;
}

function showEvidence(finding: Finding) {
  const { evidence } = finding;
  const { resolution, readP95, control } = evidence;
  return {
    rule: evidence.rule,
    change: figure(evidence.change),
    interval: evidence.interval === null ? null : [figure(evidence.interval.low), figure(evidence.interval.high)],
    expected: figure(expectedOf(finding)),
    limit: figure(evidence.limit),
    threshold: figure(evidence.threshold),
    samples_beyond: evidence.samplesBeyond,
    strength: figure(evidence.strength),
    samples_before: evidence.samplesBefore,
    samples_after: evidence.samplesAfter,
    samples_without_requests: evidence.samplesWithoutRequests ?? 0,
    samples_missing: evidence.samplesMissing ?? {},
    own_noise: figure(evidence.ownNoise ?? null),
    control: control === undefined ? null : [figure(control.before), figure(control.after)],
    judged_by: evidence.judgedBy ?? null,
    resolution: resolution === undefined ? null : [figure(resolution.low), figure(resolution.high)],
    p95_blind: resolution?.isBlind ?? false,
    p95_read: readP95 === undefined ? null : [figure(readP95.before), figure(readP95.after)],
    below_limit: evidence.isSmall ?? false,
    alternative: evidence.alternative ?? null,
    not_judged: evidence.notJudged,
  };
}
