import { expect, test } from 'vitest';
import { silentTimes, without } from '../../src/baseline/silent-times.ts';
import type { LevelChange, LevelJudgement } from '../../src/model/level.ts';
import { QUIET } from '../verdict/samples.ts';

const ended = (endedAtMs: number | null, judgement: LevelJudgement = 'unknown'): LevelChange => ({
  deploymentId: `d${endedAtMs}`,
  number: 1,
  metricsEndpoint: 'http://app.example/metrics',
  startedAtMs: 0,
  finishedAtMs: 0,
  endedAtMs,
  judgement,
  baselineSource: 'continuous',
  withoutGoodBaseline: false,
});

/** A reading every 10 ms from 0 on, with so many requests a second; null: nobody counted. */
const readings = (...rps: (number | null)[]) =>
  rps.map((requests_per_sec, i) => ({ ...QUIET, requests_per_sec, collectedAtMs: i * 10, lateSeconds: 0 }));

test('silence after a deployment of which nothing is known lasts until a request comes', () => {
  expect(silentTimes([ended(5)], readings(3, 0, 0, 2, 0), 50)).toEqual([{ fromMs: 5, toMs: 30 }]);
  expect(silentTimes([ended(5)], readings(3, 0, 0, 0, 0), 50)).toEqual([{ fromMs: 5, toMs: 50 }]);
  expect(silentTimes([ended(5), ended(35)], readings(3, 0, 2, 2, 0, 0), 60)).toEqual([
    { fromMs: 5, toMs: 20 },
    { fromMs: 35, toMs: 60 },
  ]);
});

test('a pause after a deployment that was judged is none, nor one that nobody counted, nor before its end', () => {
  expect(silentTimes([ended(5, 'good'), ended(5, 'bad')], readings(3, 0, 0), 30)).toEqual([]);
  expect(silentTimes([ended(10)], readings(3, null, 0), 30)).toEqual([]);
  expect(silentTimes([ended(null), ended(99)], readings(0, 0, 0), 30)).toEqual([]);
});

test('what is cut out of a span leaves its ends', () => {
  const spans = [
    { fromMs: 0, toMs: 10 },
    { fromMs: 20, toMs: 30 },
  ];
  expect(without(spans, [])).toEqual(spans);
  expect(without(spans, [{ fromMs: 5, toMs: 25 }])).toEqual([
    { fromMs: 0, toMs: 5 },
    { fromMs: 25, toMs: 30 },
  ]);
  expect(without(spans, [{ fromMs: 2, toMs: 4 }])[1]).toEqual({ fromMs: 4, toMs: 10 });
  expect(without(spans, [{ fromMs: 0, toMs: 30 }])).toEqual([]);
});
