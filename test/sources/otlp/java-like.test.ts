import { expect, test } from 'vitest';
import { duration, exportOf, gauge, sum } from '../../../harness/otlp-bodies.ts';
import { MINUTE_MS, readingsAt, T0 } from './support.ts';

/** The advice of the conventions for http.server.request.duration, which Java’s instrumentation follows; seconds. */
const EDGES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const STARTED_MS = T0 - 86_400_000;

/** By what is written of Java’s agent, and not by the agent: pools of the heap apart, sums that may fall, cumulative. */
function exported(atMs: number) {
  const calls = ((atMs - STARTED_MS) / 1_000) * 8;
  const common = { startMs: STARTED_MS, atMs };
  const pool = (name: string, type: string, value: number) => ({
    ...common,
    value,
    attributes: { 'jvm.memory.pool.name': name, 'jvm.memory.type': type },
  });
  const falling = (metric: object) => ({ ...metric, sum: { ...(metric as { sum: object }).sum, isMonotonic: false } });
  const memory = (name: string, eden: number, old: number) =>
    falling(
      sum(name, 'cumulative', [
        pool('G1 Eden Space', 'heap', eden),
        pool('G1 Old Gen', 'heap', old),
        pool('Metaspace', 'non_heap', 5e8),
      ]),
    );
  const counts = EDGES.map((edge) => (edge === 0.1 ? calls : 0));
  return exportOf({
    attributes: {
      'service.name': 'shop',
      'telemetry.distro.name': 'opentelemetry-java-instrumentation',
      'process.runtime.name': 'OpenJDK Runtime Environment',
      'process.runtime.version': '21.0.4+7-LTS',
      'process.command_args': '["java","-jar","shop.jar"]',
    },
    metrics: [
      duration('cumulative', [{ ...common, edges: EDGES, counts: [...counts, 0], sum: calls * 0.08 }]),
      gauge('jvm.cpu.recent_utilization', [{ atMs, value: 0.4 }]),
      memory('jvm.memory.used', 1e8, 2e8),
      memory('jvm.memory.limit', 4e8, 6e8),
    ],
  });
}

test('an export made by hand after Java’s agent: five numbers, the heap’s pools together and nothing else', () => {
  const bodies = [0, 1, 2, 3].map((index) => exported(T0 - MINUTE_MS * 2 + index * MINUTE_MS));
  const [reading] = readingsAt(bodies, T0, 1);
  expect(reading?.reading.numbers).toEqual({
    requests_per_sec: expect.closeTo(8, 6),
    latency_p95: expect.closeTo(98.75, 6),
    error_rate: 0,
    cpu_usage: expect.closeTo(0.4, 9),
    memory_usage: expect.closeTo(0.3, 9),
  });
});
