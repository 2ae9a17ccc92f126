import { DEFAULT_ENGINE, judge } from './judge.ts';
import type { Finding, JudgeInput, Judgement } from './types.ts';

/**
 * What the strength of an error finding must reach to recommend a rollback before the window is over, by the number of
 * samples after; the last one holds from there on. A rule of several looks has several chances to be wrong, so the first
 * asks for more (bounds that fall, as O'Brien and Fleming's do), chosen so that false rollbacks over *all* looks stay below
 * `EARLY_FALSE_SHARE`. Not at the first sample: restarts lose requests, and one bad minute is an incident.
 */
export const EARLY_BOUNDS: readonly number[] = [Number.POSITIVE_INFINITY, 1.2, 1.15, 1.1];

/** Samples after with which the first look is. */
export const FIRST_LOOK = EARLY_BOUNDS.findIndex(Number.isFinite) + 1;

/**
 * Traffic that is grave (.23 of what was expected or less) need not be louder than at the end: its strength hardly grows
 * beyond the limit however few requests come. What makes it sure is how many were to come: so many a second at least.
 */
const EARLY_TRAFFIC_RPS = 1;

/** Of quiet deployments so many may be called back at any look of their window; `npm run bench:verdict:early` measures it. */
export const EARLY_FALSE_SHARE = 0.003;

/** A rollback that need not wait for the end of the window. */
export interface EarlyVerdict {
  readonly verdict: 'rollback_recommended';
  readonly confidence: number;
  /** One sentence: that it is early, and what it rests on. */
  readonly summary: string;
  /** The findings that it rests on. */
  readonly details: readonly Finding[];
}

/**
 * One look into a window that is not over: null unless errors or traffic are so bad that a rollback should not wait.
 * `input.post` holds what came until now, `input.expectedPost` what the whole window is to bring; with all of it there, or
 * where collecting ended, nothing is early any more.
 */
export function judgeEarly(input: JudgeInput): EarlyVerdict | null {
  const looks = input.post.length;
  if (looks >= input.expectedPost || input.collectionEnded !== null) return null;
  const bound = EARLY_BOUNDS[Math.min(looks, EARLY_BOUNDS.length) - 1] ?? Number.POSITIVE_INFINITY;
  if (!Number.isFinite(bound)) return null;
  const { confidence, details } = judgeSoFar(input);
  const grave = details.filter((finding) => isGraveEnough(finding, bound));
  if (grave.length === 0) return null;
  const told = grave.map(({ reason }) => reason).join(' ');
  const summary = `Early, on ${looks} of ${input.expectedPost} samples: ${told}`;
  return { verdict: 'rollback_recommended', confidence, summary, details: grave };
}

/** As a whole window is judged, on however few samples have come until now. */
export function judgeSoFar(input: JudgeInput): Judgement {
  const { minPostSamples } = DEFAULT_ENGINE.tuning;
  const tuning = { ...DEFAULT_ENGINE.tuning, minPostSamples: Math.max(1, Math.min(input.post.length, minPostSamples)) };
  return judge(input, { ...DEFAULT_ENGINE, tuning });
}

/** Errors and traffic alone: they are counts. Latency, CPU and memory take a while to settle after a start. */
function isGraveEnough({ metric, severity, baseline, evidence }: Finding, bound: number): boolean {
  if (severity !== 'critical') return false;
  if (metric === 'error_rate') return (evidence.strength ?? 0) >= bound;
  return metric === 'requests_per_sec' && (evidence.expected ?? baseline ?? 0) >= EARLY_TRAFFIC_RPS;
}
