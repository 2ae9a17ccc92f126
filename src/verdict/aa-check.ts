import { DEFAULT_ENGINE, type EngineConstants, judge } from './judge.ts';
import { type Limits, METRICS, type MetricName, type Sample, type VerdictName } from './types.ts';

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
  /** Pairs not judged: a gap, an excluded time, or too few valid samples. */
  readonly skipped: number;
  /** Pairs that would have alarmed although nothing was deployed, and those of them that said rollback. */
  readonly alarms: number;
  readonly rollbacks: number;
  /** alarms ÷ pairs with its 95 % interval; null without pairs. */
  readonly alarmShare: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Of the alarms, in how many each metric failed: where a limit should be raised. */
  readonly byMetric: Readonly<Record<MetricName, number>>;
  /** The newest alarms, newest first. */
  readonly examples: readonly AaAlarm[];
}

/** A hole longer than this makes two windows of one pair two different hours. */
const LONGEST_GAP_MS = 5 * 60_000;
const MOST_EXAMPLES = 10;
const Z95 = 1.96;

/** Wilson's score interval (1927): stays inside 0..1 and is honest with 0 alarms of 20. */
function wilson(hits: number, count: number): { value: number; low: number; high: number } {
  const value = hits / count;
  const z2 = Z95 ** 2;
  const centre = (value + z2 / (2 * count)) / (1 + z2 / count);
  const half = (Z95 * Math.sqrt((value * (1 - value)) / count + z2 / (4 * count ** 2))) / (1 + z2 / count);
  return { value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * A/A check: how often would this set-up have cried wolf? Judges pairs of neighbouring quiet windows as if a
 * deployment lay between them. Pairs advance by one window after, so that no sample is observed twice and the share is
 * not made of one bad quarter of an hour counted many times. Pure; cost is one `judge` a pair.
 */
export function aaCheck(input: AaCheckInput, constants: EngineConstants = DEFAULT_ENGINE): AaCheck {
  const countBefore = Math.max(1, Math.floor(input.countBefore));
  const countAfter = Math.max(1, Math.floor(input.countAfter));
  const samples = [...input.samples].sort((a, b) => a.collectedAtMs - b.collectedAtMs);
  const byMetric = Object.fromEntries(METRICS.map((metric) => [metric, 0])) as Record<MetricName, number>;
  const found: AaAlarm[] = [];
  let pairs = 0;
  let skipped = 0;
  let rollbacks = 0;
  for (let start = 0; start + countBefore + countAfter <= samples.length; start += countAfter) {
    const pair = samples.slice(start, start + countBefore + countAfter);
    if (!isQuiet(pair, input.excluded)) {
      skipped++;
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
      skipped++;
      continue;
    }
    pairs++;
    if (judgement.verdict === 'ok') continue;
    if (judgement.verdict === 'rollback_recommended') rollbacks++;
    const metrics = judgement.details.filter((finding) => finding.severity !== 'none').map((finding) => finding.metric);
    for (const metric of metrics) byMetric[metric]++;
    const atMs = pair[countBefore]?.collectedAtMs ?? 0;
    found.push({ atMs, verdict: judgement.verdict, metrics, summary: judgement.summary });
  }
  return {
    pairs,
    skipped,
    alarms: found.length,
    rollbacks,
    alarmShare: pairs > 0 ? wilson(found.length, pairs) : null,
    byMetric,
    examples: found.slice(-MOST_EXAMPLES).reverse(),
  };
}

function isQuiet(pair: readonly Sample[], excluded: AaCheckInput['excluded']): boolean {
  for (let i = 1; i < pair.length; i++) {
    const gapMs = (pair[i]?.collectedAtMs ?? 0) - (pair[i - 1]?.collectedAtMs ?? 0);
    if (!(gapMs <= LONGEST_GAP_MS)) return false;
  }
  const firstMs = pair[0]?.collectedAtMs ?? 0;
  const lastMs = pair.at(-1)?.collectedAtMs ?? 0;
  return !excluded.some(({ fromMs, toMs }) => firstMs <= toMs && fromMs <= lastMs);
}
