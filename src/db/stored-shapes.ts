import type { MissingNumbers } from '../model/sample.ts';
import { LIMIT_NAMES } from '../verdict/limits.ts';
import { type Limits, METRICS, type MetricName, MISSING_REASONS, type MissingReason } from '../verdict/types.ts';

/**
 * The version of every JSON that we store, written beside or inside it. Who changes a shape raises its number, says here
 * what it was before, keeps reading that, and adds a row of it to test/integration/stored-shapes.test.ts or
 * stored-verdicts.test.ts. Rows without a number are older than the numbers: they read as the first shapes do.
 */
export const STORED_SHAPES = {
  /** verdicts.details, left_out and trust; their history is in deployments/stored-verdict.ts. Column `shape`. */
  verdict: 4,
  /** projects.limits: `{errorRise: 0.004, …}`, only what differs from the defaults. Column `limits_shape`. */
  limits: 1,
  /** samples.missing: `{"shape": 1, "cpu_usage": "out_of_range"}`. */
  missing: 1,
  /** Data of a job (JobData in src/model/job.ts), read by src/jobs/read-job.ts. Key `shape`. */
  job: 1,
} as const;

/** Limits that nobody can read are the defaults, and say so by not being there. */
export function toLimits(stored: unknown): Partial<Limits> {
  const limits: Partial<Record<keyof Limits, number>> = {};
  for (const name of LIMIT_NAMES) {
    const value = property(stored, name);
    if (typeof value === 'number' && Number.isFinite(value)) limits[name] = value;
  }
  return limits;
}

/** null: no number is missing. */
export function toMissing(stored: unknown): MissingNumbers | null {
  const missing: Partial<Record<MetricName, MissingReason>> = {};
  for (const name of METRICS) {
    const reason = MISSING_REASONS.find((known) => known === property(stored, name));
    if (reason !== undefined) missing[name] = reason;
  }
  return Object.keys(missing).length === 0 ? null : missing;
}

export function fromMissing(missing: MissingNumbers): string | null {
  return Object.keys(missing).length === 0 ? null : JSON.stringify({ shape: STORED_SHAPES.missing, ...missing });
}

function property(stored: unknown, name: string): unknown {
  return typeof stored === 'object' && stored !== null ? (stored as Record<string, unknown>)[name] : undefined;
}
