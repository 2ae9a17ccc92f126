import type { Admitted } from './admit.ts';
import { hasFailed } from './assess.ts';
import type { Assessment } from './assessment.ts';
import type { LeftOut, MetricName, RuleName } from './types.ts';

export const UNITS: Record<MetricName, string> = {
  error_rate: 'ratio',
  latency_p95: 'ms',
  requests_per_sec: 'req/s',
  cpu_usage: 'ratio',
  memory_usage: 'ratio',
};

const SUBJECT: Record<MetricName, string> = {
  error_rate: 'Error rate',
  latency_p95: 'p95 latency',
  requests_per_sec: 'Traffic',
  cpu_usage: 'CPU',
  memory_usage: 'Memory',
};

function rounded(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return value.toExponential(1);
  return String(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)));
}

/** A level as people read it: ratios in percent. */
function level(metric: MetricName, value: number): string {
  if (metric === 'latency_p95') return `${rounded(value)} ms`;
  if (metric === 'requests_per_sec') return `${rounded(value)}/s`;
  return `${rounded(value * 100)} %`;
}

/** The size of a change: points for ratios, so that nobody takes +2 points for +2 %. */
function size(metric: MetricName, value: number): string {
  if (metric === 'latency_p95' || metric === 'requests_per_sec') return level(metric, value);
  return `${rounded(value * 100)} points`;
}

/** By how much, in the unit and as a factor where that means something. */
function movement(metric: MetricName, change: number, from: number, to: number): string {
  const falls = metric === 'requests_per_sec';
  const amount = `${falls ? '−' : '+'}${size(metric, change)}`;
  const factor = from > 0 && to > 0 ? to / from : Number.NaN;
  const telling = Number.isFinite(factor) && (factor >= LEAST_FACTOR || factor <= 1 / LEAST_FACTOR);
  return telling ? `${amount}, ×${rounded(factor)}` : amount;
}

/** Below it the difference says more than the factor. */
const LEAST_FACTOR = 1.2;

const HOW: Record<RuleName, (subject: string, from: string, to: string, verb: string) => string> = {
  level_shift: (subject, from, to, verb) => `${subject} ${verb} from ${from} to ${to}`,
  late_shift: (subject, from, to, verb) =>
    `${subject} ${verb} in the course of the window, from ${from} before to ${to} in its last half`,
  repeated_excess: (subject, from, to, verb) =>
    `${subject} ${verb} again and again, from ${from} before to ${to} or beyond in at least half of the samples after`,
  leak: (subject, from, to) => `${subject} climbed steadily from ${from} to ${to}, as a leak does`,
  error_rise: (subject, from, to, verb) => `${subject} ${verb} from ${from} to ${to}`,
};

/** "p95 latency rose from 41 ms to 212 ms (+171 ms, ×5.2)"; null when nothing was compared. */
export function movementOf({ metric, baseline, observed, evidence }: Assessment): string | null {
  const { rule, change } = evidence;
  if (rule === null || baseline === null || observed === null || change === null) return null;
  const verb = metric === 'requests_per_sec' ? 'fell' : 'rose';
  const how = HOW[rule](SUBJECT[metric], level(metric, baseline), level(metric, observed), verb);
  return `${how} (${movement(metric, change, baseline, observed)})`;
}

/** One sentence with the numbers: what was measured, and why that is or is not a failure. */
export function reasonFor(assessment: Assessment): string {
  const { metric, baseline, observed, evidence } = assessment;
  const subject = SUBJECT[metric];
  const moved = movementOf(assessment);
  if (evidence.notJudged !== null || moved === null || baseline === null || observed === null) {
    return `${subject} was not judged: ${evidence.notJudged ?? 'nothing to compare'}.`;
  }
  const falls = metric === 'requests_per_sec';
  const alarm = evidence.threshold === null ? '' : `${falls ? 'below' : 'above'} ${level(metric, evidence.threshold)}`;
  if (hasFailed(assessment)) return `${moved}; ${proof(assessment, alarm)}.`;
  const from = level(metric, baseline);
  const to = level(metric, observed);
  const change = evidence.change ?? 0;
  if (change <= 0 || from === to) return `${subject} did not get worse: ${from} before, ${to} after.`;
  if (evidence.limit !== null && change < evidence.limit) {
    return `${subject}: ${from} before, ${to} after; only ${alarm} would be more than chance or too little to matter.`;
  }
  return `${subject}: ${from} before, ${to} after, but too few samples or requests show it.`;
}

/** How many samples stand beyond the limit, and how sure the size of the change is. */
function proof({ metric, evidence }: Assessment, alarm: string): string {
  const { interval, rule, samplesBeyond, samplesAfter, limit } = evidence;
  const count =
    rule === 'leak' && limit !== null
      ? `a climb of ${size(metric, limit)} matters`
      : `${samplesBeyond} of ${samplesAfter} samples ${alarm}`;
  if (interval === null) return count;
  return `${count}, 95 % interval of the change ${size(metric, interval.low)} to ${size(metric, interval.high)}`;
}

/** What was not used, as one clause, or null when everything was. */
export function leftOutClause(leftOut: readonly LeftOut[]): string | null {
  const told = leftOut.filter((left) => left.reason !== 'older_than_baseline');
  if (told.length === 0) return null;
  const parts = told.map((left) => `${left.count} ${left.phase === 'pre' ? 'before' : 'after'} (${left.text})`);
  return `left out: ${parts.join(', ')}`;
}

/** Late, missing and overlapping samples, as clauses: what a reader must know to weigh the verdict. */
export function caveats(admitted: Admitted, expected: { before: number; after: number }): string[] {
  const { before, after } = admitted;
  const clauses: string[] = [];
  const missing = (phase: string, came: number, asked: number) => {
    const count = asked - came;
    if (count > 0) clauses.push(`${count} of ${asked} samples ${phase} ${count === 1 ? 'is' : 'are'} missing`);
  };
  missing('before', before.samples.length, expected.before);
  if (before.samples.length === 1 && expected.before <= 1) clauses.push('one sample before');
  missing('after', after.samples.length, expected.after);
  const late = (phase: string, count: number) => {
    if (count > 0) clauses.push(`${count} ${count === 1 ? 'sample' : 'samples'} ${phase} read late`);
  };
  late('before', admitted.lateBefore);
  late('after', admitted.lateAfter);
  const left = leftOutClause(admitted.leftOut);
  return left === null ? clauses : [...clauses, left];
}
