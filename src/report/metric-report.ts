import { CUSTOM, type FindingMetric, type Judged, METRICS, type Measure } from '../verdict/types.ts';
import { basisOf, controlOf, quantityOf } from './basis.ts';
import { type Amount, change, factor, joined, level, levels, range } from './figures.ts';
import { falls, judgedOn, keyOf, metricOf, nameOf } from './measure.ts';
import type { ReportedEvidence, ReportedFinding } from './wire.ts';

/** What is said of one of the five numbers: words first, and the numbers that a plot is drawn from. */
export interface MetricReport {
  readonly metric: FindingMetric;
  /** What its levels are of, and where samples hold it: the metric's own number, or what was judged in its place. */
  readonly quantity: Measure;
  /** Differs for every metric of a report, and may stand in an id. */
  readonly key: string;
  /** `p95 latency` */
  readonly name: string;
  /** What was judged for want of better, as a sentence; '' where the number itself was. */
  readonly basis: string;
  readonly severity: 'none' | 'attention' | 'critical';
  /** `open`: there is no verdict yet. */
  readonly outcome: 'failed' | 'passed' | 'not-judged' | 'open';
  /** Medians before and after, in one unit where that can be; null where there was no sample. */
  readonly before: Amount | null;
  readonly after: Amount | null;
  /** `+400 ms`, with the metric's own sign; null when nothing was compared. */
  readonly change: string | null;
  /** `×3.2`; null where a factor says nothing. */
  readonly factor: string | null;
  /** 95 % interval of the change, `+337 to +472 ms`. */
  readonly interval: string | null;
  /** From which change on it matters, `+65.5 ms`. */
  readonly matters: string | null;
  /** What the outcome rests on, as a sentence: `5 of 5 samples above the limit, 248 ms.` */
  readonly proof: string;
  /** The engine's whole sentence. */
  readonly reason: string;
  readonly numbers: MetricNumbers;
}

/** In the metric's unit: requests/s, milliseconds, shares 0..1. Changes are positive for the worse. */
export interface MetricNumbers {
  readonly baseline: number | null;
  readonly observed: number | null;
  /** Level beyond which a sample is worse. */
  readonly threshold: number | null;
  readonly change: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Least change that matters. */
  readonly limit: number | null;
  /** How many times over its limit, by its weakest condition; what findings are ordered by. */
  readonly strength: number;
}

/** The findings of a verdict: failed first, the worst first; then as they are listed. */
export function metricReports(details: readonly ReportedFinding[]): MetricReport[] {
  const reports = details.flatMap((finding) => {
    const judged = judgedOn(finding);
    return judged === null ? [] : [metricReport(judged, finding)];
  });
  // The team's own as they are listed, behind the five.
  const place = ({ metric }: MetricReport) => (metric === CUSTOM ? METRICS.length : METRICS.indexOf(metric));
  const rank = { critical: 2, attention: 1, none: 0 } as const;
  return reports.toSorted(
    (one, other) =>
      rank[other.severity] - rank[one.severity] ||
      (one.severity === 'none' ? 0 : other.numbers.strength - one.numbers.strength) ||
      place(one) - place(other),
  );
}

