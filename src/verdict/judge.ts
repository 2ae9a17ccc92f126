import { type Admitted, admit } from './admit.ts';
import { type Decision, decide, hasFailed } from './assess.ts';
import { type Assessment, notJudged } from './assessment.ts';
import { caveats } from './caveats.ts';
import { type ConfidenceCurves, confidenceOf, DEFAULT_CONFIDENCE, type Grounds } from './confidence.ts';
import { contextOf } from './context.ts';
import { assessBesideControl, controlAsBefore } from './control.ts';
import { assessCustom } from './custom/assess-custom.ts';
import { limitsOf } from './limits.ts';
import { quantityOf } from './quantity.ts';
import { reasonFor, unitOf } from './sentences.ts';
import { statesOf, whySilent } from './states.ts';
import { summaryOf } from './summary.ts';
import { trustOf } from './trust.ts';
import { DEFAULT_TUNING, type Tuning } from './tuning.ts';
import {
  CUSTOM,
  type Finding,
  type Judged,
  type JudgeInput,
  type Judgement,
  METRICS,
  type Measure,
  type ServiceNoise,
} from './types.ts';

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
  const { intervalMs } = input;
  const besideAlone = input.pre.length === 0 ? controlAsBefore(input.post) : [];
  const admitted = admit(besideAlone.length > 0 ? besideAlone : input.pre, input.post, {
    baselineSamples: tuning.baselineSamples,
    intervalMs,
  });
  const { before, after } = admitted;
  // Asked for 30 and using the newest 15 is not missing half of the baseline.
  const asked = besideAlone.length > 0 ? besideAlone.length : input.expectedPre;
  const expected = { before: Math.min(asked, tuning.baselineSamples), after: input.expectedPost };
  const notes = caveats(admitted, expected);
  if (input.baselineNote != null) notes.unshift(input.baselineNote);
  if (besideAlone.length > 0) notes.unshift('nothing was read before: compared with the control in the same minutes');
  if (input.collectionEnded !== null) notes.unshift(input.collectionEnded);
  if (input.pipelineFailed === true) notes.unshift('the pipeline failed, which says nothing about the metrics');

  const tooFew = whyTooFew(admitted, tuning);
  if (tooFew !== null) {
    const details = allUnjudged(tooFew, before.samples.length, after.samples.length);
    return insufficient(tooFew, notes, details, admitted);
  }
  const context = contextOf(before, after, input.facts ?? {}, tuning);
  const five = assessBesideControl(admitted, limitsOf(input.limits), tuning, context).map((assessment) =>
    besideOwnNoise(assessment, input.noise ?? null),
  );
  const custom = (input.custom ?? []).map((metric) => assessCustom(metric, before, after, tuning, context));
  const assessments = [...five, ...custom];
  notes.unshift(...statesOf(context, assessments));
  if (assessments.every((assessment) => assessment.evidence.notJudged !== null)) {
    return insufficient(
      `none of the ${custom.length === 0 ? 'five ' : ''}metrics can be judged`,
      notes,
      assessments.map(findingOf),
      admitted,
    );
  }
  const decision = decide(assessments);
  const silent = whySilent(context);
  if (decision.verdict === 'ok' && silent !== null) {
    return insufficient(silent, notes, assessments.map(findingOf), admitted);
  }
  const seen = before.samples.length + after.samples.length;
  const seenShare = Math.min(1, seen / Math.max(1, expected.before + expected.after));
  const grounds = groundsOf(decision, five, before.independent);
  const confidence = confidenceOf(grounds, seenShare, constants.confidence);
  return {
    verdict: decision.verdict,
    confidence,
    trust: trustOf(decision.verdict, confidence, input.badShare, input.noise ?? null),
    summary: summaryOf(decision, assessments, notes),
    details: assessments.map(findingOf),
    leftOut: admitted.leftOut,
  };
}

/** What the confidence of a decision rests on. */
export function groundsOf(
  { strength, failed }: Pick<Decision, 'strength' | 'failed'>,
  assessments: readonly Assessment[],
  independentBefore: number,
): Grounds {
  return {
    strength,
    independentBefore,
    unjudged: assessments.filter(({ evidence }) => evidence.notJudged !== null).length,
    hasAlternative: failed.length > 0 && failed.every(({ evidence }) => evidence.alternative !== undefined),
  };
}

/** A metric that is louder than its limit by itself needs that many times more to fail. */
function besideOwnNoise(assessment: Assessment, noise: ServiceNoise | null): Assessment {
  const { evidence, metric } = assessment;
  const ownNoise = typeof metric === 'string' ? noise?.scale[metric] : undefined;
  // Requests that stop are counted: no noise of the level excuses them.
  if (ownNoise === undefined || evidence.strength === null || evidence.rule === 'silence') return assessment;
  return { ...assessment, evidence: { ...evidence, strength: evidence.strength / ownNoise, ownNoise } };
}

function findingOf(assessment: Assessment): Finding {
  const { metric, baseline, observed, evidence } = assessment;
  return {
    ...identityOf(metric, quantityOf(assessment)),
    baseline,
    observed,
    severity: hasFailed(assessment) ? (assessment.grave ? 'critical' : 'attention') : 'none',
    reason: reasonFor(assessment),
    evidence,
  };
}

function identityOf(judged: Judged, measure: Measure): Pick<Finding, 'metric' | 'custom' | 'unit'> {
  if (typeof judged === 'string') return { metric: judged, unit: unitOf(measure) };
  const { name, kind, worse } = judged;
  return { metric: CUSTOM, custom: { name, kind, worse }, unit: unitOf(judged) };
}

function whyTooFew({ before, after }: Admitted, tuning: Tuning): string | null {
  const count = after.samples.length;
  if (before.samples.length === 0) return 'there is no usable sample from before the deployment';
  if (count >= tuning.minPostSamples) return null;
  const usable = count === 1 ? 'is 1 usable sample' : `are ${count} usable samples`;
  return `there ${usable} from after the deployment and ${tuning.minPostSamples} are needed`;
}

/** No evidence is not good news: its own verdict, never `ok`. */
function insufficient(
  why: string,
  notes: readonly string[],
  details: readonly Finding[],
  { leftOut }: Pick<Admitted, 'leftOut'>,
): Judgement {
  const suffix = notes.length > 0 ? ` (${notes.join('; ')})` : '';
  return {
    verdict: 'insufficient_data',
    confidence: 0,
    trust: null,
    summary: `Not judged: ${why}${suffix}.`,
    details,
    leftOut,
  };
}

/** The judgement where judging itself was impossible; `why` is one clause. */
export function unjudged(summary: string, why: string): Judgement {
  return {
    verdict: 'insufficient_data',
    confidence: 0,
    trust: null,
    summary,
    details: allUnjudged(why, 0, 0),
    leftOut: [],
  };
}

function allUnjudged(why: string, samplesBefore: number, samplesAfter: number): Finding[] {
  const counts = { samplesBefore, samplesAfter, samplesWithoutRequests: 0 };
  return METRICS.map((metric) => findingOf(notJudged(metric, why, { baseline: null, observed: null, counts })));
}
