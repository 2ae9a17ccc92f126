import { expect, test } from 'vitest';
import { duration, type Export, exponentialDuration, exportOf, gauge, sum } from '../../../harness/otlp-bodies.ts';
import { spanOf } from '../../../src/sources/otlp/read.ts';
import { MINUTE_MS, readingsAt, rowsOf, T0 } from './support.ts';

const EDGES = [0.1, 0.2, 0.4];
const OK = { 'http.response.status_code': 200, 'http.route': '/' };
const FAILED = { 'http.response.status_code': 503, 'http.route': '/' };

/** 10 requests/s since `startMs`: half below 100 ms, most others below 200 ms; exported at `atMs`. */
function grown(startMs: number, atMs: number, perSecond = 10) {
  const count = (perSecond * (atMs - startMs)) / 1_000;
  return { startMs, atMs, edges: EDGES, counts: [count * 0.5, count * 0.48, count * 0.02, 0], sum: count * 0.1 };
}

function pod(name: string, ...metrics: object[]) {
  return { attributes: { 'service.name': 'checkout', 'service.instance.id': name }, metrics };
}

const every = (stepMs: number, count: number) => Array.from({ length: count }, (_, index) => T0 + index * stepMs);

/** One instance that has run for an hour, exporting every minute at 23 s past. */
const minutely = (count: number): Export[] =>
  every(MINUTE_MS, count).map((at) =>
    exportOf(pod('a', duration('cumulative', [{ ...grown(T0 - 3_600_000, at + 23_000), attributes: OK }]))),
  );

test('cumulative streams tell a minute by their differences, wherever in the minute they are exported', () => {
  const [reading, ...more] = readingsAt(minutely(10), T0 + 5 * MINUTE_MS, 3).map((one) => one.reading);
  expect(reading?.numbers.requests_per_sec).toBeCloseTo(10, 9);
  expect(reading?.numbers.error_rate).toBe(0);
  expect(reading?.numbers.latency_p95).toBeCloseTo(193.75, 6);
  expect(reading?.facts).toMatchObject({ windowSeconds: 60, latencyBucket: { low: 100, high: 200 } });
  expect(reading?.facts?.latencyMean).toBeCloseTo(100, 9);
  expect(more).toHaveLength(2);
});

test('a minute is told by what lies wholly in it, so that the next one’s latencies are not in it', () => {
  // Slow from the fifth minute on; exported every 15 s, at 7 s past.
  const slowMs = T0 + 4 * MINUTE_MS;
  const bodies = Array.from({ length: 40 }, (_, index) => T0 + 7_000 + index * 15_000).map((at) => {
    const fast = (10 * (Math.min(at, slowMs) - T0 + 3_600_000)) / 1_000;
    const slow = (10 * Math.max(0, at - slowMs)) / 1_000;
    const point = { startMs: T0 - 3_600_000, atMs: at, edges: EDGES, counts: [fast, 0, slow, 0], attributes: OK };
    return exportOf(pod('a', duration('cumulative', [point])));
  });
  const readings = readingsAt(bodies, slowMs + MINUTE_MS, 2).map(({ reading }) => reading.numbers);
  expect(readings.map(({ latency_p95 }) => Math.round(latency_p95 ?? 0))).toEqual([95, 390]);
  for (const { requests_per_sec } of readings) expect(requests_per_sec).toBeCloseTo(10, 6);
});

test('two replicas that see alternate exports, in any order and some of them twice, make the same minutes as one', () => {
  const bodies = minutely(12);
  const one = readingsAt(bodies, T0 + 8 * MINUTE_MS, 6);
  const odd = bodies.filter((_, index) => index % 2 === 1);
  const even = bodies.filter((_, index) => index % 2 === 0);
  expect(readingsAt([...odd.reverse(), ...even, ...odd], T0 + 8 * MINUTE_MS, 6)).toEqual(one);
  expect(one).toHaveLength(6);
});

test('differences that are sent twice count once', () => {
  const bodies = every(10_000, 36).map((at) =>
    exportOf(pod('a', duration('delta', [{ ...grown(at, at + 10_000), attributes: OK }]))),
  );
  const [once] = readingsAt(bodies, T0 + 4 * MINUTE_MS, 1);
  const [twice] = readingsAt([...bodies, ...bodies.slice(10, 20)], T0 + 4 * MINUTE_MS, 1);
  expect(once?.reading.numbers.requests_per_sec).toBeCloseTo(10, 9);
  expect(twice).toEqual(once);
});

