/** What is read of an OTLP export, whichever encoding it came in: only the instruments that are kept, as they were sent. */
export interface ResourceMetrics {
  readonly attributes: Attributes;
  readonly metrics: readonly Metric[];
}

/** Values as text; what is no scalar stands as an opaque text, which is enough to tell streams apart. */
export type Attributes = ReadonlyMap<string, string>;

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'sum' | 'histogram' | 'exponential';
  readonly temporality: 'unspecified' | 'delta' | 'cumulative';
  readonly isMonotonic: boolean;
  readonly points: readonly Point[];
  /** Points that can't be read, each counted. */
  readonly broken: number;
}

export interface Point {
  /** Epoch milliseconds; 0: not told. */
  readonly startMs: number;
  /** Epoch milliseconds; 0: not told. */
  readonly timeMs: number;
  readonly attributes: Attributes;
  /** The sender says that there is no value here: a stream that ended. */
  readonly isAbsent: boolean;
  readonly value: PointValue;
}

export type PointValue = NumberValue | HistogramValue | ExponentialValue;

export interface NumberValue {
  readonly kind: 'number';
  readonly value: number;
}

export interface HistogramValue {
  readonly kind: 'histogram';
  readonly count: number;
  /** null: not told. */
  readonly sum: number | null;
  /** Upper edges, rising, without the infinite one. */
  readonly bounds: readonly number[];
  /** One more than bounds; both are empty where only count and sum are told. */
  readonly counts: readonly number[];
}

/** Buckets `(base^index, base^(index + 1)]` with base = 2^(2^-scale). */
export interface ExponentialValue {
  readonly kind: 'exponential';
  readonly count: number;
  readonly sum: number | null;
  readonly scale: number;
  /** Values that are zero, or too near to it. */
  readonly zeroCount: number;
  /** Index of the first of `counts`. */
  readonly offset: number;
  readonly counts: readonly number[];
}

/** The body is no OTLP, or passes a limit; `message` is safe to send back. */
export class UnreadableBody extends Error {}

/** What one body may hold: beyond it, it is refused as a whole. */
export const MOST = {
  resources: 10_000,
  scopes: 50_000,
  metrics: 200_000,
  /** Of instruments that are kept. */
  points: 100_000,
  /** Of one resource or point. */
  attributes: 128,
  /** Of one point: SDKs make 160 at the most. */
  buckets: 1_024,
  /** Messages in messages, or lists in lists. */
  depth: 24,
} as const;

export interface Tally {
  resources: number;
  scopes: number;
  metrics: number;
  points: number;
}

export function createTally(): Tally {
  return { resources: 0, scopes: 0, metrics: 0, points: 0 };
}

export function count(tally: Tally, what: keyof Tally): void {
  tally[what] += 1;
  if (tally[what] > MOST[what]) throw new UnreadableBody(`more than ${MOST[what]} ${what} in one request`);
}
