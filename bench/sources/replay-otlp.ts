import { duration, type Export, exportOf, gauge, sum, toJson } from '../../harness/otlp-bodies.ts';
import type { CustomInstrument } from '../../src/model/source.ts';
import { createAcceptor } from '../../src/sources/otlp/accept.ts';
import { instrumentsOf } from '../../src/sources/otlp/custom-instruments.ts';
import { instrumentOf } from '../../src/sources/otlp/instruments.ts';
import type { PointsRow } from '../../src/sources/otlp/points.ts';
import { readingsOf, spanOf } from '../../src/sources/otlp/read.ts';
import { encodePoints } from '../../src/sources/otlp/stored-points.ts';
import { createStreamCensus } from '../../src/sources/otlp/stream-census.ts';
import { decodeJson } from '../../src/sources/otlp/wire/decode-json.ts';
import type { JudgeInput } from '../../src/verdict/types.ts';
import { type Case, inputOf } from '../verdict/cases.ts';
import { inputOfReadings } from './input-of-readings.ts';
import type { EdgesOf } from './replay.ts';
import { exportsOf, minutesOf } from './series.ts';

const START_MS = Date.parse('2026-01-01T00:00:00Z');
const MINUTE_MS = 60_000;
const MAX_STREAMS = 1_000;

/** What an application exports beside what the conventions name, and the metrics that its team makes of that. */
export interface OwnInstruments {
  readonly metrics: readonly CustomInstrument[];
  /** A histogram in milliseconds. */
  readonly duration: string;
  /** A counter with `outcome`. */
  readonly calls: string;
}

const NONE: OwnInstruments = { metrics: [], duration: '', calls: '' };

/** Each case as the engine gets it when the application pushes OTLP, through all that is between wire and sample. */
export function replayOtlp(cases: readonly Case[], edgesOf: EdgesOf, own: OwnInstruments = NONE): JudgeInput[] {
  return cases.map((one) => readCase(one, edgesOf, own));
}

function readCase(one: Case, edgesOf: EdgesOf, own: OwnInstruments): JudgeInput {
  const pulled = inputOf(one);
  const minutes = minutesOf(one);
  const edges = edgesOf(minutes);
  const rows = exportsOf(minutes).flatMap((state) => received(bodyOf(state, edges, own), own));
  const endMs = START_MS + minutes.length * MINUTE_MS;
  const span = { endMs, minutes: minutes.length, nowMs: endMs + 10 * MINUTE_MS };
  const changeMs = START_MS + pulled.pre.length * MINUTE_MS;
  return inputOfReadings(pulled, readingsOf(spanOf(rows, span, own.metrics)), changeMs);
}

function received(body: Export, { metrics }: OwnInstruments): PointsRow[] {
  const custom = instrumentsOf([{ type: 'otlp', serviceName: null, custom: metrics }]);
  const acceptor = createAcceptor({
    projectId: 'replayed',
    envs: ['prod'],
    custom,
    census: createStreamCensus(MAX_STREAMS),
    mostStreams: MAX_STREAMS,
    nowMs: START_MS + 3_600_000,
  });
  const isKept = (name: string) => instrumentOf(name) !== undefined || custom.has(name);
  for (const resource of decodeJson(toJson(body), isKept)) acceptor.add(resource);
  const { rows, reasons } = acceptor.done();
  if (reasons.length > 0) throw new Error(reasons.join('; '));
  return rows.map(({ serviceName, serviceVersion, senders }) => ({
    serviceName,
    serviceVersion,
    points: encodePoints(senders),
  }));
}

type State = ReturnType<typeof exportsOf>[number];

function bodyOf(
  { atSeconds, succeeded, failed, seconds, between, cpuSeconds, memory }: State,
  edges: readonly number[],
  own: OwnInstruments,
): Export {
  const startMs = START_MS - 86_400_000;
  const atMs = START_MS + atSeconds * 1_000;
  const counts = [...edges, Number.POSITIVE_INFINITY].map((edge, index) => between(edges[index - 1] ?? 0, edge));
  // The latencies of all lie with those that succeeded, as in the series that a Prometheus scrapes (series.ts).
  const succeeding = { edges, counts, count: succeeded, sum: seconds };
  const failing = { edges: [], counts: [], count: failed, sum: 0 };
  const point = (status: number, of: typeof succeeding | typeof failing) => ({
    startMs,
    atMs,
    attributes: { 'http.response.status_code': status },
    ...of,
  });
  return exportOf({
    attributes: { 'service.name': 'replayed' },
    metrics: [
      duration('cumulative', [point(200, succeeding), point(500, failing)]),
      sum('jvm.cpu.time', 'cumulative', [{ startMs, atMs, value: cpuSeconds }]),
      gauge('jvm.cpu.count', [{ atMs, value: 1 }]),
      gauge('system.memory.utilization', [{ atMs, value: memory, attributes: { 'system.memory.state': 'used' } }]),
      ...ownOf(own, { startMs, atMs, edges, counts, succeeded, failed, seconds }),
    ],
  });
}

interface OwnState extends Pick<State, 'succeeded' | 'failed' | 'seconds'> {
  readonly startMs: number;
  readonly atMs: number;
  /** Seconds. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

function ownOf({ metrics, duration: name, calls }: OwnInstruments, state: OwnState): object[] {
  if (metrics.length === 0) return [];
  const { startMs, atMs, edges, counts, succeeded, failed, seconds } = state;
  const milliseconds = edges.map((edge) => edge * 1_000);
  const latencies = { startMs, atMs, edges: milliseconds, counts, count: succeeded, sum: seconds * 1_000 };
  const counted = (outcome: string, value: number) => ({ startMs, atMs, value, attributes: { outcome } });
  return [
    { ...duration('cumulative', [latencies]), name, unit: 'ms' },
    sum(calls, 'cumulative', [counted('ok', succeeded), counted('failed', failed)]),
  ];
}
