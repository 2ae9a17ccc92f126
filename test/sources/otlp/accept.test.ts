import { expect, test } from 'vitest';
import { duration, exportOf, gauge } from '../../../harness/otlp-bodies.ts';
import { decodePoints } from '../../../src/sources/otlp/decode-stored.ts';
import { encodePoints } from '../../../src/sources/otlp/stored-points.ts';
import { createStreamCensus } from '../../../src/sources/otlp/stream-census.ts';
import { accept, T0 } from './support.ts';

const point = (route: string, atMs = T0) => ({
  startMs: T0 - 60_000,
  atMs,
  edges: [0.1],
  counts: [1, 1],
  attributes: { 'http.route': route, 'http.response.status_code': 200 },
});
const of = (attributes: Record<string, string>, ...routes: string[]) => ({
  attributes,
  metrics: [
    duration(
      'cumulative',
      (routes.length === 0 ? ['/'] : routes).map((route) => point(route)),
    ),
  ],
});

test('the environment is the resource’s, else the only one that there is; others are refused by name', () => {
  const envs = ['prod', 'staging'];
  const told = accept(exportOf(of({ 'deployment.environment.name': 'staging', 'service.version': '7' })), { envs });
  expect(told.rows).toMatchObject([{ env: 'staging', serviceVersion: '7' }]);
  expect(accept(exportOf(of({ 'deployment.environment': 'prod' })), { envs }).rows).toMatchObject([{ env: 'prod' }]);
  expect(accept(exportOf(of({}))).rows).toMatchObject([{ env: 'prod' }]);
  const missing = accept(exportOf(of({}, '/', '/a')), { envs });
  expect(missing).toMatchObject({ rows: [], rejectedPoints: 2 });
  expect(missing.reasons[0]).toBe('deployment.environment.name is missing; the project has "prod", "staging"');
  const unknown = accept(exportOf(of({ 'deployment.environment.name': 'production' })));
  expect(unknown.reasons[0]).toBe('the project has no environment "production"; it has "prod"');
});

test('streams beyond the limit are refused and said, and what was left out is marked', () => {
  const accepted = accept(exportOf(of({}, '/a', '/b', '/c')), { mostStreams: 2 });
  expect(accepted).toMatchObject({ keptPoints: 2, rejectedPoints: 1 });
  expect(accepted.reasons[0]).toMatch(/^more than 2 streams/);
  expect(accepted.rows[0]?.senders[0]?.isComplete).toBe(false);
});

test('a stream that has been quiet for an hour makes room for another', () => {
  const census = createStreamCensus(1);
  expect(census.admit('p', 1, 0)).toBe(true);
  expect(census.admit('p', 2, 1_800_000)).toBe(false);
  expect(census.admit('p', 1, 1_800_001)).toBe(true);
  expect(census.admit('p', 2, 3_600_002)).toBe(false);
  expect(census.admit('p', 2, 5_400_003)).toBe(true);
});

test('points of another time are refused: too old, or of a clock that is ahead', () => {
  const at = (atMs: number) => exportOf({ metrics: [gauge('process.cpu.utilization', [{ atMs, value: 0.1 }])] });
  const nowMs = T0;
  expect(accept(at(T0 - 7_200_000), { nowMs }).keptPoints).toBe(1);
  expect(accept(at(T0 - 7_200_001), { nowMs }).reasons[0]).toMatch(/2 hours ago/);
  expect(accept(at(T0 + 300_000), { nowMs }).keptPoints).toBe(1);
  expect(accept(at(T0 + 300_001), { nowMs }).reasons[0]).toMatch(/clock/);
});

test('points are stored as they are read again, and attributes in another order are the same stream', () => {
  const { rows } = accept(exportOf(of({ b: '1', a: '2' }, '/x'), of({ a: '2', b: '1' }, '/x')));
  const [first, second] = rows[0]?.senders[0]?.points ?? [];
  expect(first?.stream).toBe(second?.stream);
  for (const { senders } of rows) expect(decodePoints(encodePoints(senders))).toEqual(senders);
});

test('points are stored together by service, version and ten seconds', () => {
  const resource = (service: string, version: string) => ({
    attributes: { 'service.name': service, 'service.version': version },
    metrics: [duration('cumulative', [point('/a'), point('/b', T0 + 10_000), point('/c', T0 + 19_999)])],
  });
  const { rows } = accept(exportOf(resource('shop', '1'), resource('shop', '2'), resource('cart', '1')));
  const stored = rows.map(({ serviceName, serviceVersion, atMs, senders }) =>
    [serviceName, serviceVersion, atMs - T0, senders.flatMap(({ points }) => points).length].join(' '),
  );
  expect(stored).toEqual([
    'shop 1 0 1',
    'shop 1 10000 2',
    'shop 2 0 1',
    'shop 2 10000 2',
    'cart 1 0 1',
    'cart 1 10000 2',
  ]);
});
