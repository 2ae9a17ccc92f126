import type { MetricName, Sample } from '../verdict/types.ts';
import type { Source } from './source.ts';

export const PHASES = ['pre', 'post'] as const;
/** Before or after the deployment. */
export type Phase = (typeof PHASES)[number];

export interface StoredSample extends Sample {
  readonly phase: Phase;
  /** From the baseline kept ready, not read for this deployment. Always `pre`. */
  readonly fromBaseline: boolean;
}

export interface NewSample {
  readonly deploymentId: string;
  readonly phase: Phase;
  /** 0-based place in the phase's schedule. */
  readonly sequence: number;
  readonly dueAt: Date;
  readonly collectedAt: Date;
  readonly metrics: Readonly<Record<MetricName, number>>;
}

export interface StoredPost {
  readonly outcome: 'stored' | 'dropped';
  /** Every post collect of the deployment has settled. Also told to whoever stores a second time. */
  readonly allSettled: boolean;
  readonly windowEndsAt: Date | null;
}

/** One reading between deployments. */
export interface BaselineSample {
  readonly series: number;
  /** Epoch milliseconds. */
  readonly collectedAtMs: number;
  readonly metrics: Readonly<Record<MetricName, number>>;
}

/** A stretch of time in epoch milliseconds, `toMs` not included. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** An environment that is to be read now, between deployments. */
export interface DueEnvironment {
  readonly source: Source;
  readonly env: string;
  /** When within the minute, in milliseconds. */
  readonly phaseMs: number;
  /** null: this address has not been read before. */
  readonly series: number | null;
}
