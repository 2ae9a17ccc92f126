import type { LeftOut, LeftOutReason, Sample } from './types.ts';
import { METRICS } from './types.ts';

/** Applications report sliding windows of 60 s (product contract): samples closer than that share requests. */
export const SAMPLE_WINDOW_MS = 60_000;

/** A sample before the deployment read so late may already have met the new version; the first retry comes at 30 s. */
const LATE_BASELINE_SECONDS = 30;
/** Lateness worth telling; polls and a busy worker cost a second or two. */
const TOLD_LATE_SECONDS = 5;

/** One side of the comparison after cleaning: oldest first, one sample a moment, all inside the contract. */
export interface Window {
  readonly samples: readonly Sample[];
  /** How many samples' worth of independent information is in it: overlapping 60 s windows count by what is new in each. */
  readonly independent: number;
}

export interface Admitted {
  readonly before: Window;
  readonly after: Window;
  readonly leftOut: readonly LeftOut[];
  /** Of the samples that are used, how many were read late. */
  readonly lateBefore: number;
  readonly lateAfter: number;
}

const TEXT: Record<LeftOutReason, string> = {
  out_of_contract: 'outside the metrics contract',
  duplicate_time: 'a second reading of the same moment',
  clock_skew: 'taken as before the deployment, but timed after its first observation',
  read_late: 'read so late that they may already show the new version',
  older_than_baseline: 'older than the baseline reaches',
  other_baseline: 'not part of the baseline',
};

/** The metrics contract: all finite, rates and latency not negative, the three ratios 0..1. */
function inContract(sample: Sample): boolean {
  if (!Number.isFinite(sample.collectedAtMs)) return false;
  for (const metric of METRICS) {
    const value = sample[metric];
    if (!Number.isFinite(value) || value < 0) return false;
    if (value > 1 && metric !== 'latency_p95' && metric !== 'requests_per_sec') return false;
  }
  return true;
}

function isPunctual(sample: Sample): boolean {
  return !(sample.lateSeconds >= LATE_BASELINE_SECONDS);
}

function inOrder(samples: readonly Sample[]): Sample[] {
  // Stable: of two readings with one timestamp the first given stays the first.
  return [...samples].sort((a, b) => a.collectedAtMs - b.collectedAtMs);
}

function windowOf(samples: readonly Sample[]): Window {
  let independent = samples.length > 0 ? 1 : 0;
  for (let i = 1; i < samples.length; i++) {
    const gapMs = (samples[i]?.collectedAtMs ?? 0) - (samples[i - 1]?.collectedAtMs ?? 0);
    independent += Math.min(1, gapMs / SAMPLE_WINDOW_MS);
  }
  return { samples, independent };
}

/**
 * Decides which samples may speak, and says why each other one may not: nothing is dropped silently.
 * `baselineSamples` is how many of the newest samples before the deployment are used.
 */
export function admit(pre: readonly Sample[], post: readonly Sample[], baselineSamples: number): Admitted {
  const counts = new Map<string, LeftOut>();
  const leave = (phase: 'pre' | 'post', reason: LeftOutReason, count = 1) => {
    const key = `${phase} ${reason}`;
    counts.set(key, { phase, reason, count: (counts.get(key)?.count ?? 0) + count, text: TEXT[reason] });
  };
  const clean = (phase: 'pre' | 'post', samples: readonly Sample[]): Sample[] => {
    const kept: Sample[] = [];
    const valid = samples.filter(inContract);
    if (valid.length < samples.length) leave(phase, 'out_of_contract', samples.length - valid.length);
    for (const sample of inOrder(valid)) {
      if (kept.at(-1)?.collectedAtMs === sample.collectedAtMs) leave(phase, 'duplicate_time');
      else kept.push(sample);
    }
    return kept;
  };

  // A doubtful baseline is still better than none: doubtful samples go only where better ones remain.
  const preferring = (samples: Sample[], reason: LeftOutReason, isTrusted: (sample: Sample) => boolean): Sample[] => {
    const kept = samples.filter(isTrusted);
    if (kept.length === 0 || kept.length === samples.length) return samples;
    leave('pre', reason, samples.length - kept.length);
    return kept;
  };

  const after = clean('post', post);
  const firstAfterMs = after[0]?.collectedAtMs ?? Number.POSITIVE_INFINITY;
  const cleanBefore = clean('pre', pre);
  const trusted = preferring(
    preferring(cleanBefore, 'clock_skew', (s) => s.collectedAtMs < firstAfterMs),
    'read_late',
    isPunctual,
  );
  const before = trusted.slice(-baselineSamples);
  if (before.length < trusted.length) leave('pre', 'older_than_baseline', trusted.length - before.length);

  const late = (samples: readonly Sample[]) =>
    samples.filter((sample) => sample.lateSeconds >= TOLD_LATE_SECONDS).length;
  return {
    before: windowOf(before),
    after: windowOf(after),
    leftOut: [...counts.values()],
    lateBefore: late(before),
    lateAfter: late(after),
  };
}
