import { describe, expect, test } from 'vitest';
import type { Ablation, RuleTally } from '../../bench/verdict/ablation.ts';
import { leaveOutTable } from '../../bench/verdict/ablation.ts';
import { withFigures } from '../../bench/verdict/doc-tables.ts';
import { judgedPairs } from '../../bench/verdict/public/pairs.ts';
import type { Reading } from '../../bench/verdict/public/series.ts';
import { seeded } from '../../bench/verdict/random.ts';

const page = 'Before.\n\n<!-- figures: folds series -->\n\n```\nold\nfigures\n```\n\nAfter.\n\n```\nkept\n```\n';

describe('the tables of the page', () => {
  test('come from the figures, and nothing else changes', () => {
    const once = withFigures(page, () => ({ series: ['new'] }));
    expect(once).toBe(page.replace('old\nfigures', 'new'));
    expect(withFigures(once, () => ({ series: ['new'] }))).toBe(once);
  });

  test('a block that holds nothing yet takes nothing of what follows', () => {
    const empty = page.replace('old\nfigures\n', '');
    expect(withFigures(empty, () => ({ series: ['new'] }))).toBe(page.replace('old\nfigures', 'new'));
  });

  test('a block whose figures are missing is named', () => {
    expect(() => withFigures(page, () => ({}))).toThrow('results/folds.json holds no figures “series”');
  });

  test('each rule alone and left out, as shares of the cases', () => {
    const none = { falseAlarms: 0, hits: 0 };
    const tally: RuleTally = {
      findings: 0,
      falseAlone: 0,
      hitsAlone: 0,
      ...none,
      only: { falseAlarms: 1, hits: 5 },
      without: { falseAlarms: 2, hits: 8 },
    };
    const ablation = { healthy: 10, regressed: 10, falseAlarms: 2, hits: 9, metrics: {}, rules: { leak: tally } };
    const [, all, leak] = leaveOutTable(ablation as unknown as Ablation).split('\n');
    expect(all).toMatch(/^all rules +\.200 +\.900 +– +–$/);
    expect(leak).toMatch(/^leak +\.100 +\.500 +\.200 +\.800$/);
  });
});

test('pairs of a family are judged with each change that their readings have, away from what is marked', () => {
  const random = seeded(7);
  const readings: Reading[] = Array.from({ length: 300 }, () => ({ requests_per_sec: 50 + random() }));
  const family = { family: 'azure-llm', part: 'kept', readings } as const;
  const tallies = judgedPairs([family]);
  expect(tallies.map(({ change }) => change)).toEqual(['none', 'traffic ×.6', 'traffic ×.2']);
  expect(tallies.map(({ pairs, alarms }) => [pairs, alarms])).toEqual([
    [21, 0],
    [21, 21],
    [21, 21],
  ]);
  expect(tallies[2]).toMatchObject({ rollbacks: 21, rollbacksWithHistory: 21, early: 21 });
  const marked = new Set(readings.keys());
  expect(judgedPairs([{ ...family, marked }])).toEqual([]);
});
