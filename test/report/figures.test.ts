import { describe, expect, test } from 'vitest';
import { change, factor, joined, level, levels, range } from '../../src/report/figures.ts';
import { ago, duration, timeNear } from '../../src/report/times.ts';
import { worthOf } from '../../src/report/words.ts';
import type { MetricName } from '../../src/verdict/types.ts';

const together = (metric: MetricName, ...values: number[]) => levels(metric, values).map(joined).join(' → ');

describe('numbers', () => {
  test('shown together share unit and decimals', () => {
    expect(together('error_rate', 0.004, 0.0211)).toBe('0.40 % → 2.11 %');
    expect(together('memory_usage', 0.52, 0.518)).toBe('52.0 % → 51.8 %');
    expect(together('latency_p95', 9_800, 12_400)).toBe('9.8 s → 12.4 s');
    expect(together('requests_per_sec', 0.3, 12)).toBe('0.3/s → 12.0/s');
  });

  test('keep a unit of their own where they would vanish in the other', () => {
    expect(together('latency_p95', 48, 178_000)).toBe('48 ms → 178 s');
    expect(together('requests_per_sec', 1.39e6, 718e3)).toBe('1.39 M/s → 718 k/s');
  });

  test('what is not 0 never looks like 0, and 0 has no decimals', () => {
    expect(together('error_rate', 0, 0.93)).toBe('0 % → 93 %');
    expect(together('error_rate', 0.0004, 0.1234)).toBe('0.04 % → 12.34 %');
    expect(level('error_rate', 5e-324)).toBe('<0.01 %');
    expect(level('latency_p95', 1.7e308)).toBe('>1000000 s');
  });

  test('alone have no zeros at their end', () => {
    expect(level('error_rate', 0.008)).toBe('0.8 %');
    expect(level('cpu_usage', 1.06)).toBe('106 %');
    expect(level('latency_p95', 100)).toBe('100 ms');
    expect(level('requests_per_sec', 0.02)).toBe('1.2/min');
  });

  test('changes of shares are in points, with a true minus, in the unit of the levels beside them', () => {
    expect(change('error_rate', 0.0171)).toBe('+1.71 pts');
    expect(change('memory_usage', -0.002)).toBe('−0.2 pts');
    expect(change('requests_per_sec', -0.38, [43.1])).toBe('−0.38/s');
    expect(change('requests_per_sec', -0.38, [0.4])).toBe('−22.8/min');
  });

  test('a range begins with its low end', () => {
    expect(range('latency_p95', 472, 337)).toBe('+337 to +472 ms');
    expect(range('requests_per_sec', 7.49, -9.55)).toBe('−9.55 to +7.49/s');
    expect(range('latency_p95', 160, 196_000)).toBe('+160 ms to +196 s');
  });

  test('a factor stands only where it says something', () => {
    expect(factor(182, 583)).toBe('×3.2');
    expect(factor(0.01, 37)).toBe('×3700');
    expect(factor(100, 110)).toBeNull();
    expect(factor(0, 5)).toBeNull();
    expect(factor(10, 1)).toBe('×0.1');
  });
});

describe('times', () => {
  const now = Date.parse('2026-11-28T10:01:40Z');

  test.each([
    ['2026-11-28T10:01:10Z', 'just now'],
    ['2026-11-28T09:40:00Z', '21 min ago'],
    ['2026-11-27T12:00:00Z', '22 h ago'],
    ['2026-11-27T06:33:00Z', '27 Nov 06:33'],
    ['2025-11-27T06:33:00Z', '27 Nov 2025 06:33'],
  ])('%s is %s', (time, said) => expect(ago(Date.parse(time), now)).toBe(said));

  test.each([
    [62, '62 s'],
    [95, '1 min 35 s'],
    [300, '5 min'],
    [47 * 60, '47 min'],
    [200 * 60, '3 h 20 min'],
    [52 * 3600, '2 d 4 h'],
  ])('%d s is %s', (seconds, said) => expect(duration(seconds * 1000)).toBe(said));

  test('another day shows its date', () => {
    expect(timeNear(Date.parse('2026-11-25T15:59:00Z'), now)).toBe('25 Nov 15:59');
    expect(timeNear(Date.parse('2026-11-28T00:00:00Z'), now)).toBe('00:00');
  });
});

describe('what a verdict is worth', () => {
  test('alarms never more than nineteen of twenty, all-clears up to 99 of a hundred', () => {
    expect(worthOf(true, 0.999)).toBe('Of twenty alarms like this about nineteen are right.');
    expect(worthOf(true, 0.001)).toBe('Of twenty alarms like this about one is right.');
    expect(worthOf(false, 0.999)).toBe('Of a hundred all-clears like this about 99 are right.');
    expect(worthOf(false, 0.9)).toBe('Of twenty all-clears like this about eighteen are right.');
    expect(worthOf(true, 0.94, true)).toBe(
      'Of twenty alarms like this about nineteen are right that it got worse; whose doing it was they do not know.',
    );
    expect(worthOf(true, null)).toBe('');
  });
});
