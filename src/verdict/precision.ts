import { VERDICTS, type VerdictName } from './types.ts';
import { type Share, shareOf } from './wilson.ts';

/** Verdicts of one kind that people marked, and how many of them as correct. */
export interface Marked {
  readonly given: number;
  readonly correct: number;
}

export interface FeedbackSummary extends Marked {
  readonly byVerdict: Readonly<Record<VerdictName, Marked>>;
  /** Of the marked alarms (`attention`, `rollback_recommended`), the share that was correct; null without any. */
  readonly precision: Share | null;
}

const NONE: Marked = { given: 0, correct: 0 };

/** An `ok` that people confirm is no hit: nearly all deployments are well, and counting them would flatter any rule. */
export function summarizeFeedback(marked: ReadonlyMap<VerdictName, Marked>): FeedbackSummary {
  const of = (verdict: VerdictName) => marked.get(verdict) ?? NONE;
  const sum = (verdicts: readonly VerdictName[], part: keyof Marked) =>
    verdicts.reduce((total, verdict) => total + of(verdict)[part], 0);
  const alarms = ['attention', 'rollback_recommended'] as const;
  return {
    given: sum(VERDICTS, 'given'),
    correct: sum(VERDICTS, 'correct'),
    byVerdict: {
      ok: of('ok'),
      attention: of('attention'),
      rollback_recommended: of('rollback_recommended'),
      insufficient_data: of('insufficient_data'),
    },
    precision: shareOf(sum(alarms, 'correct'), sum(alarms, 'given')),
  };
}
