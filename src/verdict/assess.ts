import type { Admitted, Window } from './admit.ts';
import type { Assessment } from './assessment.ts';
import { causesOf } from './causes.ts';
import type { Context } from './context.ts';
import { assessCpu } from './metric-cpu.ts';
import { assessErrors } from './metric-errors.ts';
import { assessLatency } from './metric-latency.ts';
import { assessMemory } from './metric-memory.ts';
import { assessTraffic } from './metric-traffic.ts';
import type { Tuning } from './tuning.ts';
import { type Limits, METRICS, type MetricName, type VerdictName } from './types.ts';

export type Assess = (before: Window, after: Window, limits: Limits, tuning: Tuning, context: Context) => Assessment;

/** Who judges what: the whole engine on one screen. */
export const ASSESSORS: Record<MetricName, Assess> = {
  error_rate: assessErrors,
  latency_p95: assessLatency,
  requests_per_sec: assessTraffic,
  cpu_usage: assessCpu,
  memory_usage: assessMemory,
};

/** All five metrics, in the order in which findings are listed. Both windows must hold a sample. */
export function assess(
  { before, after }: Admitted,
  limits: Limits,
  tuning: Tuning,
  context: Context,
): readonly Assessment[] {
  return METRICS.map((metric) => ASSESSORS[metric](before, after, limits, tuning, context));
}

export interface Decision {
  readonly verdict: Exclude<VerdictName, 'insufficient_data'>;
  readonly failed: readonly Assessment[];
  /** The largest strength of all metrics; 0 where none could be judged. */
  readonly strength: number;
}

/** A metric fails at strength 1. */
export function hasFailed(assessment: Assessment): boolean {
  return (assessment.evidence.strength ?? 0) >= 1;
}

/** One cause asks for attention; a grave failure, or two causes at once, for a rollback. */
export function verdictOf(causes: number, isGrave: boolean): Decision['verdict'] {
  if (causes === 0) return 'ok';
  return isGrave || causes >= 2 ? 'rollback_recommended' : 'attention';
}

export function decide(assessments: readonly Assessment[]): Decision {
  const failed = assessments.filter(hasFailed);
  const strength = Math.max(0, ...assessments.map((assessment) => assessment.evidence.strength ?? 0));
  const isGrave = failed.some((assessment) => assessment.grave);
  return { verdict: verdictOf(causesOf(failed), isGrave), failed, strength };
}
