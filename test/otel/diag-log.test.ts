import { DiagLogLevel } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { createDiagLog, diagLogLevelOf } from '../../otel/settings/diag-log.ts';

function openLog(secrets: string[] = []) {
  const lines: string[] = [];
  const clock = { nowUnixMs: Date.parse('2030-01-01T00:00:00Z') };
  const log = createDiagLog({ writeLine: (line) => lines.push(line), nowUnixMs: () => clock.nowUnixMs, secrets });
  return { log, clock, messages: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('diagnostics', () => {
  test('are lines in the shape of the service’s log', () => {
    const { log, messages } = openLog();
    log.error('export failed', new Error('connect ECONNREFUSED 127.0.0.1:4318'));
    expect(messages()).toEqual([
      {
        level: 'warn',
        time: '2030-01-01T00:00:00.000Z',
        event: 'telemetry_diagnostic',
        msg: 'export failed: connect ECONNREFUSED 127.0.0.1:4318',
      },
    ]);
  });

  test('warn at most once a minute, errors included, and say how many warnings were left out', () => {
    const { log, clock, messages } = openLog();
    log.error('first');
    clock.nowUnixMs += 59_999;
    log.warn('second');
    log.error('third');
    expect(messages().map(({ msg }) => msg)).toEqual(['first']);
    clock.nowUnixMs += 1;
    log.error('fourth');
    expect(messages().map(({ msg, suppressed }) => [msg, suppressed])).toEqual([
      ['first', undefined],
      ['fourth', 2],
    ]);
  });

  test('strike out secrets wherever they stand', () => {
    const { log, messages } = openLog(['sesame']);
    log.error('refused', new Error('header "Bearer sesame" and again sesame'));
    expect(messages()[0]?.msg).toBe('refused: header "Bearer ***" and again ***');
  });

  test('leave objects out, for they may hold headers', () => {
    const { log, messages } = openLog();
    log.warn('sending', { headers: { authorization: 'Bearer sesame' } });
    expect(messages()[0]?.msg).toBe('sending');
  });

  test('name an error without a message by its code', () => {
    const { log, messages } = openLog();
    log.warn('export failed', Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }));
    expect(messages()[0]?.msg).toBe('export failed: ECONNREFUSED');
  });

  test('cut a long message at 300 characters', () => {
    const { log, messages } = openLog();
    log.warn('x'.repeat(301));
    expect(messages()[0]?.msg).toBe('x'.repeat(300));
  });
});

test('OTEL_LOG_LEVEL has its standard levels', () => {
  const levels = ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'].map(diagLogLevelOf);
  expect(levels).toEqual([
    DiagLogLevel.NONE,
    DiagLogLevel.ERROR,
    DiagLogLevel.WARN,
    DiagLogLevel.INFO,
    DiagLogLevel.DEBUG,
    DiagLogLevel.VERBOSE,
    DiagLogLevel.ALL,
  ]);
});
