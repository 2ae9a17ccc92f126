import { expect, test } from 'vitest';
import { marked } from '../../src/pages/overview-page.ts';
import { markdownOf } from '../../src/report/markdown.ts';
import { markup } from '../../src/report/markup.ts';
import { reportOf } from '../../src/report/report.ts';
import { madeDeployment, NOW_MS, STEADY } from './support.ts';

const CALM = {
  hours: 1,
  at: '2026-11-28T10:47:36Z',
  verdict: 'ok',
  confidence: 0.8,
  summary: 'An hour later: nothing got worse in error rate, p95 latency and memory.',
  details: [],
} as const;
const WORSE = {
  ...CALM,
  hours: 24,
  verdict: 'attention',
  summary: 'A day later: p95 latency was 291 ms over the last half hour, 182 ms before.',
} as const;

function reported(checks: readonly (typeof CALM | typeof WORSE)[]) {
  const { deployment } = madeDeployment(STEADY, { more: { late_checks: checks } });
  return reportOf(deployment, NOW_MS, []);
}

test('what got worse since an ok comes first, in the report, in Markdown and in lists; the verdict stays ok', () => {
  const report = reported([CALM, WORSE]);
  expect(report.badge).toBe('OK');
  expect(report.later).toEqual([
    { isWorse: true, text: `Worse since the verdict. ${WORSE.summary}` },
    { isWorse: false, text: CALM.summary },
  ]);
  expect(markdownOf(report)).toMatch(/Worse since the verdict\. A day later[\s\S]*An hour later/);
  expect(markup`${marked(report)}`.markup).toBe(' <span class="said">worse since</span>');
});

test('what is still well is said, and marks nothing', () => {
  const report = reported([CALM]);
  expect(report.later).toEqual([{ isWorse: false, text: CALM.summary }]);
  expect(markup`${marked(report)}`.markup).toBe('');
});
