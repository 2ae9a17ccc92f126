import { LATENCY_OFFSET_MS } from './latency-level.ts';
import type { RuleName } from './rules/index.ts';
import { CUSTOM, type Finding, type Limits, type MetricName } from './types.ts';

/** An alarm that people marked, with what it found. */
export interface MarkedAlarm {
  readonly correct: boolean;
  readonly details: readonly Finding[];
}

/**
 * A limit under which the rule that explained a project's repeated false alarms would not have found them. Shown, never set by
 * itself. Another rule may still find one: judging again under it tells.
 */
export interface LimitProposal {
  readonly metric: MetricName;
  readonly rule: RuleName;
  readonly limit: keyof Limits;
  /** In the limit's own unit, as in `Limits`. */
  readonly value: number;
  readonly now: number;
  /** False alarms of this kind that rest on a change below `value`, */
  readonly falseAlarms: number;
  /** and alarms marked right in which this metric failed with a smaller change than that: they would be lost on it. */
  readonly rightHidden: number;
}

/** Fewer of one kind may be chance. */
export const MIN_FALSE_ALARMS = 3;
/** The next one may be a little louder than the loudest so far. */
const HEADROOM = 1.05;
/** Above these a limit would let any fault pass. */
const MOST: Readonly<Record<MetricName, number>> = {
  error_rate: 0.1,
  latency_p95: 3,
  requests_per_sec: 0.75,
  cpu_usage: 0.5,
  memory_usage: 0.5,
};
const LIMIT_OF: Readonly<Record<MetricName, keyof Limits>> = {
  error_rate: 'errorRise',
  latency_p95: 'latencyGrowth',
  requests_per_sec: 'trafficDrop',
  cpu_usage: 'cpuRise',
  memory_usage: 'memoryRise',
};
/** Requests that stop are counted, and growth below the limit in points has a limit of its own: raising one helps neither. */
const WITHOUT_LIMIT: ReadonlySet<RuleName> = new Set(['silence', 'error_growth']);

interface Failure {
  readonly rule: RuleName;
  readonly size: number;
}

/**
 * Proposals of a project from its marked alarms, the kind with most false alarms first and one a limit. A kind is a metric
 * and the rule that explained it. None where as many right alarms would be hidden as false ones: then it is no matter of a limit.
 * What lies below the limit that holds by now counts no more.
 */
export function proposedLimits(alarms: readonly MarkedAlarm[], limits: Limits): LimitProposal[] {
  const wrong = new Map<string, { metric: MetricName; rule: RuleName; sizes: number[] }>();
  const right = new Map<MetricName, number[]>();
  for (const { correct, details } of alarms) {
    for (const finding of details) {
      const { metric } = finding;
      // One of somebody's own has its limit where it is defined.
      if (metric === CUSTOM) continue;
      const failure = failureOf(metric, finding, limits);
      if (failure === null) continue;
      if (correct) {
        right.set(metric, [...(right.get(metric) ?? []), failure.size]);
        continue;
      }
      const key = `${metric} ${failure.rule}`;
      const kind = wrong.get(key) ?? { metric, rule: failure.rule, sizes: [] };
      kind.sizes.push(failure.size);
      wrong.set(key, kind);
    }
  }
  const proposals: LimitProposal[] = [];
  for (const { metric, rule, sizes } of [...wrong.values()].sort((a, b) => b.sizes.length - a.sizes.length)) {
    const limit = LIMIT_OF[metric];
    const value = roundedUp(Math.max(...sizes) * HEADROOM);
    const rightHidden = (right.get(metric) ?? []).filter((size) => size < value).length;
    if (sizes.length < MIN_FALSE_ALARMS || value > MOST[metric] || rightHidden >= sizes.length) continue;
    if (proposals.some((one) => one.limit === limit)) continue;
    proposals.push({ metric, rule, limit, value, now: limits[limit], falseAlarms: sizes.length, rightHidden });
  }
  return proposals;
}

/** How large a failure was, in the unit of its metric's limit; null where it is none, or no limit would have spared it. */
function failureOf(metric: MetricName, { severity, baseline, evidence }: Finding, limits: Limits): Failure | null {
  const { rule, change } = evidence;
  if (severity === 'none' || rule === null || change === null || baseline === null || WITHOUT_LIMIT.has(rule))
    return null;
  const expected = evidence.expected ?? baseline;
  // In cores another limit holds as well, that no project sets.
  if (evidence.judgedBy === 'cpu_cores') return null;
  const size = evidence.judgedBy === 'latency_mean' ? change / baseline : sizeOf(metric, change, baseline, expected);
  if (!Number.isFinite(size) || size < limits[LIMIT_OF[metric]]) return null;
  // Near its ceiling a usage has limits of its own (ceiling.ts), which do not grow with the project's.
  const isUsage = metric === 'cpu_usage' || metric === 'memory_usage';
  return isUsage && size * HEADROOM >= (1 - expected) / 2 ? null : { rule, size };
}

function sizeOf(metric: MetricName, change: number, baseline: number, expected: number): number {
  if (metric === 'latency_p95') return change / (baseline + LATENCY_OFFSET_MS);
  return metric === 'requests_per_sec' ? change / expected : change;
}

/** To two significant digits, upwards. */
function roundedUp(value: number): number {
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((Math.ceil(value / step - 1e-9) * step).toPrecision(2));
}