test('an instance that begins anew counts on from zero, and so does a second one that calls itself the same', () => {
  const restartMs = T0 + 2 * MINUTE_MS + 30_000;
  const bodies = every(10_000, 36).map((at) =>
    exportOf(
      pod('a', duration('cumulative', [{ ...grown(at < restartMs ? T0 - 60_000 : restartMs, at), attributes: OK }])),
    ),
  );
  const [reading] = readingsAt(bodies, T0 + 3 * MINUTE_MS, 1);
  // What the old one served between its last export and its end, nobody was told.
  expect(reading?.reading.numbers.requests_per_sec).toBeCloseTo((10 * 50) / 60, 6);
  const twins = every(10_000, 36).flatMap((at) => [
    exportOf(pod('a', duration('cumulative', [{ ...grown(T0 - 60_000, at), attributes: OK }]))),
    exportOf(pod('a', duration('cumulative', [{ ...grown(T0 - 45_000, at), attributes: OK }]))),
  ]);
  expect(readingsAt(twins, T0 + 3 * MINUTE_MS, 1)[0]?.reading.numbers.requests_per_sec).toBeCloseTo(20, 6);
});

test('a counter that shrinks without saying that it began anew counts from zero', () => {
  const bodies = every(10_000, 30).map((at, index) => {
    const { startMs: _, ...point } = grown(index < 15 ? T0 - 600_000 : T0 + 140_000, at);
    return exportOf(pod('a', duration('cumulative', [{ ...point, attributes: OK }])));
  });
  expect(readingsAt(bodies, T0 + 3 * MINUTE_MS, 1)[0]?.reading.numbers.requests_per_sec).toBeCloseTo(10, 6);
});

test('the first failures of an instance that has long been running count', () => {
  const bodies = every(MINUTE_MS, 10).map((at, index) => {
    const well = { ...grown(T0 - 3_600_000, at), attributes: OK };
    const failures = {
      startMs: T0 - 3_600_000,
      atMs: at,
      edges: EDGES,
      counts: [60 * (index - 4), 0, 0, 0],
      attributes: FAILED,
    };
    return exportOf(pod('a', duration('cumulative', index <= 4 ? [well] : [well, failures])));
  });
  const readings = readingsAt(bodies, T0 + 7 * MINUTE_MS, 5).map(({ reading }) => reading.numbers.error_rate);
  expect(readings.slice(0, 2)).toEqual([0, 0]);
  for (const share of readings.slice(2)) expect(share).toBeCloseTo(1 / 11, 9);
});

test('several instances and routes are one application: requests are added, shares weighted', () => {
  const bodies = every(20_000, 20).map((at) =>
    exportOf(
      pod(
        'a',
        duration('cumulative', [
          { ...grown(T0 - 3_600_000, at), attributes: OK },
          { ...grown(T0 - 3_600_000, at, 5), attributes: { ...OK, 'http.route': '/cart' } },
        ]),
      ),
      pod('b', duration('cumulative', [{ ...grown(T0 - 60_000, at, 5), attributes: FAILED }])),
    ),
  );
  const [one] = readingsAt(bodies, T0 + 3 * MINUTE_MS, 1);
  expect(one?.reading.numbers.requests_per_sec).toBeCloseTo(20, 9);
  expect(one?.reading.numbers.error_rate).toBeCloseTo(0.25, 9);
});

test('exponential histograms tell finer than the usual buckets, also when a sender halves their resolution meanwhile', () => {
  // 2^(1/8): scale 3; 0.125 s is index -24.
  const at = (index: number, count: number, scale: number) => ({
    startMs: T0 - MINUTE_MS,
    atMs: T0 + index * 30_000,
    scale,
    offset: scale === 3 ? -25 : -13,
    counts: [count * 0.9, count * 0.1],
    zero: 0,
    sum: count * 0.12,
    attributes: OK,
  });
  const bodies = every(30_000, 12).map((_, index) =>
    exportOf(pod('a', exponentialDuration('cumulative', [at(index, 100 * (index + 1), index < 5 ? 3 : 2)]))),
  );
  const readings = readingsAt(bodies, T0 + 4 * MINUTE_MS, 3);
  expect(readings).toHaveLength(3);
  for (const { reading } of readings) {
    expect(reading.numbers.requests_per_sec).toBeCloseTo(100 / 30, 6);
    expect(reading.numbers.latency_p95).toBeGreaterThan(115);
    expect(reading.numbers.latency_p95).toBeLessThan(150);
  }
});

test('after four of five minutes without a word all five are told: nothing is lost, only spread', () => {
  const bodies = minutely(20).filter((_, index) => index < 5 || index >= 9);
  const readings = readingsAt(bodies, T0 + 9 * MINUTE_MS, 5);
  expect(readings).toHaveLength(5);
  for (const { reading } of readings) {
    expect(reading.numbers.requests_per_sec).toBeCloseTo(10, 6);
    expect(reading.facts?.windowSeconds).toBe(300);
  }
});

