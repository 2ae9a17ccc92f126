import { expect, test } from 'vitest';
import { summarizeFeedback } from '../../src/verdict/precision.ts';
import { FITTED_BAD_SHARE, trustOf } from '../../src/verdict/trust.ts';
import type { VerdictName } from '../../src/verdict/types.ts';

test('where as many deployments are bad as where it was fitted, a confidence is what it says', () => {
  expect(trustOf('attention', 0.9, FITTED_BAD_SHARE)?.rightShare).toBeCloseTo(0.9, 3);
  expect(trustOf('ok', 0.9, FITTED_BAD_SHARE)?.rightShare).toBeCloseTo(0.9, 3);
});

test('where one in ten is bad an alarm is right less often than it says, an ok more often', () => {
  const alarm = trustOf('attention', 0.92);
  expect(alarm).toMatchObject({ badShare: 0.1 });
  // Odds 11.5 of one in 1.78 bad ones, over odds of one in nine.
  expect(alarm?.rightShare).toBeCloseTo(0.694, 2);
  expect(alarm?.text).toBe('of ten alarms like this about seven are right where one of ten deployments is bad');
  expect(trustOf('ok', 0.92)?.rightShare).toBeGreaterThan(0.92);
  expect(trustOf('ok', 0.99)?.text).toMatch(
    /^of a hundred verdicts “ok” like this about 99 are right where one of ten deployments is bad$/,
  );
});

test('the project’s own share is said', () => {
  expect(trustOf('rollback_recommended', 0.9, 0.3)?.text).toBe(
    'of ten alarms like this about nine are right where three of ten deployments are bad',
  );
  expect(trustOf('attention', 0.6, 0.02)?.text).toMatch(/where 2 of a hundred deployments are bad$/);
  expect(trustOf('insufficient_data', 0)).toBeNull();
});

const counted = (of: Partial<Record<VerdictName, [total: number, given: number, correct: number]>>) =>
  summarizeFeedback(
    new Map(
      Object.entries(of).map(([verdict, [total, given, correct]]) => [
        verdict as VerdictName,
        { total, given, correct },
      ]),
    ),
  );

test('recall is the share of the marked bad deployments that had raised an alarm', () => {
  const summary = counted({ ok: [50, 6, 2], attention: [8, 6, 5], rollback_recommended: [2, 2, 1] });
  expect(summary).toMatchObject({ missed: 4, precision: { value: 6 / 8 }, recall: { value: 6 / 10 } });
  expect(counted({ ok: [50, 2, 2] })).toMatchObject({ missed: 0, recall: null, badShare: null });
});

test('the share of bad deployments needs five marked alarms and leans to one in ten', () => {
  expect(counted({ ok: [96, 0, 0], attention: [4, 4, 4] }).badShare).toBeNull();
  const few = counted({ ok: [95, 0, 0], attention: [5, 5, 5] }).badShare ?? 0;
  const many = counted({ ok: [60, 0, 0], attention: [40, 40, 40] }).badShare ?? 0;
  expect(few).toBeGreaterThan(0.04);
  expect(few).toBeLessThan(0.1);
  expect(many).toBeGreaterThan(0.25);
});
