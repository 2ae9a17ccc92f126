import { expect, test } from 'vitest';
import { duration, type Export, exportOf, gauge, sum, toJson } from '../../../harness/otlp-bodies.ts';
import type { CustomInstrument, OtlpSource } from '../../../src/model/source.ts';
import { createAcceptor } from '../../../src/sources/otlp/accept.ts';
import { instrumentsOf } from '../../../src/sources/otlp/custom-instruments.ts';
import { decodePoints } from '../../../src/sources/otlp/decode-stored.ts';
import { examinedCustom } from '../../../src/sources/otlp/examine-custom.ts';
import { instrumentOf } from '../../../src/sources/otlp/instruments.ts';
import type { PointsRow } from '../../../src/sources/otlp/points.ts';
import { readSpan, spanOf } from '../../../src/sources/otlp/read.ts';
import { tellVersionsApart } from '../../../src/sources/otlp/rollout.ts';
import { encodePoints } from '../../../src/sources/otlp/stored-points.ts';
import { createStreamCensus } from '../../../src/sources/otlp/stream-census.ts';
import { decodeJson } from '../../../src/sources/otlp/wire/decode-json.ts';
import { MINUTE_MS, T0 } from './support.ts';

const metric = (name: string, more: Partial<CustomInstrument> = {}): CustomInstrument => ({
  name,
  unit: '',
  kind: 'level',
  worse: 'up',
  matters: { relative: null, absolute: null },
  isCounted: false,
  instrument: name,
  attributes: {},
  statistic: 'mean',
  of: null,
  ...more,
});
const counted = { statistic: null } as const;
const ORDERS = metric('orders', { ...counted, kind: 'rate' });
const FAILED = metric('failed', {
  ...counted,
  kind: 'share',
  instrument: 'orders',
  attributes: { outcome: 'failed' },
  of: { instrument: 'orders', attributes: {} },
});
const DECLINED = metric('declined', {
  ...counted,
  kind: 'share',
  instrument: 'payments.declined',
  of: { instrument: 'payments', attributes: {} },
});

/** As they are taken in and stored; `named`: by which metrics. */
function rowsOf(bodies: readonly Export[], named: readonly CustomInstrument[], mostStreams = 1_000): PointsRow[] {
  const custom = instrumentsOf([{ type: 'otlp', serviceName: null, custom: named }]);
  const census = createStreamCensus(mostStreams);
  return bodies.flatMap((body) => {
    const context = { projectId: 'p', envs: ['prod'], custom, census, mostStreams, nowMs: T0 + 3_600_000 };
    const acceptor = createAcceptor(context);
    const others: string[] = [];
    const isKept = (name: string) => {
      if (instrumentOf(name) !== undefined || custom.has(name)) return true;
      others.push(name);
      return false;
    };
    for (const resource of decodeJson(toJson(body), isKept)) acceptor.add(resource, others);
    return acceptor.done().rows.map(({ senders, ...row }) => ({ ...row, points: encodePoints(senders) }));
  });
}

const STARTED_MS = T0 - 86_400_000;
const EVERY_MS = 15_000;
/** Requests of the same application: 20/s. */
const requests = (atMs: number) => {
  const all = ((atMs - STARTED_MS) / 1_000) * 20;
  return duration('cumulative', [{ startMs: STARTED_MS, atMs, edges: [0.1], counts: [all, 0], sum: all * 0.05 }]);
};

/** What is exported of `minutes` minutes up to T0, with the application's requests. */
function exportsOf(metrics: (atMs: number) => readonly object[], minutes = 5, attributes = {}): Export[] {
  return Array.from({ length: (minutes * MINUTE_MS) / EVERY_MS + 2 }, (_, index) => {
    const atMs = T0 - minutes * MINUTE_MS + index * EVERY_MS;
    return exportOf({
      attributes: { 'service.version': '1', ...attributes },
      metrics: [requests(atMs), ...metrics(atMs)],
    });
  });
}

function read(bodies: readonly Export[], metrics: readonly CustomInstrument[], { named = metrics, minutes = 1 } = {}) {
  const span = { endMs: T0, minutes, nowMs: T0 + 600_000 };
  return spanOf(rowsOf(bodies, named), span, metrics);
}

function values(
  bodies: readonly Export[],
  metrics: readonly CustomInstrument[],
  more: Parameters<typeof read>[2] = {},
) {
  return read(bodies, metrics, more).minutes.map((one) => {
    if (one.state !== 'known' || !one.sample.ok) throw new Error(JSON.stringify(one));
    return one.sample.reading.facts?.custom;
  });
}

const total = (perSecond: number, atMs: number, sinceMs = STARTED_MS) =>
  Math.max(0, ((atMs - sinceMs) / 1_000) * perSecond);
