import { hasFailed } from './assess.ts';
import { type Assessment, mostOf } from './assessment.ts';
import { basisOf, controlClause } from './basis.ts';
import { levels, pair, readAlike, sizes, times } from './figures.ts';
import { quantityOf } from './quantity.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import type { Measure, MetricName, Quantity, RuleName } from './types.ts';

export const UNITS: Record<Quantity, string> = {
  error_rate: 'ratio',
  latency_p95: 'ms',
  requests_per_sec: 'req/s',
  cpu_usage: 'ratio',
  memory_usage: 'ratio',
  latency_mean: 'ms',
  cpu_cores: 'cores',
};

/** As a finding has it: a share is a ratio, a rate is by the second. */
export function unitOf(measure: Measure): string {
  if (typeof measure === 'string') return UNITS[measure];
  const { kind, unit } = measure;
  return kind === 'share' ? 'ratio' : kind === 'rate' ? `${unit}/s` : unit;
}

export const SUBJECT: Record<Quantity, string> = {
  error_rate: 'Error rate',
  latency_p95: 'p95 latency',
  requests_per_sec: 'Traffic',
  cpu_usage: 'CPU',
  memory_usage: 'Memory',
  latency_mean: 'Mean latency',
  cpu_cores: 'CPU',
};

export const subjectOf = (measure: Measure): string => (typeof measure === 'string' ? SUBJECT[measure] : measure.name);

/** Whether less of it is worse. */
export const falls = (measure: Measure): boolean =>
  typeof measure === 'string' ? measure === 'requests_per_sec' : measure.worse === 'down';

/** Below it the difference says more than the factor. */
const MIN_FACTOR = 1.2;

/** By how much, in the unit and as a factor where that means something. */
function movement(metric: Measure, change: number, from: number, to: number): string {
  const amount = `${falls(metric) ? '−' : '+'}${sizes(metric, [Math.abs(change)])[0] ?? ''}`;
  const factor = from > 0 && to > 0 ? to / from : Number.NaN;
  const isTelling = Number.isFinite(factor) && (factor >= MIN_FACTOR || factor <= 1 / MIN_FACTOR);
  return isTelling ? `${amount}, ${times(factor)}` : amount;
}

interface Told {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly verb: string;
  /** Size of the change, without a sign. */
  readonly by: string;
}

const HOW: Record<RuleName, (told: Told) => string> = {
  level_shift: ({ subject, from, to, verb }) => `${subject} ${verb} from ${from} to ${to}`,
  late_shift: ({ subject, from, to, verb }) =>
    `${subject} ${verb} in the course of the window, from ${from} before to ${to} in its last half`,
  repeated_excess: ({ subject, from, to, verb }) =>
    `${subject} ${verb} again and again, from ${from} before to ${to} or ${verb === 'fell' ? 'less' : 'more'} in at least half of the samples after`,
  leak: ({ subject, from, to, by }) =>
    `${subject} climbed steadily by ${by} to ${to}, past ${from} before, as a leak does`,
  refill: ({ subject, from, to, by }) =>
    `${subject} climbed ever more slowly by ${by} to ${to}, past ${from} before, as the beginning of a leak may`,
  error_rise: ({ subject, from, to, verb }) => `${subject} ${verb} from ${from} to ${to}`,
  error_growth: ({ subject, from, to, verb }) => `${subject} ${verb} from ${from} to ${to}`,
  silence: ({ subject, from, to }) =>
    `${subject === SUBJECT.requests_per_sec ? 'The requests' : subject} nearly stopped: ${from} before, ${to} now`,
  ramp_loss: ({ subject, from, to }) => `${subject} broke off its rise: ${from} before, ${to} after`,
};

/** How it is told that a metric failed, with the numbers of the levels in one unit; null when nothing was compared. */
function failureOf(assessment: Assessment): { moved: string; bound: string } | null {
  const { metric, baseline, observed, evidence } = assessment;
  const quantity = quantityOf(assessment);
  const { rule, change, expected, threshold, samplesBefore } = evidence;
  if (rule === null || baseline === null || observed === null || change === null) return null;
  const shown = [baseline, observed, threshold ?? baseline, expected ?? baseline];
  const [from = '', to = '', bound = '', awaited = ''] = levels(quantity, shown);
  if (rule === 'silence' && observed === 0) {
    const what = metric === 'requests_per_sec' ? 'The requests' : subjectOf(metric);
    return { moved: `${what} stopped: ${from} before, none now`, bound };
  }
  if (metric === 'error_rate' && samplesBefore === 0) {
    return { moved: `${to} of the requests fail, and none came before to compare with`, bound };
  }
  const by = sizes(quantity, [Math.abs(change)])[0] ?? '';
  const verb = falls(metric) ? 'fell' : 'rose';
  const how = HOW[rule]({ subject: subjectOf(quantity), from, to, verb, by });
  if (rule === 'leak' || rule === 'refill') return { moved: how, bound };
  const where = expected === undefined ? '' : ` where ${awaited} were expected`;
  return { moved: `${how}${where} (${movement(quantity, change, expected ?? baseline, observed)})`, bound };
}

/** "p95 latency rose from 41 ms to 212 ms (+171 ms, ×5.2)"; null when nothing was compared. */
export function movementOf(assessment: Assessment): string | null {
  return failureOf(assessment)?.moved ?? null;
}

