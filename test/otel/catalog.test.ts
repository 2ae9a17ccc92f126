import { describe, expect, test } from 'vitest';
import { allMetrics } from '../../otel/catalog/catalog.ts';
import { closedLabelSets, type Metric, seriesLimitOf } from '../../otel/catalog/metric.ts';

/** name | kind | labels | buckets: dashboards and alert rules outside this repository rely on every cell. */
const CONTRACT = `
seqpulse_http_requests_total | counter | method,path,status_code |
seqpulse_http_request_duration_seconds | histogram | method,path | 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2 5
seqpulse_scheduler_jobs_pending | gauge | |
seqpulse_scheduler_jobs_overdue | gauge | |
seqpulse_scheduler_jobs_failed_total | counter | |
seqpulse_scheduler_job_start_delay_seconds | histogram | job_type | 0.5 1 2 5 10 30 60 120 300 600
seqpulse_metrics_collected_total | counter | phase |
seqpulse_baseline_samples_total | counter | |
seqpulse_analysis_duration_seconds | histogram | outcome | 0.05 0.1 0.25 0.5 1 2 5 10
seqpulse_analysis_verdict_total | counter | verdict |
seqpulse_analysis_failed_metric_total | counter | metric,critical |
seqpulse_verdict_feedback_total | counter | verdict,correct |
seqpulse_late_checks_total | counter | hours,verdict |
seqpulse_notifications_total | counter | channel,outcome |
seqpulse_analysis_last_outcome_timestamp_seconds | gauge | outcome |
seqpulse_target_request_duration_seconds | histogram | outcome | 0.01 0.025 0.05 0.1 0.25 0.5 1 2 5 10
seqpulse_clock_offset_seconds | gauge | |`;

function rowOf(metric: Metric): string {
  const labels = metric.labels.map(({ name }) => name).join(',');
  return [metric.name, metric.kind, labels, metric.buckets?.join(' ') ?? ''].join(' | ').replace(/ +/g, ' ').trimEnd();
}

function valuesOf(name: string, label: string): unknown {
  return allMetrics.find((metric) => metric.name === name)?.labels.find((each) => each.name === label)?.values;
}

describe('the catalogue', () => {
  test('holds the contracted metrics with exactly their names, kinds, labels and buckets', () => {
    const rows = allMetrics.filter(({ name }) => name.startsWith('seqpulse_')).map(rowOf);
    expect(`\n${rows.join('\n')}`).toBe(CONTRACT);
  });

  test('has closed label sets with exactly the contracted values', () => {
    expect(valuesOf('seqpulse_metrics_collected_total', 'phase')).toEqual(['pre', 'post']);
    expect(valuesOf('seqpulse_scheduler_job_start_delay_seconds', 'job_type')).toEqual([
      'pre_collect',
      'post_collect',
      'analysis',
    ]);
    const verdicts = ['ok', 'attention', 'rollback_recommended', 'insufficient_data'];
    expect(valuesOf('seqpulse_analysis_verdict_total', 'verdict')).toEqual(verdicts);
    expect(valuesOf('seqpulse_verdict_feedback_total', 'verdict')).toEqual(verdicts);
    expect(valuesOf('seqpulse_verdict_feedback_total', 'correct')).toEqual(['true', 'false']);
    expect(valuesOf('seqpulse_analysis_duration_seconds', 'outcome')).toEqual([...verdicts, 'not_found', 'error']);
    expect(valuesOf('seqpulse_target_request_duration_seconds', 'outcome')).toEqual([
      'ok',
      'timeout',
      'unreachable',
      'bad_status',
      'bad_body',
      'forbidden_address',
    ]);
  });

  test('holds the process and runtime metrics that operators look for', () => {
    const names = allMetrics.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'process_cpu_seconds_total',
        'process_resident_memory_bytes',
        'process_virtual_memory_bytes',
        'process_start_time_seconds',
        'process_open_fds',
        'nodejs_version_info',
        'nodejs_eventloop_delay_p99_seconds',
        'nodejs_eventloop_utilization_ratio',
        'v8js_gc_duration_seconds',
        'v8js_memory_heap_used_bytes',
      ]),
    );
  });

  test('names no metric and no instrument twice', () => {
    const names = allMetrics.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const instruments = allMetrics.map(({ recordedAs: { meter, instrument } }) => `${meter} ${instrument}`);
    expect(new Set(instruments).size).toBe(instruments.length);
  });

  test.each(allMetrics)('$name carries its unit, so that the Collector appends none', ({ name, kind, unit }) => {
    // The OpenTelemetry → Prometheus rules: unit in words, `ratio` for gauges of unit 1, `total` for counters, last.
    const words = { s: 'seconds', By: 'bytes', '1': 'ratio' }[unit];
    const parts = name.split('_');
    if (words === undefined) expect(unit).toMatch(/^\{[a-z]+\}$/);
    else expect(parts).toContain(words);
    expect(parts.at(-1) === 'total').toBe(kind === 'counter');
    expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/);
  });

  test.each(allMetrics.filter(({ kind }) => kind === 'histogram'))('$name has ascending buckets', ({ buckets }) => {
    expect(buckets?.length).toBeGreaterThan(0);
    expect(buckets).toEqual([...(buckets ?? [])].sort((a, b) => a - b));
  });

  test.each(allMetrics)('$name has a limit of label sets that its closed sets fit into', (metric) => {
    expect(seriesLimitOf(metric)).toBeGreaterThanOrEqual(closedLabelSets(metric)?.length ?? 1);
    expect(seriesLimitOf(metric)).toBeLessThanOrEqual(2000);
  });
});