const cumulative = (name: string, perSecond: Record<string, number>) => (atMs: number) =>
  sum(
    name,
    'cumulative',
    Object.entries(perSecond).map(([outcome, each]) => ({
      startMs: STARTED_MS,
      atMs,
      value: total(each, atMs),
      attributes: { outcome, shop: 'a' },
    })),
  );
const delta =
  (name: string, perSecond: number, until = Number.POSITIVE_INFINITY) =>
  (atMs: number) =>
    sum(name, 'delta', atMs > until ? [] : [{ startMs: atMs - EVERY_MS, atMs, value: (perSecond * EVERY_MS) / 1_000 }]);

test('a counter is a rate: cumulative and delta', () => {
  const of = (make: (atMs: number) => object) =>
    values(
      exportsOf((at) => [make(at)]),
      [ORDERS],
    )[0]?.orders;
  expect(of(cumulative('orders', { ok: 3, failed: 1 }))).toEqual({ value: expect.closeTo(4, 6) });
  expect(of(delta('orders', 4))).toEqual({ value: expect.closeTo(4, 6) });
});

test('a share of one counter by an attribute, of two counters, and by what its events are counted', () => {
  const bodies = exportsOf((at) => [
    cumulative('orders', { ok: 9, failed: 1 })(at),
    cumulative('payments', { any: 5 })(at),
    cumulative('payments.declined', { any: 1 })(at),
  ]);
  const [own] = values(bodies, [FAILED, DECLINED]);
  expect(own?.failed).toEqual({ value: expect.closeTo(0.1, 6), events: expect.closeTo(600, 3) });
  expect(own?.declined).toEqual({ value: expect.closeTo(0.2, 6), events: expect.closeTo(300, 3) });
});

test('failures that are counted for the first time count from the export before, not from nowhere', () => {
  const since = T0 - 45_000;
  const bodies = exportsOf((at) => [
    sum('orders', 'cumulative', [
      { startMs: STARTED_MS, atMs: at, value: total(10, at), attributes: { outcome: 'ok' } },
      ...(at > since
        ? [{ startMs: STARTED_MS, atMs: at, value: total(10, at, since), attributes: { outcome: 'failed' } }]
        : []),
    ]),
  ]);
  const [before, now] = values(bodies, [FAILED], { minutes: 2 });
  expect(before?.failed?.value).toBe(0);
  expect(now?.failed?.value).toBeCloseTo(450 / 1_050, 1);
});

test('an instrument that is kept from now on counts nothing of before', () => {
  const bodies = exportsOf((at) => [cumulative('orders', { ok: 10 })(at)]);
  const [early, late] = [bodies.slice(0, 10), bodies.slice(10)];
  const rows = [...rowsOf(early, []), ...rowsOf(late, [ORDERS])];
  const { minutes } = spanOf(rows, { endMs: T0, minutes: 4, nowMs: T0 + 600_000 }, [ORDERS]);
  const rates = minutes.map((one) =>
    one.state === 'known' && one.sample.ok ? one.sample.reading.facts?.custom?.orders?.value : 'unknown',
  );
  expect(rates).toEqual([null, null, expect.closeTo(10, 6), expect.closeTo(10, 6)]);
});

test('silence of differences is none, but not before anything was kept', () => {
  const bodies = exportsOf((at) => [delta('orders', 4, T0 - 3 * MINUTE_MS)(at)]);
  const rows = [...rowsOf(bodies.slice(0, 4), []), ...rowsOf(bodies.slice(4), [ORDERS])];
  const { minutes } = spanOf(rows, { endMs: T0, minutes: 5, nowMs: T0 + 600_000 }, [ORDERS]);
  const rates = minutes.map((one) =>
    one.state === 'known' && one.sample.ok ? one.sample.reading.facts?.custom?.orders?.value : 'unknown',
  );
  expect(rates.slice(1)).toEqual([expect.closeTo(4, 6), 0, 0, 0]);
  expect(rates[0]).not.toBe(0);
});

test('orders that come late: none before them, and nothing known of before they were kept', () => {
  const bodies = exportsOf((at) => (at > T0 - MINUTE_MS ? [delta('orders', 4)(at)] : []));
  const rows = [...rowsOf(bodies.slice(0, 8), []), ...rowsOf(bodies.slice(8), [ORDERS])];
  const { minutes } = spanOf(rows, { endMs: T0, minutes: 5, nowMs: T0 + 600_000 }, [ORDERS]);
  const rates = minutes.map((one) =>
    one.state === 'known' && one.sample.ok ? one.sample.reading.facts?.custom?.orders?.value : 'unknown',
  );
  expect(rates).toEqual([null, null, 0, 0, expect.closeTo(4, 6)]);
});

