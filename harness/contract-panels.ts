/** The panels of the metrics contract, word for word: dashboards elsewhere have them, so ours are held against this copy. */
export const CONTRACT_PANELS = {
  'HTTP Requests/s': 'sum(rate(seqpulse_http_requests_total[5m]))',
  'HTTP Latency p95': 'histogram_quantile(0.95, sum(rate(seqpulse_http_request_duration_seconds_bucket[5m])) by (le))',
  'Scheduler Pending Jobs': 'seqpulse_scheduler_jobs_pending',
  'Scheduler Failed Jobs (1h)': 'increase(seqpulse_scheduler_jobs_failed_total[1h])',
  'Metrics Collected/s by Phase': 'sum by (phase) (rate(seqpulse_metrics_collected_total[5m]))',
  'Analysis Duration p95 by Outcome':
    'histogram_quantile(0.95, sum(rate(seqpulse_analysis_duration_seconds_bucket[5m])) by (le, outcome))',
} as const;
