import { describe, expect, test } from 'vitest';
import { toLogRecord } from '../../otel/signals/log-records.ts';
import { createLogger } from '../../src/log/log.ts';

/** The record of what the service's own logger prints. */
function recordOf(write: (log: ReturnType<typeof createLogger>) => void) {
  const lines: string[] = [];
  write(createLogger('trace', { write: (line: string) => lines.push(line) }));
  return toLogRecord(lines[0] ?? '');
}

describe('a log line as a log record', () => {
  test.each([
    ['trace', 1],
    ['debug', 5],
    ['info', 9],
    ['warn', 13],
    ['error', 17],
    ['fatal', 21],
  ] as const)('%s has severity %i', (level, severityNumber) => {
    expect(recordOf((log) => log[level]('x'))).toMatchObject({ severityText: level, severityNumber });
  });

  test('has its message as body, its event as name, its time, and its fields as attributes', () => {
    const record = recordOf((log) =>
      log.info({ event: 'verdict', deployment_id: 'd1', confidence: 0.9, failed_metrics: ['error_rate'] }, 'worse'),
    );
    expect(record).toMatchObject({ body: 'worse', eventName: 'verdict' });
    expect(record?.attributes).toEqual({
      'seqpulse.deployment.id': 'd1',
      'seqpulse.confidence': 0.9,
      'seqpulse.failed_metrics': '["error_rate"]',
    });
    expect(Math.abs(Number(record?.timestamp) - Date.now())).toBeLessThan(60_000);
  });

  test('of a request has the attributes that its span has', () => {
    const attributesOf = (method: string) =>
      recordOf((log) => log.info({ method, route: '/deployments', status: 405, duration_ms: 1.5 }, 'x'))?.attributes;
    const shared = { 'http.route': '/deployments', 'http.response.status_code': 405, 'seqpulse.duration_ms': 1.5 };
    expect(attributesOf('QUERY')).toEqual({ ...shared, 'http.request.method': 'QUERY' });
    expect(attributesOf('PURGE')).toEqual({
      ...shared,
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PURGE',
    });
  });

  test('has an error by the conventions for exceptions', () => {
    const record = recordOf((log) => log.error({ err: new TypeError('no') }, 'failed'));
    expect(record?.attributes).toMatchObject({ 'exception.type': 'TypeError', 'exception.message': 'no' });
    expect(record?.attributes?.['exception.stacktrace']).toContain('log-records.test.ts');
  });

  test.each(['', 'not JSON', '3', 'null'])('%j is none', (line) => expect(toLogRecord(line)).toBeNull());
});