test('a gauge is a level, its streams’ mean or their sum; what is below zero is none', () => {
  const bodies = exportsOf((at) => [
    gauge('queue', [
      { atMs: at, value: 10, attributes: { shard: 'a' } },
      { atMs: at, value: 30, attributes: { shard: 'b' } },
    ]),
    gauge('balance', [{ atMs: at, value: -1 }]),
  ]);
  const [own] = values(bodies, [
    metric('queue'),
    metric('all', { instrument: 'queue', statistic: 'sum' }),
    metric('a', { instrument: 'queue', attributes: { shard: 'a' } }),
    metric('balance'),
  ]);
  expect(own).toEqual({
    queue: { value: 20 },
    all: { value: 40 },
    a: { value: 10 },
    balance: { value: null, reason: 'out_of_range' },
  });
});

test('a histogram is a level, its mean or its p95, by its observations', () => {
  const steps = (at: number) => {
    const all = total(10, at);
    const made = duration('cumulative', [
      { startMs: STARTED_MS, atMs: at, edges: [10, 20], counts: [all / 2, all / 2, 0], sum: all * 12 },
    ]);
    return { ...made, name: 'step', unit: 'rows' };
  };
  const [own] = values(
    exportsOf((at) => [steps(at)]),
    [
      metric('mean', { instrument: 'step' }),
      metric('p95', { instrument: 'step', statistic: 'p95' }),
      metric('sum', { instrument: 'step', statistic: 'sum' }),
      metric('rate', { ...counted, instrument: 'step', kind: 'rate' }),
    ],
  );
  expect(own).toMatchObject({
    mean: { value: expect.closeTo(12, 6), events: expect.closeTo(600, 3) },
    p95: { value: expect.closeTo(19, 6) },
    sum: { value: null, reason: 'not_measured' },
    rate: { value: expect.closeTo(10, 6) },
  });
});

test('what is counted of requests themselves, by their route', () => {
  const checkout = metric('checkout', {
    instrument: 'http.server.request.duration',
    attributes: { 'http.route': '/checkout' },
  });
  const bodies = Array.from({ length: 22 }, (_, index) => {
    const atMs = T0 - 5 * MINUTE_MS + index * EVERY_MS;
    const of = (route: string, each: number, mean: number) => {
      const all = total(each, atMs);
      const point = { startMs: STARTED_MS, atMs, edges: [0.1], counts: [all, 0], sum: all * mean };
      return { ...point, attributes: { 'http.route': route } };
    };
    return exportOf({ metrics: [duration('cumulative', [of('/', 20, 0.05), of('/checkout', 5, 0.4)])] });
  });
  const { minutes } = read(bodies, [checkout]);
  const [one] = minutes;
  if (one?.state !== 'known' || !one.sample.ok) throw new Error('no sample');
  expect(one.sample.reading.numbers.requests_per_sec).toBeCloseTo(25, 6);
  expect(one.sample.reading.facts?.custom?.checkout?.value).toBeCloseTo(0.4, 6);
});

test('each kind that an instrument is not is said in words, and so is what there is instead of a typo', () => {
  const bodies = exportsOf((at) => [
    cumulative('orders', { ok: 3, failed: 1 })(at),
    gauge('queue', [{ atMs: at, value: 7 }]),
    gauge('unnamed', [{ atMs: at, value: 7 }]),
  ]);
  const span = read(
    bodies,
    [
      metric('orders'),
      metric('quantile', { instrument: 'queue', statistic: 'p95' }),
      metric('rate', { ...counted, instrument: 'queue', kind: 'rate' }),
      metric('ordres'),
      { ...FAILED, attributes: { outcome: 'faild' } },
      metric('no', { attributes: { outcome: 'faild' }, instrument: 'orders', kind: 'rate', statistic: null }),
    ],
    { minutes: 3 },
  );
  const found = Object.fromEntries(examinedCustom(span, T0).map((one) => [one.name, one]));
  expect(found.orders?.problem).toBe('is a counter: its kind is rate or share');
  expect(found.quantile?.problem).toBe('is a gauge: a p95 is of a histogram');
  expect(found.rate?.problem).toBe('is no counter: gauges and sums that may fall are levels');
  expect(found.ordres?.problem).toBe(
    'no points of instrument ordres; there are: http.server.request.duration, unnamed',
  );
  expect(found.failed).toMatchObject({ value: 0, minutesWithData: 3, events: expect.closeTo(4, 6), problem: null });
  expect(found.failed?.warnings).toEqual([
    'no points of orders{outcome="faild"}; there are: outcome="failed", outcome="ok"',
  ]);
  expect(found.failed?.query).toBe('orders{outcome="faild"} / orders');
  expect(found.no?.problem).toMatch(/^no points of orders\{outcome="faild"\}/);
  const unkept = read(bodies, [ORDERS], { named: [] });
  expect(examinedCustom(unkept, T0)[0]?.problem).toMatch(/has been kept since this source was set/);
});

