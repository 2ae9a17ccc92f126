import type { TimedReading } from '../../model/sample.ts';
import type { PrometheusCredentials, PrometheusSettings } from '../../model/source.ts';
import type { TargetOutcome } from '../../model/telemetry.ts';
import type { FailedReading } from '../http/failure-reason.ts';
import { createNetwork, type NetworkDeps, visit } from '../http/visit.ts';
import type { ReadingCame, Rollout, VersionsRead } from '../source.ts';
import { examine, type PrometheusExamination } from './examine.ts';
import { readMinute } from './minute.ts';
import { readSpan } from './read.ts';
import { openSession, type Session } from './session.ts';
import { readVersions } from './versions.ts';

export interface PrometheusClientDeps extends NetworkDeps {
  /** Called once for every sample or span that came to an outcome. */
  readonly recordRead?: (read: { outcome: TargetOutcome; durationSeconds: number }) => void;
}

export interface PrometheusRequest {
  readonly settings: PrometheusSettings;
  readonly credentials: PrometheusCredentials;
  /** In all, milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface PrometheusClient {
  /** The sample of the minute that ends at `endMs`; `rollout`: whose versions are told apart. */
  minute(request: PrometheusRequest, endMs: number, rollout?: Rollout): Promise<ReadingCame | FailedReading>;
  /** The samples of the `minutes` minutes up to `endMs`, oldest first. */
  span(
    request: PrometheusRequest,
    span: { readonly endMs: number; readonly minutes: number },
  ): Promise<readonly TimedReading[] | FailedReading>;
  /** Requests by version in the minute that ends at `endMs`. */
  versions(request: PrometheusRequest, endMs: number): Promise<VersionsRead | FailedReading>;
  /** What the source answers, number by number; `endMs`: the newest minute's end. */
  examine(request: PrometheusRequest, endMs: number): Promise<PrometheusExamination | FailedReading>;
  /** Waits for the reads that run; their deadlines bound it. */
  close(): Promise<void>;
}

/** An answer of 61 points is 2 KB; a histogram's edges, or the values of a label, are more. */
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_BYTES = 3 * MAX_BODY_BYTES;
/** Side by side: the queries of one sample are eight. */
const CONNECTIONS = 4;

/**
 * Asks a Prometheus, or whatever speaks its HTTP API, over connections that live as long as one read: kept ones would go
 * past the check of addresses that every read owes. None of the three rejects but for `signal`, or after `close`.
 */
export function createPrometheusClient(deps: PrometheusClientDeps): PrometheusClient {
  const network = createNetwork(deps);
  const running = new Set<Promise<unknown>>();
  let isClosed = false;

  async function read<Result>(
    { settings, credentials, timeoutMs, signal }: PrometheusRequest,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result | FailedReading> {
    if (isClosed) throw new Error('prometheus client is closed');
    signal?.throwIfAborted();
    const endsAtMs = performance.now() + timeoutMs;
    const reading = visit(
      network,
      {
        url: new URL(settings.url),
        timeoutMs,
        signal,
        maxBodyBytes: MAX_BODY_BYTES,
        mostBytes: MAX_BYTES,
        connections: CONNECTIONS,
      },
      async (ask) => await work(openSession(ask, settings, credentials, () => endsAtMs - performance.now())),
    );
    running.add(reading);
    try {
      return await reading;
    } finally {
      running.delete(reading);
    }
  }

  async function recorded<Result extends object>(reading: () => Promise<Result | FailedReading>) {
    const startedAtMs = performance.now();
    const result = await reading();
    const outcome = 'outcome' in result ? (result as FailedReading | ReadingCame).outcome : 'ok';
    deps.recordRead?.({ outcome, durationSeconds: (performance.now() - startedAtMs) / 1_000 });
    return result;
  }

  return {
    minute: async (request, endMs, rollout) =>
      await recorded(() => read(request, (session) => readMinute(session, request.settings, { endMs, rollout }))),
    span: async (request, span) =>
      await recorded(() => read(request, (session) => readSpan(session, request.settings, span))),
    versions: async (request, endMs) =>
      await read(request, (session) => readVersions(session, request.settings, endMs)),
    examine: async (request, endMs) => await read(request, (session) => examine(session, request.settings, endMs)),
    async close() {
      isClosed = true;
      await Promise.allSettled(running);
    },
  };
}