/** One sentence with the numbers: what was measured, why that is or is not a failure, and what was judged for want of better. */
export function reasonFor(assessment: Assessment): string {
  const basis = assessment.evidence.notJudged === null ? [controlClause(assessment), basisOf(assessment)] : [];
  const clauses = basis.filter((clause) => clause !== null);
  return clauses.length === 0 ? toldOf(assessment) : `${toldOf(assessment).replace(/\.$/, '')}; ${clauses.join('; ')}.`;
}

/** The same without the last of these. */
export function toldOf(assessment: Assessment): string {
  const { baseline, observed, evidence } = assessment;
  const subject = subjectOf(quantityOf(assessment));
  const failure = failureOf(assessment);
  if (evidence.notJudged !== null || failure === null || baseline === null || observed === null) {
    return `${subject} was not judged: ${evidence.notJudged ?? 'nothing to compare'}.`;
  }
  if (hasFailed(assessment)) {
    const other = evidence.alternative === undefined ? '' : `; ${evidence.alternative}`;
    return `${failure.moved}; ${proof(assessment, failure.bound)}${other}.`;
  }
  if (evidence.isSmall === true) return `${smallRise(assessment)}: more than chance, less than matters.`;
  return calm(assessment, baseline, observed);
}

/** Of a metric that was judged and did not fail. */
function calm(assessment: Assessment, baseline: number, observed: number): string {
  const { metric, evidence } = assessment;
  const quantity = quantityOf(assessment);
  const subject = subjectOf(quantity);
  const { limit, threshold, expected } = evidence;
  const change = evidence.change ?? 0;
  if (metric === 'error_rate' && evidence.samplesBefore === 0) {
    const [is = '', bound = ''] = levels(metric, [observed, threshold ?? observed]);
    return `${is} of the requests fail, and none came before to compare with; a rise would count from ${bound} on.`;
  }
  const isAlike = readAlike(quantity, baseline, observed);
  const [from, to] = isAlike ? levels(quantity, [observed, observed]) : pair(quantity, baseline, observed);
  const told = isAlike ? `${subject} stayed at ${to}` : `${subject}: ${from} before, ${to} after`;
  const known = typeof metric === 'string' ? EXPLAINED[metric] : EXPLAINED_CUSTOM;
  const cause = evidence.control === undefined ? known : 'the control';
  const explained = expected === undefined ? '' : `, which ${cause} explains`;
  if (change <= 0)
    return isAlike
      ? `${told}.`
      : explained === ''
        ? `${subject} did not get worse: ${from} before, ${to} after.`
        : `${told}${explained}.`;
  if (evidence.ownNoise !== undefined && limit !== null && change >= limit) {
    return `${told}, as it does by itself when nothing is deployed.`;
  }
  if (limit !== null && change < limit && threshold !== null && threshold < mostOf(quantity)) {
    const [, awaited = '', bound = ''] = levels(quantity, [observed, expected ?? observed, threshold]);
    const where = expected === undefined ? '' : ` where ${awaited} were expected`;
    return `${told}${where}; a ${falls(metric) ? 'fall' : 'rise'} counts from ${bound} on.`;
  }
  return isAlike ? `${told}.` : `${told}, but too few samples or requests show it.`;
}

const EXPLAINED_CUSTOM = 'what was known of it, or a ramp that was going on before,';

/** What may explain another level than the baseline. */
const EXPLAINED: Record<MetricName, string> = {
  error_rate: 'what was known of the service',
  latency_p95: 'the ramp that was going on before',
  requests_per_sec: 'a ramp that was going on before, or what CI said of instances and shares,',
  cpu_usage: 'more traffic, or a ramp that was going on before,',
  memory_usage: 'the ramp that was going on before',
};

/** "Error rate rose from 0.20 % to 0.35 %, under ×3 and under 0.4 points": certain, and below every limit. */
export function smallRise(assessment: Assessment): string {
  const { metric, baseline, observed, evidence } = assessment;
  const quantity = quantityOf(assessment);
  const [from, to] = pair(quantity, baseline ?? 0, observed ?? 0);
  const verb = falls(metric) ? 'fell' : 'rose';
  const limit = sizes(quantity, [evidence.limit ?? 0])[0] ?? '';
  const under =
    metric === 'error_rate'
      ? `under ${times(DEFAULT_TUNING.errorGrowth)} and under ${limit}`
      : `under ${falls(metric) ? '−' : '+'}${limit}`;
  return `${subjectOf(quantity)} ${verb} from ${from} to ${to}, ${under}`;
}

/** How many samples stand beyond the limit, and how sure the size of the change is. */
function proof(assessment: Assessment, bound: string): string {
  const { metric, evidence } = assessment;
  const quantity = quantityOf(assessment);
  const { interval, rule, samplesBeyond, samplesAfter, limit } = evidence;
  const climbs = rule === 'leak' || rule === 'refill';
  const count =
    climbs && limit !== null
      ? `a climb of ${sizes(quantity, [limit])[0] ?? ''} matters`
      : `${samplesBeyond} of ${samplesAfter} samples ${falls(metric) ? 'below' : 'above'} ${bound}`;
  if (interval === null) return count;
  const [low, high] = sizes(quantity, [interval.low, interval.high]);
  return `${count}, 95 % interval of the change ${low} to ${high}`;
}
