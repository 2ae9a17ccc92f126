import { cleaned, hasNumber } from './clean.ts';
import type { LeftOut, LeftOutReason, Sample } from './types.ts';

/** Sliding windows of 60 s are common (docs/contract.md, What an observed application serves); a sample may say otherwise. */
export const SAMPLE_WINDOW_MS = 60_000;

/** A sample before the deployment read so late may already have met the new version; the first retry comes at 30 s. */
const LATE_BASELINE_SECONDS = 30;
/** Lateness worth telling; polls and a busy worker cost a second or two. */
const TOLD_LATE_SECONDS = 5;
/** Readings closer than this share of the interval saw the same moment: a queue that was stuck read them in one go. */
const SAME_MOMENT_SHARE = 0.5;

/** One side of the comparison after cleaning: oldest first, one sample a moment, every number inside the contract or null. */
export interface Window {
  readonly samples: readonly Sample[];
  /** How many samples' worth of independent information is in it: overlapping windows count by what is new in each. */
  readonly independent: number;
  /** A ramp in it is accounted for already: by a control that went along. */
  readonly isRampless?: true;
}

export interface Admitted {
  readonly before: Window;
  readonly after: Window;
  readonly leftOut: readonly LeftOut[];
  /** The same, each by itself: what plots mark. */
  readonly leftOutSamples: readonly LeftOutSample[];
  /** Of the samples that are used, how many were read late. */
  readonly lateBefore: number;
  readonly lateAfter: number;
}

export interface LeftOutSample {
  readonly phase: 'pre' | 'post';
  readonly collectedAtMs: number;
  /** Why. */
  readonly text: string;
}

export interface AdmitOptions {
  /** How many of the newest samples before the deployment are used. */
  readonly baselineSamples: number;
  /** Time between two samples after, milliseconds; undefined: not known. */
  readonly intervalMs?: number | undefined;
}

const TEXT: Record<LeftOutReason, string> = {
  out_of_contract: 'outside the metrics contract',
  no_number: 'without any number',
  duplicate_time: 'a second reading of the same moment',
  same_moment: 'read in the same moment as another',
  clock_skew: 'taken as before the deployment, but timed after its first observation',
  read_late: 'read so late that they may already show the new version',
  older_than_baseline: 'older than the baseline reaches',
  other_baseline: 'not part of the baseline',
};

function isPunctual(sample: Sample): boolean {
  return !(sample.lateSeconds >= LATE_BASELINE_SECONDS);
}

function inOrder(samples: readonly Sample[]): Sample[] {
  // Stable: of two readings with one timestamp the first given stays the first.
  return [...samples].sort((a, b) => a.collectedAtMs - b.collectedAtMs);
}

/** Samples in the order of time, and what they are worth together. */
export function windowOf(samples: readonly Sample[]): Window {
  let independent = samples.length > 0 ? 1 : 0;
  for (let i = 1; i < samples.length; i++) {
    const gapMs = (samples[i]?.collectedAtMs ?? 0) - (samples[i - 1]?.collectedAtMs ?? 0);
    const windowMs = (samples[i]?.windowSeconds ?? 0) * 1000 || SAMPLE_WINDOW_MS;
    independent += Math.min(1, gapMs / windowMs);
  }
  return { samples, independent };
}

/** Decides which samples may speak, and says why each other one may not: nothing is dropped silently. */
export function admit(pre: readonly Sample[], post: readonly Sample[], options: AdmitOptions): Admitted {
  const counts = new Map<string, LeftOut>();
  const leftOutSamples: LeftOutSample[] = [];
  const leave = (phase: 'pre' | 'post', reason: LeftOutReason, ...samples: readonly Sample[]) => {
    const key = `${phase} ${reason}`;
    const text = TEXT[reason];
    counts.set(key, { phase, reason, count: (counts.get(key)?.count ?? 0) + samples.length, text });
    for (const { collectedAtMs } of samples) leftOutSamples.push({ phase, collectedAtMs, text });
  };
  const clean = (phase: 'pre' | 'post', samples: readonly Sample[], momentMs: number): Sample[] => {
    const kept: Sample[] = [];
    const valid: Sample[] = [];
    for (const sample of samples.map(cleaned)) {
      if (Number.isFinite(sample.collectedAtMs) && hasNumber(sample)) valid.push(sample);
      else leave(phase, isBroken(sample) ? 'out_of_contract' : 'no_number', sample);
    }
    for (const sample of inOrder(valid)) {
      const lastMs = kept.at(-1)?.collectedAtMs ?? Number.NEGATIVE_INFINITY;
      if (sample.collectedAtMs === lastMs) leave(phase, 'duplicate_time', sample);
      else if (sample.collectedAtMs - lastMs < momentMs) leave(phase, 'same_moment', sample);
      else kept.push(sample);
    }
    return kept;
  };

  // A doubtful baseline is still better than none: doubtful samples go only where better ones remain.
  const preferring = (samples: Sample[], reason: LeftOutReason, isTrusted: (sample: Sample) => boolean): Sample[] => {
    const kept = samples.filter(isTrusted);
    if (kept.length === 0 || kept.length === samples.length) return samples;
    leave('pre', reason, ...samples.filter((sample) => !isTrusted(sample)));
    return kept;
  };

  const after = clean('post', post, SAME_MOMENT_SHARE * Math.max(0, options.intervalMs ?? 0));
  const firstAfterMs = after[0]?.collectedAtMs ?? Number.POSITIVE_INFINITY;
  const cleanBefore = clean('pre', pre, 0);
  const trusted = preferring(
    preferring(cleanBefore, 'clock_skew', (s) => s.collectedAtMs < firstAfterMs),
    'read_late',
    isPunctual,
  );
  const before = trusted.slice(-options.baselineSamples);
  const older = trusted.slice(0, trusted.length - before.length);
  if (older.length > 0) leave('pre', 'older_than_baseline', ...older);

  const late = (samples: readonly Sample[]) =>
    samples.filter((sample) => sample.lateSeconds >= TOLD_LATE_SECONDS).length;
  return {
    before: windowOf(before),
    after: windowOf(after),
    leftOut: [...counts.values()],
    leftOutSamples,
    lateBefore: late(before),
    lateAfter: late(after),
  };
}

function isBroken(sample: Sample): boolean {
  return !Number.isFinite(sample.collectedAtMs) || Object.values(sample.missing ?? {}).includes('out_of_range');
}
