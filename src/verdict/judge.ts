import { type Admitted, admit } from './admit.ts';
import { assess, type Decision, decide, hasFailed } from './assess.ts';
import { type Assessment, notJudged } from './assessment.ts';
import { type ConfidenceCurves, confidenceOf, DEFAULT_CONFIDENCE } from './confidence.ts';
import { limitsOf } from './limits.ts';
import { caveats, movementOf, reasonFor, UNITS } from './sentences.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';
import { type Finding, type JudgeInput, type Judgement, METRICS } from './types.ts';

/** The constants of the engine; the benchmark passes others, everybody else the defaults. */
export interface EngineConstants {
  readonly tuning: Tuning;
  readonly confidence: ConfidenceCurves;
}

export const DEFAULT_ENGINE: EngineConstants = { tuning: DEFAULT_TUNING, confidence: DEFAULT_CONFIDENCE };

/**
 * Did the deployment make things worse? The road: admit (which samples may speak) → assess (each metric by its rules)
 * → decide (which verdict) → confidence → words. Pure, never throws, needs no clock; judging again with other
 * `limits` is calling it again.
 */
export function judge(input: JudgeInput, constants: EngineConstants = DEFAULT_ENGINE): Judgement {
  const { tuning } = constants;
  const admitted = admit(input.pre, input.post, tuning.baselineSamples);
  const { before, after } = admitted;
  // Asked for 30 and using the newest 15 is not missing half of the baseline.
  const expected = { before: Math.min(input.expectedPre, tuning.baselineSamples), after: input.expectedPost };
  const notes = caveats(admitted, expected);
  if (input.baselineNote != null) notes.unshift(input.baselineNote);
  if (input.collectionEnded !== null) notes.unshift(input.collectionEnded);
  if (input.pipelineFailed === true) notes.unshift('the pipeline failed, which says nothing about the metrics');

  if (before.samples.length === 0 || after.samples.length < tuning.minPostSamples) {
    return insufficient(admitted, tuning, notes);
  }
  const assessments = assess(admitted, limitsOf(input.limits), tuning);
  const decision = decide(assessments);
  const seen = before.samples.length + after.samples.length;
  const confidence = confidenceOf(
    {
      strength: decision.strength,
      independentBefore: before.independent,
      seenShare: Math.min(1, seen / Math.max(1, expected.before + expected.after)),
    },
    constants.confidence,
  );
  return {
    verdict: decision.verdict,
    confidence,
    summary: summaryOf(decision, assessments, notes),
    details: assessments.map(findingOf),
    leftOut: admitted.leftOut,
  };
}

function findingOf(assessment: Assessment): Finding {
  const { metric, baseline, observed, evidence } = assessment;
  return {
    metric,
    baseline,
    observed,
    unit: UNITS[metric],
    severity: hasFailed(assessment) ? (assessment.grave ? 'critical' : 'attention') : 'none',
    reason: reasonFor(assessment),
    evidence,
  };
}

function summaryOf(decision: Decision, assessments: readonly Assessment[], notes: readonly string[]): string {
  const suffix = notes.length > 0 ? ` (${notes.join('; ')})` : '';
  const [first, ...others] = [...decision.failed].sort((a, b) => Number(b.grave) - Number(a.grave));
  if (first === undefined) {
    const silent = assessments.filter((assessment) => assessment.evidence.notJudged !== null).length;
    const extent =
      silent === 0
        ? 'Nothing got worse'
        : `Nothing got worse in the ${METRICS.length - silent} of ${METRICS.length} metrics that could be judged`;
    return `${extent}${suffix}.`;
  }
  const more = others.length > 0 ? `; also worse: ${others.map((other) => movementOf(other)).join('; ')}` : '';
  return `${reasonFor(first).replace(/\.$/, '')}${more}${suffix}.`;
}

/** No evidence is not good news: its own verdict, never `ok`. */
function insufficient(admitted: Admitted, tuning: Tuning, notes: readonly string[]): Judgement {
  const { before, after } = admitted;
  const counts = { before: before.samples.length, after: after.samples.length };
  const why =
    counts.before === 0
      ? 'there is no usable sample from before the deployment'
      : `there are ${counts.after} usable samples from after the deployment and ${tuning.minPostSamples} are needed`;
  const suffix = notes.length > 0 ? ` (${notes.join('; ')})` : '';
  return {
    verdict: 'insufficient_data',
    confidence: 0,
    summary: `Not judged: ${why}${suffix}.`,
    details: METRICS.map((metric) => findingOf(notJudged(metric, why, { baseline: null, observed: null, ...counts }))),
    leftOut: admitted.leftOut,
  };
}

/** The judgement where judging itself was impossible; `why` is one clause. */
export function unjudged(summary: string, why: string): Judgement {
  const nothing = { baseline: null, observed: null, before: 0, after: 0 };
  return {
    verdict: 'insufficient_data',
    confidence: 0,
    summary,
    details: METRICS.map((metric) => findingOf(notJudged(metric, why, nothing))),
    leftOut: [],
  };
}