test('streams of one’s own count within the limit of the project, and attributes that nobody asks for are not kept', () => {
  const hostile = exportOf({
    metrics: [
      sum(
        'orders',
        'cumulative',
        Array.from({ length: 50 }, (_, user) => ({
          startMs: STARTED_MS,
          atMs: T0,
          value: 1,
          attributes: { user: `u${user}`, outcome: 'ok' },
        })),
      ),
    ],
  });
  const points = rowsOf([hostile], [FAILED], 10).flatMap((row) =>
    decodePoints(row.points).flatMap((one) => one.points),
  );
  expect(points).toHaveLength(10);
  expect(new Set(points.map(({ stream }) => stream)).size).toBe(10);
  expect(points[0]?.attributes).toEqual({ outcome: 'ok' });
  expect(rowsOf([hostile], [])).toEqual([]);
});

test('what is sent of one’s own makes no minute of the five numbers known or unknown', () => {
  const bodies = exportsOf((at) => [cumulative('orders', { ok: 3 })(at)]);
  const only = exportOf({ attributes: { job: '1' }, metrics: [cumulative('orders', { ok: 1 })(T0 - 20_000)] });
  const numbers = (named: readonly CustomInstrument[]) => {
    const [one] = spanOf(rowsOf([...bodies, only], named), { endMs: T0, minutes: 1, nowMs: T0 + 600_000 }).minutes;
    return one?.state === 'known' && one.sample.ok ? one.sample.reading : one;
  };
  expect(numbers([ORDERS])).toEqual(numbers([]));
});

test('of versions beside each other: shares and levels of the new one alone, rates of nobody', () => {
  const of = (version: string, failed: number) =>
    exportsOf((at) => [cumulative('orders', { ok: 10 - failed, failed })(at)], 5, { 'service.version': version });
  const rows = rowsOf([...of('1', 1), ...of('2', 5)], [FAILED]);
  const atStart = rows.filter(({ serviceVersion }) => serviceVersion === '1');
  const rollout = { startedAtMs: T0 - MINUTE_MS, version: '2', lastTryAtMs: null };
  const came = tellVersionsApart({ endMs: T0, rows }, rollout, atStart, [FAILED, ORDERS]);
  if (came?.outcome !== 'ok') throw new Error(JSON.stringify(came));
  expect(came.reading.facts?.custom).toEqual({
    failed: { value: expect.closeTo(0.5, 6), events: expect.closeTo(600, 3) },
    orders: { value: null, reason: 'not_measured' },
  });
});

const source: OtlpSource = {
  kind: 'otlp',
  projectId: 'p',
  env: 'prod',
  settings: { type: 'otlp', serviceName: null },
};

/** From where exports are looked for, first and then. */
const [NEAR, FAR] = [T0 - 135_000, T0 - 660_000];
const always = (_at: number) => true;

test.each([
  ['whose streams go on needs what lies near it', always, always, [NEAR]],
  ['of exports once a minute needs no more, at its full minute', always, (at: number) => at % 60_000 === 0, [NEAR]],
  ['of exports once a minute needs no more, within it', always, (at: number) => at % 60_000 === 15_000, [NEAR]],
  ['of exports every two minutes needs what lies before', always, (at: number) => at % 120_000 === 90_000, [NEAR, FAR]],
  ['in which a stream begins needs what lies before', (at: number) => at > T0 - 30_000, always, [NEAR, FAR]],
])('a minute %s', async (_what, isThere, isExported, from) => {
  const bodies = exportsOf(
    (at) =>
      isThere(at)
        ? [sum('process.cpu.time', 'cumulative', [{ startMs: STARTED_MS, atMs: at, value: total(0.5, at) }])]
        : [],
    15,
  ).filter((_, index) => isExported(T0 - 15 * MINUTE_MS + index * EVERY_MS));
  const asked: number[] = [];
  const rows = rowsOf(bodies, []) as (PointsRow & { atMs: number })[];
  const store = {
    listServices: async () => [],
    list: async ({ fromMs, toMs }: { fromMs: number; toMs: number }) => {
      asked.push(fromMs);
      return rows.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
    },
  };
  const span = { endMs: T0, minutes: 1, nowMs: T0 + 600_000 };
  const { minutes } = await readSpan(store, source, span);
  expect(asked).toEqual(from);
  expect(minutes).toEqual(spanOf(rows, span).minutes);
});
