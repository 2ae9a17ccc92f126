import { expect, test } from 'vitest';
import { dueTurns } from '../../src/baseline/due-turns.ts';

const at = (minute: number, second: number, ms = 0) => (minute * 60 + second) * 1000 + ms;
const secondsOf = (lastMs: number | null, nowMs: number) =>
  dueTurns(lastMs === null ? null : Math.floor(lastMs / 1000), nowMs).turns.map(({ minute, second }) => [
    minute,
    second,
  ]);

test('the first look takes the current second alone: what was due before the start is not made up for', () => {
  expect(secondsOf(null, at(7, 30, 400))).toEqual([[7, 30]]);
});

test('each second is a turn once, also over the end of a minute', () => {
  expect(secondsOf(at(7, 58), at(7, 59))).toEqual([[7, 59]]);
  expect(secondsOf(at(7, 59), at(8, 0, 3))).toEqual([[8, 0]]);
  expect(secondsOf(at(8, 0), at(8, 0, 999))).toEqual([]);
});

test('a pause of five seconds is made up for, of a longer one only the last five', () => {
  expect(secondsOf(at(7, 50), at(7, 55))).toHaveLength(5);
  expect(secondsOf(at(7, 50), at(7, 56))).toEqual([
    [7, 52],
    [7, 53],
    [7, 54],
    [7, 55],
    [7, 56],
  ]);
  expect(secondsOf(at(7, 50), at(9_000, 0))).toHaveLength(5);
});

test('after the clock was set back only the current second is taken', () => {
  expect(secondsOf(at(7, 50), at(7, 40))).toEqual([[7, 40]]);
});

test('a turn knows when it began', () => {
  expect(dueTurns(null, at(7, 30, 400)).turns[0]?.startMs).toBe(at(7, 30));
});
