import { USUAL_BAD_SHARE } from './trust.ts';
import { VERDICTS, type VerdictName } from './types.ts';
import { type Share, shareOf } from './wilson.ts';

/** Verdicts of one kind that people marked, and how many of them as correct. */
export interface Marked {
  readonly given: number;
  readonly correct: number;
}

/** The same, and how many verdicts of this kind there are. */
export interface Counted extends Marked {
  readonly total: number;
}

export interface FeedbackSummary extends Marked {
  readonly byVerdict: Readonly<Record<VerdictName, Marked>>;
  /** Of the marked alarms (`attention`, `rollback_recommended`), the share that was correct; null without any. */
  readonly precision: Share | null;
  /** `ok` that people marked as wrong: faults that were missed. */
  readonly missed: number;
  /** Of the bad deployments that people marked, the share that had raised an alarm; null without any. */
  readonly recall: Share | null;
  /** Share of the project's deployments that are bad, as far as its feedback tells; null while it tells too little. */
  readonly badShare: number | null;
}

const NONE: Counted = { total: 0, given: 0, correct: 0 };
const ALARMS = ['attention', 'rollback_recommended'] as const;
/** Fewer marked alarms say nothing of a project. */
const MIN_MARKED_ALARMS = 5;
/** What is usual counts as this many marked verdicts, of `ok` and of alarms each. */
const PRIOR = 10;
/** Of the verdicts `ok`, how many are missed faults, before anybody marked one. */
const USUAL_MISSED = 0.02;
const USUAL_PRECISION = 0.7;

/** An `ok` that people confirm is no hit: nearly all deployments are well, and counting them would flatter any rule. */
export function summarizeFeedback(counted: ReadonlyMap<VerdictName, Counted>): FeedbackSummary {
  const of = (verdict: VerdictName) => counted.get(verdict) ?? NONE;
  const sum = (verdicts: readonly VerdictName[], part: keyof Counted) =>
    verdicts.reduce((total, verdict) => total + of(verdict)[part], 0);
  const hits = sum(ALARMS, 'correct');
  const missed = of('ok').given - of('ok').correct;
  return {
    given: sum(VERDICTS, 'given'),
    correct: sum(VERDICTS, 'correct'),
    byVerdict: {
      ok: of('ok'),
      attention: of('attention'),
      rollback_recommended: of('rollback_recommended'),
      insufficient_data: of('insufficient_data'),
    },
    precision: shareOf(hits, sum(ALARMS, 'given')),
    missed,
    recall: shareOf(hits, hits + missed),
    badShare: badShareOf(of('ok'), { total: sum(ALARMS, 'total'), given: sum(ALARMS, 'given'), correct: hits }),
  };
}

/**
 * Bad deployments of a project: what its alarms got right, and what its `ok` missed. Not the share among the marked ones:
 * alarms are marked more often than what went well.
 */
function badShareOf(ok: Counted, alarms: Counted): number | null {
  const total = ok.total + alarms.total;
  if (alarms.given < MIN_MARKED_ALARMS || total === 0) return null;
  const precision = (alarms.correct + PRIOR * USUAL_PRECISION) / (alarms.given + PRIOR);
  // Who marks an `ok` at all nearly always marks a wrong one: those that nobody marked count as right.
  const missed = (ok.given - ok.correct + PRIOR * USUAL_MISSED) / (ok.total + PRIOR);
  const seen = (alarms.total * precision + ok.total * missed) / total;
  // Few deployments are luck.
  return (seen * total + USUAL_BAD_SHARE * PRIOR) / (total + PRIOR);
}
