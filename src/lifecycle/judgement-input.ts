import { evidenceOf } from '../baseline/evidence.ts';
import type { AnalysisContext } from '../model/deployment.ts';
import type { StoredSample } from '../model/sample.ts';
import { type HintFacts, hintsOf } from '../verdict/hints.ts';
import { judge } from '../verdict/judge.ts';
import type { BesideOthers } from '../verdict/others/beside-others.ts';
import type { Hint, JudgeInput, Judgement, Limits, ServiceNoise } from '../verdict/types.ts';

/** What is known of the service beside the deployment's samples. */
export interface KnownOfService {
  /** Share of the project's deployments that are bad, by its feedback; null: it tells too little. */
  readonly badShare: number | null;
  /** How loud it is by itself, by its ring. */
  readonly noise: ServiceNoise | null;
}

/** What is stored and shown of a deployment: the judgement, and what to look at first. */
export interface DeploymentJudgement extends Judgement {
  readonly hints: readonly Hint[];
  /** What the other projects of its environment have to do with it; null: it was not looked at beside them. */
  readonly others: BesideOthers | null;
}

/**
 * The judgement of a deployment on its stored samples: the one road from rows to a verdict, for the analysis that stores
 * it as for whoever asks what it would be under other limits.
 */
export function judgeDeployment(
  context: AnalysisContext,
  samples: readonly StoredSample[],
  limits: Partial<Limits>,
  known: KnownOfService,
): DeploymentJudgement {
  const evidence = evidenceOf(samples, context);
  const { post, pre, setAside } = evidence;
  const judged = judge(judgeInputOf(context, evidence, limits, known));
  const whole = { ...judged, leftOut: [...setAside, ...judged.leftOut] };
  const judgement =
    context.collectionEnded === 'hmac_refused' ? withheld(whole, post.length, context.postExpected) : whole;
  const given = { pre, post, expectedPost: context.postExpected, ...intervalOf(context) };
  return { ...judgement, hints: hintsOf(judgement, given, hintFactsOf(context)), others: null };
}

/** What the engine is asked: the same at the end of the window as in its course. */
export function judgeInputOf(
  context: AnalysisContext,
  { pre, post, expectedPre }: Pick<ReturnType<typeof evidenceOf>, 'pre' | 'post' | 'expectedPre'>,
  limits: Partial<Limits>,
  known: KnownOfService,
): JudgeInput {
  return {
    pre,
    post,
    expectedPre,
    expectedPost: context.postExpected,
    ...intervalOf(context),
    collectionEnded: collectionEndClause(context),
    pipelineFailed: context.pipelineResult === 'failed',
    baselineNote: context.baselineNote,
    limits,
    facts: context.facts,
    noise: known.noise,
    custom: context.custom,
    ...(known.badShare === null ? {} : { badShare: known.badShare }),
  };
}

function hintFactsOf({ finishedAt, failedReads, traceParent }: AnalysisContext): HintFacts {
  return {
    finishedAtMs: finishedAt?.getTime() ?? null,
    failedReads: failedReads === null ? null : { tries: failedReads.tries, lastError: failedReads.last.error },
    traceId: traceParent === null ? null : recordedTraceId(traceParent),
  };
}

/** Of a W3C traceparent; null where the trace is not recorded, so that nobody could find it. */
function recordedTraceId(traceParent: string): string | null {
  const [, traceId = '', , flags = ''] = traceParent.split('-');
  return (Number.parseInt(flags, 16) & 1) === 1 ? traceId : null;
}

/** The deployment's own, not today's setting: judged again after a change it must come out the same. */
export function intervalOf({
  finishedAt,
  windowEndsAt,
  postExpected,
}: AnalysisContext): Pick<JudgeInput, 'intervalMs'> {
  if (finishedAt === null || windowEndsAt === null || postExpected < 1) return {};
  return { intervalMs: (windowEndsAt.getTime() - finishedAt.getTime()) / postExpected };
}

/**
 * No verdict on an application that shut us out half-way (docs/contract.md, What an observed application serves), however
 * the samples until then look: whoever changed the secret may have changed more. The findings stay, as what is known.
 */
function withheld(judgement: Judgement, came: number, expected: number): Judgement {
  if (judgement.verdict === 'insufficient_data') return judgement;
  return {
    verdict: 'insufficient_data',
    confidence: 0,
    trust: null,
    summary: `Insufficient data: the application refused the signature of the requests after ${came} of ${expected} samples`,
    details: judgement.details.map((finding) => ({ ...finding, severity: 'none' })),
    leftOut: judgement.leftOut,
  };
}

function collectionEndClause(context: AnalysisContext): string | null {
  if (context.collectionEnded === 'hmac_refused') return 'the application refused the signature of the requests';
  if (context.collectionEnded === 'superseded') return 'a newer deployment started in this environment';
  return null;
}
