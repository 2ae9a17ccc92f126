/**
 * Points as they are kept: of one environment, service and version, with what tells streams and senders apart. Nothing is
 * subtracted when they come in: replicas of SeqPulse behind a balancer see alternate exports of one stream, and what is
 * read of all of them together comes out the same whoever took which, in whatever order, and however often.
 */
export interface SenderPoints {
  /** Of the resource's attributes: one process, as far as it says which it is. 48 bits. */
  readonly sender: number;
  /** False where points of this export were left out: what is not here need not have been zero. */
  readonly isComplete: boolean;
  /** Codes of the instruments of the team's own that were kept if they came; absent: none. */
  readonly watched?: readonly number[];
  /** Names of instruments that came and nobody keeps, for whoever mistyped one; only where any are watched. */
  readonly others?: readonly string[];
  readonly points: readonly KeptPoint[];
}

export interface KeptPoint {
  /** Of the sender, the instrument and the point's attributes. 48 bits. */
  readonly stream: number;
  /** Instrument.code */
  readonly instrument: number;
  /** Of the whole: Instrument.partOf. */
  readonly part: number;
  readonly temporality: 'level' | 'delta' | 'cumulative';
  /** Epoch milliseconds; 0: not told. */
  readonly startMs: number;
  readonly timeMs: number;
  readonly value: number | Distribution;
  /** Of an instrument of the team's own: those that its metrics ask for. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Edges, sum and base in milliseconds; of an instrument of the team's own, in its unit. */
export interface Distribution {
  readonly count: number;
  readonly sumMs: number | null;
  readonly buckets: ExplicitBuckets | ExponentialBuckets;
}

export interface ExplicitBuckets {
  /** Upper edges, rising; none: only count and sum are known. */
  readonly edgesMs: readonly number[];
  /** One more than edges, or none. */
  readonly counts: readonly number[];
}

/** Bucket i holds (b^(offset + i), b^(offset + i + 1)] units, b = 2^(2^-scale). */
export interface ExponentialBuckets {
  readonly scale: number;
  readonly unitMs: number;
  readonly zeroCount: number;
  readonly offset: number;
  readonly counts: readonly number[];
}

export function isExponential(buckets: Distribution['buckets']): buckets is ExponentialBuckets {
  return 'scale' in buckets;
}

/** A row of the store: points of one environment, service and version whose times lie in the same ten seconds. */
export interface PointsRow {
  readonly serviceName: string;
  /** `service.version`; empty: not told. */
  readonly serviceVersion: string;
  /** encodePoints */
  readonly points: Uint8Array;
}
