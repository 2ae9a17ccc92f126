import { createNoopMeter, type Meter } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { numberOf, seriesOf } from '../../harness/exposition.ts';
import { catalog } from '../../otel/catalog/catalog.ts';
import { createInstruments } from '../../otel/metrics/instruments.ts';
import { recordEverything, scrapeText, startTestTelemetry } from './support/metrics.ts';

describe('verbs', () => {
  test('count each request once, by its labels, over any number of scrapes', async () => {
    await using telemetry = await startTestTelemetry();
    const request = { method: 'GET', route: '/health', statusCode: 200, durationSeconds: 0.001 };
    const counted = async (status: string) =>
      numberOf(await scrapeText(telemetry), 'seqpulse_http_requests_total', { path: '/health', status_code: status });
    telemetry.instruments.httpRequestHandled(request);
    telemetry.instruments.httpRequestHandled(request);
    telemetry.instruments.httpRequestHandled({ ...request, statusCode: 503 });
    expect(await counted('200')).toBe(2);
    expect(await counted('503')).toBe(1);
    telemetry.instruments.httpRequestHandled(request);
    expect(await counted('200')).toBe(3);
    expect(await counted('200')).toBe(3);
    expect(await counted('503')).toBe(1);
  });

  test('record what they are told', async () => {
    await using telemetry = await startTestTelemetry();
    recordEverything(telemetry);
    const text = await scrapeText(telemetry);
    const expected: [string, Record<string, string>, number][] = [
      ['seqpulse_http_requests_total', { method: 'POST', path: '/deployments/trigger', status_code: '200' }, 1],
      ['seqpulse_http_requests_total', { method: 'GET', path: '__unmatched__', status_code: '404' }, 1],
      ['seqpulse_http_request_duration_seconds_sum', { method: 'POST', path: '/deployments/trigger' }, 0.02],
      ['seqpulse_http_request_duration_seconds_bucket', { path: '/deployments/trigger', le: '0.01' }, 0],
      ['seqpulse_http_request_duration_seconds_bucket', { path: '/deployments/trigger', le: '0.025' }, 1],
      ['seqpulse_scheduler_job_start_delay_seconds_bucket', { job_type: 'analysis', le: '600' }, 0],
      ['seqpulse_scheduler_job_start_delay_seconds_bucket', { job_type: 'analysis', le: '+Inf' }, 1],
      ['seqpulse_scheduler_jobs_failed_total', {}, 1],
      ['seqpulse_metrics_collected_total', { phase: 'pre' }, 1],
      ['seqpulse_metrics_collected_total', { phase: 'post' }, 1],
      ['seqpulse_baseline_samples_total', {}, 7],
      ['seqpulse_analysis_duration_seconds_count', { outcome: 'error' }, 1],
      ['seqpulse_analysis_last_outcome_timestamp_seconds', { outcome: 'error' }, 1_900_000_000],
      ['seqpulse_analysis_verdict_total', { verdict: 'rollback_recommended' }, 1],
      ['seqpulse_analysis_verdict_total', { verdict: 'attention' }, 0],
      ['seqpulse_analysis_failed_metric_total', { metric: 'error_rate', critical: 'true' }, 1],
      ['seqpulse_analysis_failed_metric_total', { metric: 'error_rate', critical: 'false' }, 0],
      ['seqpulse_analysis_failed_metric_total', { metric: 'latency_p95', critical: 'false' }, 1],
      ['seqpulse_verdict_feedback_total', { verdict: 'attention', correct: 'false' }, 1],
      ['seqpulse_verdict_feedback_total', { verdict: 'attention', correct: 'true' }, 0],
      ['seqpulse_late_checks_total', { hours: '1', verdict: 'attention' }, 1],
      ['seqpulse_late_checks_total', { hours: '24', verdict: 'attention' }, 0],
      ['seqpulse_target_request_duration_seconds_bucket', { outcome: 'timeout', le: '5' }, 0],
      ['seqpulse_target_request_duration_seconds_bucket', { outcome: 'timeout', le: '10' }, 1],
    ];
    for (const [name, labels, value] of expected) {
      expect(numberOf(text, name, labels), `${name} ${JSON.stringify(labels)}`).toBe(value);
    }
  });

  test('count a duration below 0 as 0: the database’s clock and ours differ', async () => {
    await using telemetry = await startTestTelemetry();
    telemetry.instruments.jobStarted({ jobType: 'analysis', startDelaySeconds: -0.2 });
    const text = await scrapeText(telemetry);
    expect(numberOf(text, `${catalog.jobStartDelay.name}_count`)).toBe(1);
    expect(numberOf(text, `${catalog.jobStartDelay.name}_sum`)).toBe(0);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('leave a duration of %d out of the sum', async (seconds) => {
    await using telemetry = await startTestTelemetry();
    telemetry.instruments.targetRead({ outcome: 'ok', durationSeconds: seconds });
    telemetry.instruments.targetRead({ outcome: 'ok', durationSeconds: 2 });
    telemetry.instruments.analysisFinished({ outcome: 'ok', durationSeconds: 1, atUnixSeconds: seconds });
    const text = await scrapeText(telemetry);
    expect(numberOf(text, `${catalog.targetRequestDuration.name}_sum`)).toBe(2);
    expect(seriesOf(text, catalog.analysisLastOutcome.name)).toEqual([]);
  });

  test('never throw, whatever they are given', async () => {
    await using telemetry = await startTestTelemetry();
    const { instruments } = telemetry;
    const nonsense = [undefined, null, 1n, Symbol('x'), {}, Object.create(null), { outcome: Object.create(null) }];
    for (const verb of Object.values(instruments)) {
      for (const argument of nonsense) expect(() => (verb as (given: unknown) => void)(argument)).not.toThrow();
    }
    expect((await telemetry.scrape()).status).toBe(200);
  });

  test('do nothing on a meter that does nothing', () => {
    const instruments = createInstruments(createNoopMeter());
    expect(() => instruments.verdictReached({ verdict: 'ok', failedMetrics: [] })).not.toThrow();
  });
});

test('wrong set-up throws: a meter that cannot create an instrument', () => {
  const broken = {
    ...createNoopMeter(),
    createCounter: () => {
      throw new Error('no counters here');
    },
  } as unknown as Meter;
  expect(() => createInstruments(broken)).toThrow('no counters here');
});
