import { duration, type Export, exportOf, gauge, sum, toJson } from '../../harness/otlp-bodies.ts';
import { createAcceptor } from '../../src/sources/otlp/accept.ts';
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
const MOST_STREAMS = 1_000;

/** Each case as the engine gets it when the application pushes OTLP, through all that is between wire and sample. */
export function replayOtlp(cases: readonly Case[], edgesOf: EdgesOf): JudgeInput[] {
  return cases.map((one) => readCase(one, edgesOf));
}

function readCase(one: Case, edgesOf: EdgesOf): JudgeInput {
  const pulled = inputOf(one);
  const minutes = minutesOf(one);
  const edges = edgesOf(minutes);
  const rows = exportsOf(minutes).flatMap((state) => received(bodyOf(state, edges)));
  const endMs = START_MS + minutes.length * MINUTE_MS;
  const span = { endMs, minutes: minutes.length, nowMs: endMs + 10 * MINUTE_MS };
  const changeMs = START_MS + pulled.pre.length * MINUTE_MS;
  return inputOfReadings(pulled, readingsOf(spanOf(rows, span)), changeMs);
}

function received(body: Export): PointsRow[] {
  const acceptor = createAcceptor({
    projectId: 'replayed',
    envs: ['prod'],
    census: createStreamCensus(MOST_STREAMS),
    mostStreams: MOST_STREAMS,
    nowMs: START_MS + 3_600_000,
  });
  for (const resource of decodeJson(toJson(body), (name) => instrumentOf(name) !== undefined)) acceptor.add(resource);
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
    ],
  });
}
