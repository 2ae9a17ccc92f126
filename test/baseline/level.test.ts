import { describe, expect, test } from 'vitest';
import { levelOf, unquietTimes } from '../../src/baseline/level.ts';
import type { LevelChange, LevelJudgement } from '../../src/model/level.ts';

const MINUTE = 60_000;

/** A deployment from minute `start` to `finish`, observed for five; null = never finished, given up at `start` + 120. */
function deployment(number: number, start: number, finish: number | null, judgement: LevelJudgement): LevelChange {
  return {
    deploymentId: `d${number}`,
    number,
    metricsEndpoint: 'http://app.example/metrics',
    startedAtMs: start * MINUTE,
    finishedAtMs: finish === null ? null : finish * MINUTE,
    endedAtMs: (finish === null ? start + 120 : finish + 5) * MINUTE,
    judgement,
    baselineSource: 'continuous',
    withoutGoodBaseline: false,
  };
}

function level(...history: LevelChange[]) {
  const found = levelOf(history, 0, 1_000 * MINUTE);
  return {
    good: found.goodSpans.map((span) => [span.fromMs / MINUTE, span.toMs / MINUTE]),
    brokenBy: found.brokenBy?.number ?? null,
    acceptedSince: found.acceptedSinceMs === null ? null : found.acceptedSinceMs / MINUTE,
  };
}

const goodSince = (...judgements: LevelJudgement[]): number | null =>
  levelOf(
    judgements.map((judgement, index) => deployment(index + 1, 100 * (index + 1), 100 * (index + 1) + 3, judgement)),
    0,
    1_000 * MINUTE,
  ).goodSince?.number ?? null;

test.each<[LevelJudgement[], number | null]>([
  [[], null],
  [['good', 'unknown', 'good'], 1],
  [['good', 'bad'], null],
  [['good', 'bad', 'unknown', 'good', 'good'], 4],
  [['good', 'accepted', 'good'], 2],
])('after %j the state is good since deployment %j', (judgements, number) => {
  expect(goodSince(...judgements)).toBe(number);
});

describe('the level of an environment', () => {
  test('is good where nothing was ever judged', () => {
    expect(level()).toEqual({ good: [[0, 1_000]], brokenBy: null, acceptedSince: null });
  });

  test('stays good through a deployment judged ok, but for the time from its start to its finish', () => {
    expect(level(deployment(1, 100, 103, 'good')).good).toEqual([
      [0, 100],
      [103, 1_000],
    ]);
  });

  test('is bad from the start of a deployment judged bad', () => {
    expect(level(deployment(1, 100, 103, 'bad'))).toEqual({ good: [[0, 100]], brokenBy: 1, acceptedSince: null });
  });

  test('stays bad through further bad ones, and the first of them is the one that broke it', () => {
    const bad = [deployment(1, 100, 103, 'bad'), deployment(2, 200, 203, 'bad')];
    expect(level(...bad)).toMatchObject({ good: [[0, 100]], brokenBy: 1 });
  });

  test('is good again from the finish of the next ok on', () => {
    const history = [deployment(1, 100, 103, 'bad'), deployment(2, 200, 203, 'good')];
    expect(level(...history)).toEqual({
      good: [
        [0, 100],
        [203, 1_000],
      ],
      brokenBy: null,
      acceptedSince: null,
    });
  });

  test('is good from the finish of a deployment whose new level somebody calls right, and what is older is another level', () => {
    const history = [deployment(1, 100, 103, 'accepted')];
    expect(level(...history)).toEqual({
      good: [
        [0, 100],
        [103, 1_000],
      ],
      brokenBy: null,
      acceptedSince: 103,
    });
  });

  test.each(['good', 'bad'] as const)(
    'an unknown one changes nothing about a %s state; its own window is not quiet',
    (before) => {
      const history = [deployment(1, 100, 103, before), deployment(2, 200, 203, 'unknown')];
      const { good, brokenBy } = level(...history);
      expect(brokenBy).toBe(before === 'bad' ? 1 : null);
      expect(good).toEqual(
        before === 'bad'
          ? [[0, 100]]
          : [
              [0, 100],
              [103, 200],
              [208, 1_000],
            ],
      );
    },
  );

  test('after an abandoned one it is quiet again when its deadline has passed', () => {
    expect(level(deployment(1, 100, null, 'unknown')).good).toEqual([
      [0, 100],
      [220, 1_000],
    ]);
  });

  test('nothing is quiet while a deployment is open', () => {
    const open = { ...deployment(1, 100, null, 'unknown'), endedAtMs: null };
    expect(level(open).good).toEqual([[0, 100]]);
  });

  test('a window that is cut short by the next deployment adds no time twice', () => {
    const history = [deployment(1, 100, 103, 'unknown'), deployment(2, 105, 110, 'good')];
    expect(level(...history).good).toEqual([
      [0, 100],
      [110, 1_000],
    ]);
  });
});

test('what an A/A check must not look at is everything but the good, quiet times', () => {
  const history = [deployment(1, 100, 103, 'bad'), deployment(2, 200, 203, 'good'), deployment(3, 300, 302, 'unknown')];
  const times = unquietTimes(history, 50 * MINUTE, 400 * MINUTE).map((span) => [
    span.fromMs / MINUTE,
    span.toMs / MINUTE,
  ]);
  expect(times).toEqual([
    [100, 203],
    [300, 307],
  ]);
  expect(unquietTimes([], 0, 10)).toEqual([]);
});
