import { expect, test } from 'vitest';
import { headlineOf } from '../../src/report/headline.ts';
import type { Finding, MetricName, Severity } from '../../src/verdict/types.ts';

const finding = (metric: MetricName, severity: Severity, baseline: number | null, observed: number | null) =>
  ({ metric, severity, baseline, observed }) as Finding;

test.each([
  [
    'the worst first',
    [finding('error_rate', 'attention', 0.004, 0.0211), finding('latency_p95', 'critical', 182, 583.2)],
    'p95 latency rose from 182 ms to 583 ms and errors rose from 0.40 % to 2.11 %',
  ],
  ['a fall', [finding('requests_per_sec', 'critical', 12.4, 0.126)], 'traffic fell from 12.40/s to 0.13/s'],
  [
    'what passed is not named',
    [finding('cpu_usage', 'attention', 0.31, 0.42), finding('memory_usage', 'none', 0.5, 0.6)],
    'CPU rose from 31 % to 42 %',
  ],
  [
    'what does not fit is counted',
    [
      finding('error_rate', 'critical', 0.004, 0.0211),
      finding('latency_p95', 'critical', 182, 583.2),
      finding('requests_per_sec', 'attention', 12.44, 6),
      finding('cpu_usage', 'attention', 0.31, 0.42),
      finding('memory_usage', 'attention', 0.5, 0.62),
    ],
    'errors rose from 0.40 % to 2.11 %, p95 latency rose from 182 ms to 583 ms, traffic fell from 12.4/s to 6.0/s and 2 more',
  ],
  ['a metric without numbers', [finding('latency_p95', 'attention', 182, null)], 'metrics got worse'],
])('%s', (_, details, headline) => {
  expect(headlineOf({ verdict: 'rollback_recommended', details })).toBe(headline);
  expect(headline.length).toBeLessThanOrEqual(120);
});

test('numbers of any size fit', () => {
  const metrics = ['error_rate', 'latency_p95', 'requests_per_sec', 'cpu_usage', 'memory_usage'] as const;
  const details = metrics.map((metric) => finding(metric, 'critical', 1.7e308, 5e-324));
  expect(headlineOf({ verdict: 'attention', details }).length).toBeLessThanOrEqual(120);
});

test('without an alarm it says that', () => {
  expect(headlineOf({ verdict: 'ok', details: [] })).toBe('no metric got worse');
  expect(headlineOf({ verdict: 'insufficient_data', details: [] })).toBe('not enough data to say');
});
