import { levels, sizes } from './figures.ts';
import { type LateFinding, type LateQuestion, lateFindings } from './late.ts';
import { LATE_METRICS, type LateMetric } from './late-day.ts';
import { subjectOf } from './sentences.ts';
import { inside, listed } from './summary.ts';
import type { Evidence, Finding } from './types.ts';

/** A second look at an `ok`. It recommends no rollback: too much else has happened by then. */
export interface LateVerdict {
  readonly verdict: 'ok' | 'attention' | 'insufficient_data';
  readonly confidence: number;
  /** One sentence. */
  readonly summary: string;
  /** Of the metrics that could be judged. */
  readonly details: readonly Finding[];
}

/**
 * Share right where a third is bad, as of other confidences: of what creeps about half is found, of quiet deployments fewer
 * than one in two hundred alarm (docs/verdict.md, Late).
 */
const CONFIDENCE = { attention: 0.95, ok: 0.8 } as const;

/** What a check says: by itself, never of the verdict. */
export function judgeLate(question: LateQuestion): LateVerdict {
  const found = lateFindings(question);
  const when = question.hours === 1 ? 'An hour later' : 'A day later';
  if (found.length === 0) {
    const summary = `${when}: too little was read in the hour before, or in the day before the deployment.`;
    return { verdict: 'insufficient_data', confidence: 0, summary, details: [] };
  }
  const details = found.map(findingOf);
  const worse = details.filter(({ severity }) => severity !== 'none');
  if (worse.length > 0) {
    const summary = `${when}: ${worse.map(({ reason }) => reason).join(' ')}`;
    return { verdict: 'attention', confidence: CONFIDENCE.attention, summary, details };
  }
  const others = LATE_METRICS.filter((metric) => !found.some((finding) => finding.metric === metric));
  const without = others.length === 0 ? '' : ` (${named(others)} not judged)`;
  return {
    verdict: 'ok',
    confidence: CONFIDENCE.ok,
    summary: `${when}: nothing got worse in ${named(found.map(({ metric }) => metric))}${without}.`,
    details,
  };
}

function findingOf(found: LateFinding): Finding {
  const { metric, before, observed, change, limit, strength } = found;
  const isWorse = strength >= 1;
  const evidence: Evidence = {
    rule: null,
    change: found.kind === 'slope' ? observed - before : change,
    interval: null,
    limit: found.kind === 'slope' ? null : limit,
    threshold: found.kind === 'slope' ? null : before + limit,
    samplesBeyond: null,
    strength,
    samplesBefore: 0,
    samplesAfter: 0,
    samplesWithoutRequests: 0,
    notJudged: null,
  };
  return {
    metric,
    baseline: before,
    observed,
    unit: metric === 'latency_p95' ? 'ms' : 'ratio',
    severity: isWorse ? 'attention' : 'none',
    reason: isWorse ? reasonOf(found) : `${subjectOf(metric)} is not worse than in the day before.`,
    evidence,
  };
}

function reasonOf({ metric, kind, before, observed, change, usual }: LateFinding): string {
  const name = subjectOf(metric);
  if (kind === 'slope') {
    const [growth = '', most = ''] = sizes(metric, [change, usual]);
    const [level = ''] = levels(metric, [observed]);
    const hours = Math.max(1, Math.round((1 - observed) / change));
    return `${name} grows steadily by ${growth} an hour, to ${level} now, and is full in about ${hours} h; in the day before no hour grew by more than ${most}.`;
  }
  const [now = '', then = '', highest = ''] = levels(metric, [observed, before, usual]);
  return `${name} was ${now} over the last half hour, ${then} before; in the day before the deployment no half hour was above ${highest}.`;
}

/** `error rate, p95 latency and memory`, as in the middle of a sentence. */
const named = (metrics: readonly LateMetric[]): string => listed(metrics.map((metric) => inside(subjectOf(metric))));
