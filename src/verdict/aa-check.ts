import { DEFAULT_ENGINE, type EngineConstants, judge } from './judge.ts';
import { type Limits, METRICS, type MetricName, type Sample, type VerdictName } from './types.ts';
import { type Share, shareOf } from './wilson.ts';

export interface AaCheckInput {
  /** Samples of one environment while nothing was deployed, in any order: the baseline ring. */
  readonly samples: readonly Sample[];
  /** Sizes of the two windows of a pair; a pair is as long as a deployment with this observation window. */
  readonly countBefore: number;
  readonly countAfter: number;
  /** Times that are not quiet: deployments and what was judged bad. A pair that touches one is not used. */
  readonly excluded: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** The limits to try; the engine's defaults where left out. */
  readonly limits?: Partial<Limits>;
}

export const SKIP_REASONS = ['gap', 'not_quiet', 'insufficient_data'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface AaAlarm {
  /** Where the imagined deployment would have been: epoch milliseconds of its first sample after. */
  readonly atMs: number;
  readonly verdict: VerdictName;
  readonly metrics: readonly MetricName[];
  readonly summary: string;
}

export interface AaCheck {
  /** Pairs of windows that were judged. */
  readonly pairs: number;
  /** Pairs not judged, and why: a hole in the samples, an excluded time, too few valid samples. */
  readonly skipped: number;
  readonly skippedFor: Readonly<Record<SkipReason, number>>;
  /** Pairs that would have alarmed although nothing was deployed, and those of them that said rollback. */
  readonly alarms: number;
  readonly rollbacks: number;
  /** alarms ÷ pairs with its 95 % interval; null without pairs. */
  readonly alarmShare: Share | null;
  /** Of the alarms, in how many each metric failed: where a limit should be raised. */
  readonly byMetric: Readonly<Record<MetricName, number>>;
  /** The newest alarms, newest first. */
  readonly examples: readonly AaAlarm[];
}

/** A hole longer than this makes two windows of one pair two different hours. */
const LONGEST_GAP_MS = 5 * 60_000;
const MAX_EXAMPLES = 10;

/**
 * A/A check: how often would this set-up have cried wolf? Judges pairs of neighbouring quiet windows as if a
 * deployment lay between them. Pairs advance by one window after, so that no sample is observed twice and the share is
 * not made of one bad quarter of an hour counted many times. Pure; cost is one `judge` a pair.
 */
export function aaCheck(input: AaCheckInput, constants: EngineConstants = DEFAULT_ENGINE): AaCheck {
  const steps = aaCheckSteps(input, constants);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, one pair a step, for whoever has other work in between: a week is two thousand pairs. */
export function* aaCheckSteps(
  input: AaCheckInput,
  constants: EngineConstants = DEFAULT_ENGINE,
): Generator<void, AaCheck, void> {
  const countBefore = Math.max(1, Math.floor(input.countBefore));
  const countAfter = Math.max(1, Math.floor(input.countAfter));
  const samples = [...input.samples].sort((a, b) => a.collectedAtMs - b.collectedAtMs);
  const byMetric = Object.fromEntries(METRICS.map((metric) => [metric, 0])) as Record<MetricName, number>;
  const skippedFor: Record<SkipReason, number> = { gap: 0, not_quiet: 0, insufficient_data: 0 };
  const found: AaAlarm[] = [];
  let pairs = 0;
  let rollbacks = 0;
  for (let start = 0; start + countBefore + countAfter <= samples.length; start += countAfter) {
    yield;
    const pair = samples.slice(start, start + countBefore + countAfter);
    const skip = reasonToSkip(pair, input.excluded);
    if (skip !== null) {
      skippedFor[skip]++;
      continue;
    }
    const judgement = judge(
      {
        pre: pair.slice(0, countBefore),
        post: pair.slice(countBefore),
        expectedPre: countBefore,
        expectedPost: countAfter,
        collectionEnded: null,
        ...(input.limits === undefined ? {} : { limits: input.limits }),
      },
      constants,
    );
    if (judgement.verdict === 'insufficient_data') {
      skippedFor.insufficient_data++;
      continue;
    }
    pairs++;
    if (judgement.verdict === 'ok') continue;
    if (judgement.verdict === 'rollback_recommended') rollbacks++;
    // None of somebody's own is given, so none can be found.
    const metrics = METRICS.filter((name) =>
      judgement.details.some(({ metric, severity }) => metric === name && severity !== 'none'),
    );
    for (const metric of metrics) byMetric[metric]++;
    const atMs = pair[countBefore]?.collectedAtMs ?? 0;
    found.push({ atMs, verdict: judgement.verdict, metrics, summary: judgement.summary });
  }
  return {
    pairs,
    skipped: SKIP_REASONS.reduce((sum, reason) => sum + skippedFor[reason], 0),
    skippedFor,
    alarms: found.length,
    rollbacks,
    alarmShare: shareOf(found.length, pairs),
    byMetric,
    examples: found.slice(-MAX_EXAMPLES).reverse(),
  };
}

function reasonToSkip(pair: readonly Sample[], excluded: AaCheckInput['excluded']): SkipReason | null {
  const firstMs = pair[0]?.collectedAtMs ?? 0;
  const lastMs = pair.at(-1)?.collectedAtMs ?? 0;
  // Looked at first: nothing is read during a deployment, so that its time is a gap too.
  if (excluded.some(({ fromMs, toMs }) => firstMs <= toMs && fromMs <= lastMs)) return 'not_quiet';
  for (let i = 1; i < pair.length; i++) {
    const gapMs = (pair[i]?.collectedAtMs ?? 0) - (pair[i - 1]?.collectedAtMs ?? 0);
    if (!(gapMs <= LONGEST_GAP_MS)) return 'gap';
  }
  return null;
}
