import {
  type ControlSample,
  METRICS,
  type MeasuredFacts,
  type MetricName,
  type MissingReason,
  type Sample,
  type SampleNumbers,
} from '../verdict/types.ts';
import type { OtlpSource, PullSource } from './source.ts';

export const PHASES = ['pre', 'post'] as const;
/** Before or after the deployment. */
export type Phase = (typeof PHASES)[number];

/** Why each number that is not there is not. */
export type MissingNumbers = Readonly<Partial<Record<MetricName, MissingReason>>>;

export type { ControlSample } from '../verdict/types.ts';

/** What a source may know of a sample beyond its five numbers. */
export interface SampleFacts extends MeasuredFacts, Pick<Sample, 'custom'> {
  /** Whose numbers these are, where the source tells versions apart. */
  readonly versions?: readonly string[];
  /** The same minute of what was not deployed to: a control, or the versions of before while they still serve. */
  readonly control?: ControlSample;
}

const MEASURED = ['windowSeconds', 'requests', 'latencyMean', 'latencyBucket', 'cpuCores'] as const;
const FACTS = [...MEASURED, 'versions', 'control', 'custom'] as const;

/** What is kept of a reading of a control: why a number of it is not there is nobody's question. */
export function controlOf({ numbers, facts = {} }: Reading): ControlSample {
  const known = MEASURED.filter((name) => facts[name] !== undefined).map((name) => [name, facts[name]]);
  return { numbers, ...(Object.fromEntries(known) as MeasuredFacts) };
}

/** Those of something that has more; null where it has none. */
export function factsOf(sample: SampleFacts): SampleFacts | null {
  const known = FACTS.filter((name) => sample[name] !== undefined).map((name) => [name, sample[name]]);
  return known.length === 0 ? null : (Object.fromEntries(known) as SampleFacts);
}

/** What a source said of one moment: at least one of the five numbers, and why each other one is null. */
export interface Reading {
  readonly numbers: SampleNumbers;
  readonly missing: MissingNumbers;
  readonly facts?: SampleFacts;
}

export interface TimedReading {
  /** The minute's end, epoch milliseconds. */
  readonly atMs: number;
  readonly reading: Reading;
}

/** The five numbers alone, of something that has more. */
export function numbersOf(sample: SampleNumbers): SampleNumbers {
  return Object.fromEntries(METRICS.map((name) => [name, sample[name]])) as SampleNumbers;
}

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
  readonly reading: Reading;
}

export interface StoredPost {
  readonly outcome: 'stored' | 'dropped';
  /** Every post collect of the deployment has settled. Also told to whoever stores a second time, once for each statement. */
  readonly allSettled: boolean;
  /** Post collects of the deployment that have settled; null for all but the last of its readings of one statement. */
  readonly settled: number | null;
  readonly windowEndsAt: Date | null;
}

/** One reading between deployments. */
export interface BaselineSample {
  readonly series: number;
  /** Epoch milliseconds. */
  readonly collectedAtMs: number;
  readonly numbers: SampleNumbers;
  /** How long reading it took; left out where nothing was asked for it. */
  readonly readMs?: number;
}

/** A stretch of time in epoch milliseconds, `toMs` not included. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** An environment that is to be read now, between deployments. */
export interface DueEnvironment {
  readonly source: PullSource | OtlpSource;
  /** What its readings are kept under: identityOf its source. */
  readonly url: string;
  readonly env: string;
  /** When within the minute, in milliseconds. */
  readonly phaseMs: number;
  /** null: this address has not been read before. */
  readonly series: number | null;
  /** People have been told that it can't be read. */
  readonly isFailing: boolean;
}
