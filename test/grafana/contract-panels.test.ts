import { expect, test } from 'vitest';
import { committedDashboards } from './committed-dashboards.ts';

/** docs of the contract: these texts are what existing installations rely on, so they are written out here again. */
const CONTRACT = {
  'HTTP Requests/s': 'sum(rate(seqpulse_http_requests_total[5m]))',
  'HTTP Latency p95': 'histogram_quantile(0.95, sum(rate(seqpulse_http_request_duration_seconds_bucket[5m])) by (le))',
  'Scheduler Pending Jobs': 'seqpulse_scheduler_jobs_pending',
  'Scheduler Failed Jobs (1h)': 'increase(seqpulse_scheduler_jobs_failed_total[1h])',
  'Metrics Collected/s by Phase': 'sum by (phase) (rate(seqpulse_metrics_collected_total[5m]))',
  'Analysis Duration p95 by Outcome':
    'histogram_quantile(0.95, sum(rate(seqpulse_analysis_duration_seconds_bucket[5m])) by (le, outcome))',
};

const panelsOf = (uid: string) =>
  committedDashboards().find(({ dashboard }) => dashboard.uid === uid)?.dashboard.panels ?? [];

test.each(Object.entries(CONTRACT))('Monitoring MVP has the panel %s with exactly its PromQL', (title, expr) => {
  const panel = panelsOf('seqpulse-monitoring-mvp').find((one) => one.title === title);
  expect(panel?.targets?.map((target) => target.expr)).toEqual([expr]);
});

test('Monitoring MVP has the error rate as its seventh panel, and no eighth', () => {
  const titles = panelsOf('seqpulse-monitoring-mvp').map(({ title }) => title);
  expect(titles).toHaveLength(7);
  expect(titles).toContain('HTTP Error Rate (%)');
});

test('the operations dashboard opens with a row of tiles', () => {
  const tiles = panelsOf('seqpulse-operations').slice(0, 8);
  expect(tiles.map(({ type }) => type)).toEqual(Array.from({ length: 8 }, () => 'stat'));
});
