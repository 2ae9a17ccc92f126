import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { duration, exponentialDuration, exportOf, gauge } from '../../../harness/otlp-bodies.ts';
import { fromSettings, toSettings } from '../../../src/db/stored-settings.ts';
import { decodePoints } from '../../../src/sources/otlp/decode-stored.ts';
import { encodePoints } from '../../../src/sources/otlp/stored-points.ts';
import { rowsOf, T0 } from './support.ts';

/** What was pushed, and how an OTLP source was set, as yesterday's release stored it. */

const YESTERDAY =
  '12120a10000000000000594000000000000069400aab01090000000000001c4010011a3a09000000000000f03f100118012002290000bace96b7794231000060dd96b77942410000000000000840490000000000406f4050015a030102001a4109000000000000004010012001290000bace96b7794231000060dd96b779424100000000000008405a0102600669000000000000f03f7003790000000000408f401a1f090000000000000840100d200031000060dd96b7794239000000000000d03f';

const SENDERS = [
  {
    sender: 7,
    isComplete: false,
    points: [
      {
        stream: 1,
        instrument: 1,
        part: 1,
        temporality: 'cumulative',
        startMs: T0 - 60_000,
        timeMs: T0,
        value: { count: 3, sumMs: 250, buckets: { edgesMs: [100, 200], counts: [1, 2, 0] } },
      },
      {
        stream: 2,
        instrument: 1,
        part: 0,
        temporality: 'delta',
        startMs: T0 - 60_000,
        timeMs: T0,
        value: {
          count: 3,
          sumMs: null,
          buckets: { scale: 3, unitMs: 1_000, zeroCount: 1, offset: -2, counts: [2] },
        },
      },
      { stream: 3, instrument: 13, part: 0, temporality: 'level', startMs: 0, timeMs: T0, value: 0.25 },
    ],
  },
] as const;

test('a row of before instruments of one’s own reads as it did, and is written as it was', () => {
  expect(decodePoints(Buffer.from(YESTERDAY, 'hex'))).toEqual(SENDERS);
  expect(Buffer.from(encodePoints(SENDERS)).toString('hex')).toBe(YESTERDAY);
});

test('a row of today with what is watched, what else came and attributes', () => {
  const [sender] = SENDERS;
  const points = [
    { ...sender.points[2], attributes: { outcome: 'failed', shop: 'a' } },
    { ...sender.points[2], stream: 4, attributes: { outcome: 'failed', shop: 'a' } },
    { ...sender.points[2], stream: 5 },
  ];
  const today = [{ sender: 7, isComplete: true, points, watched: [2_147_483_649], others: ['disk.free', 'é'] }];
  expect(decodePoints(encodePoints(today))).toEqual(today);
});

test('an export becomes the bytes that the last release made of it: two releases side by side store it once', () => {
  const point = (route: string) => ({
    startMs: T0 - 600_000,
    atMs: T0,
    attributes: { 'http.route': route, 'http.response.status_code': 200 },
  });
  const body = exportOf({
    attributes: { 'service.name': 'shop', 'service.version': '1' },
    metrics: [
      duration('cumulative', [
        { ...point('/a'), edges: [0.1, 0.5], counts: [5, 4, 3], sum: 4.2 },
        { ...point('/b'), edges: [0.1, 1], counts: [5, 4, 3], sum: 4.2 },
        { ...point('/c'), edges: [0.1, 0.5], counts: [1, 4, 3], sum: 3.2 },
      ]),
      exponentialDuration('delta', [{ ...point('/a'), scale: 4, offset: -30, counts: [1, 2, 3], zero: 1, sum: 2 }]),
      gauge('process.cpu.utilization', [{ atMs: T0, value: 0.4 }]),
    ],
  });
  const rows = rowsOf([body]).map(({ points }) => hash('sha256', points, 'hex'));
  expect(rows).toEqual(['b2dbba37d0349cfee8e68482e11e5c019e716d80aa96dbef5be67fcd525f392a']);
});

const METRIC = {
  name: 'failed',
  unit: '',
  kind: 'share',
  worse: 'up',
  matters: { relative: null, absolute: 0.02 },
  isCounted: true,
  instrument: 'orders',
  attributes: { outcome: 'failed' },
  statistic: null,
  of: { instrument: 'orders', attributes: {} },
} as const;

test('settings of an OTLP source as yesterday, today, tomorrow and nobody wrote them', () => {
  const settings = { type: 'otlp', serviceName: 'shop', custom: [METRIC] } as const;
  expect(toSettings(JSON.parse(fromSettings(settings)))).toEqual(settings);
  const bare = { type: 'otlp', serviceName: 'shop' };
  expect(toSettings({ shape: 4, ...bare })).toEqual(bare);
  const tomorrow = {
    shape: 9,
    ...bare,
    custom: [{ ...METRIC, statistic: 'median', attributes: { outcome: 'failed', n: 7 } }],
  };
  expect(toSettings(tomorrow)).toEqual(settings);
  for (const custom of [7, [7], [{ ...METRIC, instrument: 7 }], [{ ...METRIC, kind: 'odd' }], []]) {
    expect(toSettings({ shape: 9, ...bare, custom })).toEqual(bare);
  }
});