function metricReport(metric: Judged, finding: ReportedFinding): MetricReport {
  const { baseline, observed, severity } = finding;
  const evidence = finding.evidence ?? {};
  const quantity = quantityOf(metric, evidence);
  const basis = [controlOf(quantity, evidence), basisOf(evidence)].filter((sentence) => sentence !== '').join(' ');
  const numbers: MetricNumbers = {
    baseline,
    observed,
    threshold: evidence.threshold ?? null,
    change: evidence.change ?? null,
    low: evidence.interval?.[0] ?? null,
    high: evidence.interval?.[1] ?? null,
    limit: evidence.limit ?? null,
    strength: evidence.strength ?? 0,
  };
  const isJudged = (evidence.not_judged ?? null) === null && baseline !== null && observed !== null;
  const outcome = severity !== 'none' ? 'failed' : isJudged ? 'passed' : 'not-judged';
  const sign = falls(metric) ? -1 : 1;
  const beside = [baseline ?? 0, observed ?? 0];
  return {
    ...identityOf(metric, quantity),
    basis,
    severity,
    outcome,
    ...beforeAndAfter(quantity, baseline, observed),
    change: numbers.change === null ? null : change(quantity, sign * numbers.change, beside),
    factor: outcome === 'failed' && baseline !== null && observed !== null ? factor(baseline, observed) : null,
    interval:
      numbers.low === null || numbers.high === null
        ? null
        : range(quantity, sign * numbers.low, sign * numbers.high, beside),
    matters: numbers.limit === null ? null : change(quantity, sign * numbers.limit, beside),
    proof: [
      outcome === 'failed'
        ? proofOf(quantity, evidence)
        : outcome === 'passed'
          ? calmOf(evidence)
          : unjudgedOf(evidence),
      outcome === 'not-judged' ? '' : basis,
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    reason: finding.reason,
    numbers,
  };
}

/** What it is, and what it is called. */
export function identityOf(
  judged: Judged,
  quantity: Measure,
): Pick<MetricReport, 'metric' | 'quantity' | 'key' | 'name'> {
  return { metric: metricOf(judged), quantity, key: keyOf(judged), name: nameOf(quantity) };
}

export function beforeAndAfter(
  metric: Measure,
  baseline: number | null,
  observed: number | null,
): { before: Amount | null; after: Amount | null } {
  const known = [baseline, observed].filter((value) => value !== null);
  const shown = levels(metric, known);
  return {
    before: baseline === null ? null : (shown[0] ?? null),
    after: observed === null ? null : (shown.at(-1) ?? null),
  };
}

/** What a rule saw, where that is more than a level that changed. */
const RULE_WORDS: Readonly<Record<string, string>> = {
  late_shift: 'It got worse in the course of the window: ',
  repeated_excess: 'Again and again: ',
  silence: 'It nearly stopped: ',
  ramp_loss: 'It broke off its rise: ',
};

function wordsOf(metric: Measure, rule: string | null | undefined): string {
  if (rule === 'silence' && typeof metric === 'string') return 'The requests nearly stopped: ';
  return RULE_WORDS[rule ?? ''] ?? '';
}

function proofOf(metric: Measure, evidence: ReportedEvidence): string {
  const { rule, limit, threshold, samples_beyond: beyond, samples_after: after, expected, alternative } = evidence;
  const end = alternative ? `; ${alternative.replaceAll('`', '')}.` : '.';
  if ((rule === 'leak' || rule === 'refill') && typeof limit === 'number') {
    const how =
      rule === 'leak' ? 'It climbs steadily, as a leak does' : 'It climbs ever more slowly, as a leak may begin';
    return `${how}; a climb of ${change(metric, limit).replace('+', '')} matters${end}`;
  }
  if (typeof threshold !== 'number' || typeof beyond !== 'number' || after === undefined) return '';
  const where = typeof expected === 'number' ? `, where ${level(metric, expected)} were expected` : '';
  const side = falls(metric) ? 'below' : 'above';
  return `${wordsOf(metric, rule)}${beyond} of ${after} samples ${side} the limit, ${level(metric, threshold)}${where}${end}`;
}

function calmOf({ below_limit: isSmall, own_noise: noise, change: by, limit }: ReportedEvidence): string {
  if (isSmall === true) return 'More than chance, less than matters.';
  if (typeof noise === 'number' && typeof by === 'number' && typeof limit === 'number' && by >= limit) {
    return 'As it does by itself when nothing is deployed.';
  }
  return '';
}

function unjudgedOf({ not_judged: why }: ReportedEvidence): string {
  return `Not judged: ${why ?? 'nothing to compare'}.`;
}

/** `182 ms`, `nothing` */
export function told(amount: Amount | null): string {
  return amount === null ? 'nothing read' : joined(amount);
}
