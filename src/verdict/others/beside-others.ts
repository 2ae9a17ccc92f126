import { verdictOf } from '../assess.ts';
import { causesOf } from '../causes.ts';
import { timeOf } from '../hint-words.ts';
import type { Finding, Hint, Judgement, MetricName } from '../types.ts';
import { EXPLAIN_TUNING, type ExplainTuning, explainedBy, isCauseOfFall, isSharedFall } from './explain.ts';
import { type Movement, movementOf } from './movement.ts';

/** Another service of the same environment, seen over the same minutes, that got worse. */
export interface OtherThatMoved {
  readonly project: { readonly id: string; readonly name: string };
  readonly movement: Movement;
}

/** The other services over a deployment's minutes. */
export interface Others {
  /** How many could be judged. */
  readonly lookedAt: number;
  readonly worse: readonly OtherThatMoved[];
}

/** What the others have to do with a verdict. */
export interface BesideOthers extends Others {
  /** Those that may be the cause, the likeliest first, by id. Empty: nothing speaks against this deployment. */
  readonly suspects: readonly string[];
  /** A rollback would have been recommended without them. */
  readonly lowered: boolean;
}

type Told = Judgement & { readonly hints: readonly Hint[] };

/**
 * An alarm beside what the other services of its environment did in the same minutes. Where others explain what failed, the
 * sentence says so, and a rollback that rests on nothing else becomes `attention`; never less. Names are in `worse` alone,
 * for whoever may see them: no text of a judgement holds one.
 */
export function besideOthers<T extends Told>(
  judgement: T,
  others: Others,
  tuning: ExplainTuning = EXPLAIN_TUNING,
): { readonly judgement: T; readonly beside: BesideOthers } {
  const alone = { judgement, beside: { ...others, suspects: [], lowered: false } };
  const own = movementOf(judgement);
  if (own === null || !mayBeExcused(judgement) || isToBeExpected(others, tuning)) return alone;
  const { explained, suspects } = explain(own, others.worse, tuning);
  if (explained.size === 0) return alone;
  const isExplained = ({ metric }: Finding) => metric !== 'custom' && explained.has(metric);
  const left = judgement.details.filter((finding) => finding.severity !== 'none' && !isExplained(finding));
  const lowered = judgement.verdict === 'rollback_recommended' && !isRollback(left);
  // What weighs most is not explained: to name others would be an excuse.
  if (left.length > 0 && !lowered) return alone;
  const clause = clauseOf(suspects, others.lookedAt);
  const without = lowered ? '; without that a rollback would be recommended' : '';
  return {
    judgement: {
      ...judgement,
      verdict: lowered ? 'attention' : judgement.verdict,
      summary: `${judgement.summary.replace(/\.$/, '')}; perhaps not this deployment: ${clause}${without}.`,
      details: judgement.details.map((one) =>
        isExplained(one) && one.severity !== 'none' ? excused(one, clause) : one,
      ),
    },
    beside: { ...others, suspects: suspects.map(({ project }) => project.id), lowered },
  };
}

/** Whether what failed is enough for a rollback by itself. */
function isRollback(failed: readonly Finding[]): boolean {
  const five = failed.flatMap(({ metric, ...rest }) => (metric === 'custom' ? [] : [{ metric, ...rest }]));
  const causes = causesOf(five) + failed.length - five.length;
  const isGrave = failed.some(({ severity }) => severity === 'critical');
  return verdictOf(causes, isGrave) === 'rollback_recommended';
}

/** Which failed metrics others explain, and which others those are, the likeliest first. */
function explain(own: Movement, worse: readonly OtherThatMoved[], tuning: ExplainTuning) {
  const by = worse.map((other) => ({ other, metrics: new Set(explainedBy(own, other.movement, tuning)) }));
  const explained = new Set<MetricName>(by.flatMap(({ metrics }) => [...metrics]));
  const movements = worse.map(({ movement }) => movement);
  if (isSharedFall(own.traffic, movements, tuning)) {
    const isElseExplained =
      (own.errors === null || explained.has('error_rate')) && (own.latency === null || explained.has('latency_p95'));
    // Where this service fails or is slow itself, what explains that explains who calls it less.
    const causes = explained.size > 0 ? [] : by.filter(({ other }) => isCauseOfFall(own, other.movement, tuning));
    for (const { metrics } of causes) metrics.add('requests_per_sec');
    if (isElseExplained && (causes.length > 0 || explained.size > 0)) explained.add('requests_per_sec');
  }
  const suspects = by.filter(({ metrics }) => metrics.size > 0).map(({ other }) => other);
  return { explained, suspects: suspects.sort(likeliestFirst) };
}

/** A cause of its own first, then failures, then growth. */
function likeliestFirst({ movement: a }: OtherThatMoved, { movement: b }: OtherThatMoved): number {
  return (
    Number(b.usage) - Number(a.usage) ||
    (b.errors?.rise ?? 0) - (a.errors?.rise ?? 0) ||
    (b.latency?.growth ?? 0) - (a.latency?.growth ?? 0)
  );
}

/** An alarm that is not of the service's own making: where CPU or memory failed, others did not do it. */
export function mayBeExcused(judgement: Pick<Told, 'verdict' | 'details' | 'hints'>): boolean {
  if (judgement.verdict !== 'attention' && judgement.verdict !== 'rollback_recommended') return false;
  const own = movementOf(judgement);
  return own !== null && !own.usage;
}

/** Among many some get worse at any time. */
function isToBeExpected({ lookedAt, worse }: Others, { perWorse }: ExplainTuning): boolean {
  return worse.length < 1 + Math.floor(lookedAt / perWorse);
}

/** "1 of 5 other projects of this environment got worse in the same minutes, from 10:04 UTC on, and may be the cause". */
function clauseOf(suspects: readonly OtherThatMoved[], lookedAt: number): string {
  const projects = lookedAt === 1 ? 'the other project' : `${suspects.length} of ${lookedAt} other projects`;
  const sinceMs = firstToWorsen(suspects);
  const since = sinceMs === null ? '' : `, from ${timeOf(sinceMs)} on`;
  return `${projects} of this environment got worse in the same minutes${since}, and may be the cause`;
}

/** When the first of them got worse, epoch milliseconds; null: of none it is known. */
export function firstToWorsen(others: readonly OtherThatMoved[]): number | null {
  const times = others.map(({ movement }) => movement.sinceMs).filter((sinceMs) => sinceMs !== null);
  return times.length === 0 ? null : Math.min(...times);
}

function excused(finding: Finding, clause: string): Finding {
  const evidence = { ...finding.evidence, alternative: finding.evidence.alternative ?? clause };
  return { ...finding, severity: 'attention', evidence };
}
