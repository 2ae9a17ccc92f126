import { describe, expect, test } from 'vitest';
import { compareStored, ruleOf } from '../../collector/comparison/differences.ts';
import { countsOf, seriesDifferences, valueDifferences } from '../../collector/comparison/panels.ts';
import type { StoredMetrics, StoredSeries } from '../../collector/comparison/stored-series.ts';
import { CONTRACT_PANELS } from '../../harness/contract-panels.ts';

const series = (name: string, labels: Record<string, string>, last: number, more: Partial<StoredSeries> = {}) => ({
  name,
  labels,
  last,
  least: last,
  most: last,
  ...more,
});
const stored = (...all: StoredSeries[]): StoredMetrics => ({ series: all, types: new Map() });
const differences = (one: StoredMetrics, other: StoredMetrics) =>
  compareStored(one, other).flatMap((metric) => metric.differences);

const FAILED = 'seqpulse_scheduler_jobs_failed_total';
const MEMORY = 'process_resident_memory_bytes';

describe('comparing what two Prometheus have stored', () => {
  test('finds nothing where all is the same', () => {
    const one = stored(series(FAILED, { a: '1', b: '2' }, 3));
    expect(differences(one, stored(series(FAILED, { b: '2', a: '1' }, 3)))).toEqual([]);
  });

  test('names a label that only one way has, from both sides', () => {
    expect(differences(stored(series(FAILED, {}, 3)), stored(series(FAILED, { otel_scope_name: 'x' }, 3)))).toEqual([
      `${FAILED}{}: only from the service`,
      `${FAILED}{otel_scope_name="x"}: only the other way`,
    ]);
  });

  test('names a metric that was renamed on the way', () => {
    const found = differences(stored(series(MEMORY, {}, 3)), stored(series(`${MEMORY}_total`, {}, 3)));
    expect(found).toHaveLength(2);
  });

  test('holds a counter to the same number', () => {
    expect(differences(stored(series(FAILED, {}, 3)), stored(series(FAILED, {}, 4)))).toHaveLength(1);
  });

  test('lets memory move within a quarter of what was read, and no further', () => {
    const read = stored(series(MEMORY, {}, 100, { least: 80, most: 120 }));
    const other = (last: number) => stored(series(MEMORY, {}, last));
    expect(differences(read, other(150))).toEqual([]);
    expect(differences(read, other(50))).toEqual([]);
    expect(differences(read, other(151))).toHaveLength(1);
    expect(differences(read, other(49))).toHaveLength(1);
  });

  test('tells another type', () => {
    const one: StoredMetrics = { ...stored(series(FAILED, {}, 1)), types: new Map([[FAILED, 'counter']]) };
    const other: StoredMetrics = { ...stored(series(FAILED, {}, 1)), types: new Map([[FAILED, 'gauge']]) };
    expect(differences(one, other)).toEqual([`${FAILED}: type counter from the service, gauge the other way`]);
  });

  test('compares no values of readings since the last reading, and those of the start exactly', () => {
    expect(ruleOf('nodejs_eventloop_delay_p99_seconds')).toBe('not compared');
    expect(ruleOf('nodejs_eventloop_time_seconds_total')).toBe('within readings');
    expect(ruleOf('process_start_time_seconds')).toBe('equal');
    expect(ruleOf('seqpulse_analysis_verdict_total')).toBe('equal');
    expect(ruleOf('target_info')).toBe('equal');
    expect(ruleOf('up')).toBe('equal');
  });
});

describe('comparing panels', () => {
  const answer = (value: number) => new Map([['{}', value]]);

  test('asks for the counts in place of their change', () => {
    expect(countsOf(CONTRACT_PANELS['HTTP Latency p95'])).toBe(
      'histogram_quantile(0.95, sum(seqpulse_http_request_duration_seconds_bucket) by (le))',
    );
    expect(countsOf(CONTRACT_PANELS['Scheduler Failed Jobs (1h)'])).toBe('seqpulse_scheduler_jobs_failed_total');
    for (const expr of Object.values(CONTRACT_PANELS)) expect(countsOf(expr)).not.toMatch(/rate|increase|\[/);
  });

  test('takes rates whose scrapes came at other times for the same, and counts for the same when they are equal', () => {
    expect(seriesDifferences(answer(100), answer(66))).toEqual([]);
    expect(valueDifferences(answer(100), answer(100))).toEqual([]);
    expect(valueDifferences(answer(Number.NaN), answer(Number.NaN))).toEqual([]);
    expect(valueDifferences(answer(100), answer(101))).toEqual(['{}: 100 and 101']);
    expect(valueDifferences(answer(100), new Map())).toEqual(['{}: 100 and nothing']);
  });

  test('wants the same series, and a number in one of them', () => {
    expect(seriesDifferences(answer(1), new Map([['{phase="pre"}', 1]]))).toHaveLength(2);
    expect(seriesDifferences(new Map(), new Map())).toHaveLength(1);
    expect(seriesDifferences(answer(Number.NaN), answer(Number.NaN))).toHaveLength(1);
  });
});