test('a minute is waited for as long as somebody’s next export is due, and nobody who has gone is', () => {
  const span = (endMs: number, nowMs: number, bodies: Export[]) =>
    spanOf(rowsOf(bodies), { endMs, minutes: 1, nowMs }).minutes[0];
  // Exports at 23 s past: of the minute that ends at 5:00 the last part comes at 5:23.
  const soon = minutely(5);
  expect(span(T0 + 5 * MINUTE_MS, T0 + 5 * MINUTE_MS + 20_000, soon)).toEqual({
    state: 'coming',
    untilMs: T0 + 390_000,
  });
  expect(span(T0 + 5 * MINUTE_MS, T0 + 5 * MINUTE_MS + 30_000, minutely(6))?.state).toBe('known');
  expect(span(T0 + 5 * MINUTE_MS, T0 + 5 * MINUTE_MS + 90_001, soon)).toEqual({
    state: 'unknown',
    reason: 'nothing has come since 2026-01-01T12:04:23.000Z',
  });
  const gone = every(10_000, 12).map((at) =>
    exportOf(pod('gone', duration('cumulative', [{ ...grown(T0 - MINUTE_MS, at), attributes: OK }]))),
  );
  expect(span(T0 + 3 * MINUTE_MS, T0 + 3 * MINUTE_MS + 30_000, [...minutely(4), ...gone])?.state).toBe('known');
});

test('the minute in which receiving began is no minute', () => {
  const bodies = every(10_000, 30).map((at) =>
    exportOf(pod('a', duration('cumulative', [{ ...grown(T0 - 7_200_000, at + 25_000), attributes: OK }]))),
  );
  expect(readingsAt(bodies, T0 + 3 * MINUTE_MS, 3).map(({ atMs }) => (atMs - T0) / MINUTE_MS)).toEqual([2, 3]);
});

test('silence of differences is no requests while the sender lives', () => {
  const bodies = every(10_000, 40).map((at, index) =>
    exportOf(
      pod(
        'a',
        gauge('process.cpu.utilization', [{ atMs: at, value: 0.2 }]),
        ...(index < 12 ? [duration('delta', [{ ...grown(at - 10_000, at), attributes: OK }])] : []),
      ),
    ),
  );
  const [idle] = readingsAt(bodies, T0 + 5 * MINUTE_MS, 1);
  expect(idle?.reading.numbers).toMatchObject({
    requests_per_sec: 0,
    error_rate: null,
    latency_p95: null,
    cpu_usage: expect.closeTo(0.2, 9),
  });
  expect(idle?.reading.missing).toMatchObject({ error_rate: 'no_requests', latency_p95: 'no_requests' });
});

test('CPU and memory come from what is there: shares first, else what is used over what there is, and cores beside', () => {
  const minute = (...metrics: object[]) => readingsAt([exportOf(pod('a', ...metrics))], T0 + MINUTE_MS, 1)[0]?.reading;
  const at = (value: number, attributes = {}) => [
    { atMs: T0 + 20_000, value, attributes },
    { atMs: T0 + MINUTE_MS, value, attributes },
  ];
  const counter = (name: string, perSecond: number) =>
    sum(name, 'cumulative', [
      { startMs: T0 - 9_000_000, atMs: T0 - 5_000, value: 100 },
      { startMs: T0 - 9_000_000, atMs: T0 + MINUTE_MS, value: 100 + 65 * perSecond },
    ]);
  expect(
    minute(
      gauge('process.cpu.utilization', [...at(0.2, { 'cpu.mode': 'user' }), ...at(0.1, { 'cpu.mode': 'system' })]),
      gauge('k8s.pod.memory_limit_utilization', at(0.5)),
    )?.numbers,
  ).toMatchObject({ cpu_usage: expect.closeTo(0.3, 9), memory_usage: 0.5 });
  const jvm = minute(
    counter('jvm.cpu.time', 1.5),
    gauge('jvm.cpu.count', at(4)),
    gauge('jvm.memory.used', [
      ...at(300, { 'jvm.memory.type': 'heap' }),
      ...at(999, { 'jvm.memory.type': 'non_heap' }),
    ]),
    gauge('jvm.memory.limit', at(600, { 'jvm.memory.type': 'heap' })),
  );
  expect(jvm?.numbers).toMatchObject({ cpu_usage: expect.closeTo(0.375, 9), memory_usage: 0.5 });
  expect(jvm?.facts?.cpuCores).toBeCloseTo(1.5, 9);
  expect(
    minute(gauge('process.cpu.utilization', at(37)), gauge('k8s.pod.memory_limit_utilization', at(0.5))),
  ).toMatchObject({
    missing: { cpu_usage: 'out_of_range' },
  });
});
