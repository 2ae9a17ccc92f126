import type { Reading, TimedReading } from '../model/sample.ts';
import type { PastSource, PullSource, Source, SourceSettings } from '../model/source.ts';
import type { MetricName } from '../verdict/types.ts';
import type { FailedReading } from './http/failure-reason.ts';

export interface ReadingCame {
  readonly outcome: 'ok';
  readonly reading: Reading;
  /** For people: a clause for each number that was left out ("cpu_usage is 1.02, expected 0..1"). */
  readonly leftOut: readonly string[];
}

/** What came of asking a source. Expected failures are data. */
export type SourceReading =
  | ReadingCame
  | (FailedReading & {
      /** It refuses who we are, by our signature: asking again the same way is in vain. */
      readonly refusesUs: boolean;
      /** What is missing may come by itself until then, epoch milliseconds: no failure before. */
      readonly comesUntilMs?: number;
    });

export interface ReadOptions {
  /** In all, milliseconds. Default: 5 s (docs/contract.md, What an observed application serves). */
  readonly timeoutMs?: number;
  /** Aborts on shutdown; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A deployment that a minute is read after. */
export interface Rollout {
  /** Epoch milliseconds. Versions that served then are those of before. */
  readonly startedAtMs: number;
  /** The version that CI says it deploys; null: it says none. Where it served before already, it is not one of before. */
  readonly version: string | null;
  /**
   * This is the last try: when no new version has come until this time either (epoch milliseconds), the deployment changed
   * none, and all is read as one. null: it will be tried again.
   */
  readonly lastTryAtMs: number | null;
}

export interface MinuteOptions extends ReadOptions {
  /** Only of use to a source that tells versions apart. */
  readonly rollout?: Rollout;
}

export interface ExaminedNumber {
  readonly metric: MetricName;
  /** As it was sent, or the instruments that it is made of; null: there is none for it. */
  readonly query: string | null;
  /** Of the newest minute; null: not known. */
  readonly value: number | null;
  readonly series: number;
  readonly warnings: readonly string[];
  /** Of the last 15. */
  readonly minutesWithData: number;
  /** What is wrong, and what to change; null: nothing. */
  readonly problem: string | null;
}

export interface ExaminedCustom extends Omit<ExaminedNumber, 'metric' | 'query'> {
  readonly name: string;
  readonly query: string;
  /** Events per second behind it; null: the application's requests are counted, or nothing is. */
  readonly events: number | null;
}

export interface Examination {
  readonly outcome: 'examined';
  /** With what was found: preset and window. */
  readonly settings: SourceSettings;
  /** Between scrapes, or exports. */
  readonly scrapeIntervalSeconds: number | null;
  readonly numbers: readonly ExaminedNumber[];
  /** Of the newest minute, where known: milliseconds, and edges of the bucket that the p95 fell into. */
  readonly latencyMean: number | null;
  readonly latencyBucket: { readonly low: number; readonly high: number } | null;
  readonly cpuCores: number | null;
  /** Requests/s by version in the newest minute, and what is wrong with the label; null: none was named. */
  readonly versions: { readonly requests: Readonly<Record<string, number>>; readonly problem: string | null } | null;
  /** Requests/s of the control in the newest minute, and why there are none; null: there is no control. */
  readonly control: { readonly requests: number | null; readonly problem: string | null } | null;
  /** Metrics of the team's own. */
  readonly custom: readonly ExaminedCustom[];
  /** At least one of requests, latency and errors was read. */
  readonly success: boolean;
}

/** Requests by version in a minute; empty: no version is told. */
export interface VersionsRead {
  readonly outcome: 'ok';
  readonly requests: ReadonlyMap<string, number>;
}

/** The seam: whoever wants a sample asks this and never sees how its source is spoken to. Nothing rejects but for
 * `signal`, or after the service closed its connections. */
export interface SourceReader {
  /** The sample of now, of an application that serves it. */
  readNow(source: PullSource, options?: ReadOptions): Promise<SourceReading>;
  /** The sample of the minute that ends at `endMs`, epoch milliseconds; of now, where the source does not hold the past. */
  readMinute(source: Source, endMs: number, options?: MinuteOptions): Promise<SourceReading>;
  /** The samples of the `minutes` minutes up to `endMs`, oldest first, without those that nothing is known of. */
  readSpan(
    source: PastSource,
    span: { readonly endMs: number; readonly minutes: number },
    options?: ReadOptions,
  ): Promise<readonly TimedReading[] | FailedReading>;
  /** Which versions took requests in the minute that ends at `endMs`, epoch milliseconds. */
  readVersions(source: PastSource, endMs: number, options?: ReadOptions): Promise<VersionsRead | FailedReading>;
  /** Reads a source as it would be read and says of each number what came. `endMs`: the newest minute's end. */
  examine(source: PastSource, endMs: number): Promise<Examination | FailedReading>;
}
