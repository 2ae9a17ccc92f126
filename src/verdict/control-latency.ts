import type { Admitted } from './admit.ts';
import { ASSESSORS } from './assess.ts';
import { type Assessment, expectedAt, finite } from './assessment.ts';
import type { Context } from './context.ts';
import type { ControlShift } from './control-shift.ts';
import { mapped } from './control-window.ts';
import { LATENCY_OFFSET_MS } from './latency-level.ts';
import { measuredQuantity } from './measured.ts';
import { median } from './order-statistics.ts';
import type { Tuning } from './tuning.ts';
import type { Limits, Sample } from './types.ts';

/** Latency with what hit the control taken out of the samples after, and put into the level expected. */
export function latencyBeside(
  { before, after }: Admitted,
  { p95, mean }: { readonly p95: ControlShift; readonly mean: ControlShift | null },
  limits: Limits,
  tuning: Tuning,
  context: Context,
): Assessment {
  const levelOf = (quantity: 'latency_p95' | 'latency_mean') => {
    const { values } = measuredQuantity(before, quantity);
    return values.length > 0 ? median(values) : 0;
  };
  const added = { latency_p95: addedMs(levelOf('latency_p95'), p95), latency_mean: 0 };
  if (mean !== null) added.latency_mean = addedMs(levelOf('latency_mean'), mean);
  const back = (ms: number, by: number) => Math.max(0, ms - by);
  const samples = after.samples.map((sample): Sample => {
    const { latencyMean, latencyBucket, ...others } = sample;
    const { low, high } = latencyBucket ?? { low: 0, high: 0 };
    return {
      ...others,
      latency_p95: sample.latency_p95 === null ? null : back(sample.latency_p95, added.latency_p95),
      ...(latencyBucket === undefined
        ? {}
        : { latencyBucket: { low: back(low, added.latency_p95), high: back(high, added.latency_p95) } }),
      ...(latencyMean === undefined || mean === null ? {} : { latencyMean: back(latencyMean, added.latency_mean) }),
    };
  });
  const was = mapped(before, p95, (sample) => sample);
  const assessment = ASSESSORS.latency_p95(was, { ...after, samples }, limits, tuning, context);
  const isMean = assessment.evidence.judgedBy === 'latency_mean';
  return movedBy(assessment, isMean ? added.latency_mean : added.latency_p95, (isMean ? mean : p95) ?? p95);
}

/**
 * Milliseconds that what hit the control added here: as many as there, or as many times as much, whichever is more. Which of
 * the two a shock does nobody knows, and of what may not be the deployment's none is held against it.
 */
function addedMs(levelMs: number, { before, after, trust }: ControlShift): number {
  const times = (after + LATENCY_OFFSET_MS) / (before + LATENCY_OFFSET_MS);
  const inProportion = (levelMs + LATENCY_OFFSET_MS) * (times - 1);
  return trust * finite(Math.max(after - before, inProportion));
}

/** Latency as it was, with what was taken back in the level expected. */
function movedBy(assessment: Assessment, ms: number, control: ControlShift): Assessment {
  const { baseline, observed, evidence } = assessment;
  if (evidence.notJudged !== null || baseline === null || observed === null) return assessment;
  const { expected, ...others } = evidence;
  return {
    ...assessment,
    observed: finite(observed + ms),
    evidence: {
      ...others,
      ...expectedAt((expected ?? baseline) + ms, baseline),
      threshold: evidence.threshold === null ? null : finite(evidence.threshold + ms),
      control: { before: control.before, after: control.after },
    },
  };
}
