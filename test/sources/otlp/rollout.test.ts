import { expect, test } from 'vitest';
import { duration, exportOf, gauge } from '../../../harness/otlp-bodies.ts';
import { tellVersionsApart } from '../../../src/sources/otlp/rollout.ts';
import type { Rollout } from '../../../src/sources/source.ts';
import { MINUTE_MS, rowsOf, T0 } from './support.ts';

const STARTED_MS = T0 + 2 * MINUTE_MS;
const END_MS = T0 + 5 * MINUTE_MS;
const ROLLOUT: Rollout = { startedAtMs: STARTED_MS, version: null, lastTryAtMs: null };

/** Requests of one version from `fromMs` to `toMs`, exported every 10 s; each of `ms` milliseconds. */
function version(name: string, [fromMs, toMs]: readonly [number, number], perSecond: number, ms: number) {
  const bodies = [];
  for (let atMs = fromMs + 10_000; atMs <= toMs; atMs += 10_000) {
    const count = (perSecond * (atMs - fromMs)) / 1_000;
    const counts = ms <= 100 ? [count, 0, 0] : [0, count, 0];
    const point = { startMs: fromMs, atMs, edges: [0.1, 0.5], counts, sum: (count * ms) / 1_000 };
    bodies.push(
      exportOf({
        attributes: { 'service.name': 'shop', ...(name === '' ? {} : { 'service.version': name }) },
        metrics: [
          duration('cumulative', [{ ...point, attributes: { 'http.response.status_code': 200 } }]),
          gauge('process.cpu.utilization', [{ atMs, value: ms / 1_000 }]),
        ],
      }),
    );
  }
  return rowsOf(bodies);
}

const before = version('1', [T0 - MINUTE_MS, T0 + 6 * MINUTE_MS], 8, 50);
const until3 = version('1', [T0 - MINUTE_MS, T0 + 3 * MINUTE_MS], 8, 50);
const fresh = version('2', [T0 + 3 * MINUTE_MS, T0 + 6 * MINUTE_MS], 2, 200);

test('while both serve the new one is read alone, the old one beside it, and the traffic is nobody’s', () => {
  const read = tellVersionsApart({ endMs: END_MS, rows: [...before, ...fresh] }, ROLLOUT, before);
  if (read?.outcome !== 'ok') throw new Error('no reading');
  expect(read.reading.numbers).toMatchObject({ requests_per_sec: null, cpu_usage: expect.closeTo(0.2, 9) });
  expect(read.reading.missing).toMatchObject({ requests_per_sec: 'not_measured' });
  expect(read.reading.facts).toMatchObject({
    versions: ['2'],
    requests: expect.closeTo(120, 6),
    latencyMean: expect.closeTo(200, 6),
  });
  expect(read.reading.facts?.control).toMatchObject({ versions: ['1'], latencyMean: expect.closeTo(50, 6) });
});

test('the new one alone is the application', () => {
  const read = tellVersionsApart({ endMs: END_MS, rows: [...until3, ...fresh] }, ROLLOUT, until3);
  if (read?.outcome !== 'ok') throw new Error('no reading');
  expect(read.reading.numbers.requests_per_sec).toBeCloseTo(2, 9);
  expect(read.reading.facts?.versions).toEqual(['2']);
  expect(read.reading.facts?.control).toBeUndefined();
});

test('a version that never changes is no reason to wait, but one that CI named is waited for until the last try', () => {
  const minute = { endMs: END_MS, rows: before };
  expect(tellVersionsApart(minute, ROLLOUT, before)).toBeNull();
  const named = { ...ROLLOUT, version: '2' };
  expect(tellVersionsApart(minute, named, before)).toMatchObject({
    reason: expect.stringContaining('no version but 1'),
  });
  expect(tellVersionsApart(minute, { ...named, lastTryAtMs: END_MS }, before)).toBeNull();
  expect(tellVersionsApart(minute, { ...ROLLOUT, version: '1' }, before)).toBeNull();
});

test('what tells no version can’t be told apart', () => {
  const nameless = version('', [T0 - MINUTE_MS, T0 + 6 * MINUTE_MS], 5, 50);
  expect(tellVersionsApart({ endMs: END_MS, rows: [...nameless, ...fresh] }, ROLLOUT, nameless)).toBeNull();
});
