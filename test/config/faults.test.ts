import { describe, expect, test } from 'vitest';
import { describeFaults, parseConfig } from '../../src/config/parse-config.ts';

function messageFor(env: Record<string, string>): string {
  const parsed = parseConfig(env);
  return parsed.ok ? '' : describeFaults(parsed.faults);
}

describe('describeFaults', () => {
  test('is one message with one line for each fault', () => {
    expect(messageFor({ PORT: 'http', SEQPULSE_PRE_SAMPLES: '61' })).toBe(
      [
        'SeqPulse did not start: 2 settings are wrong.',
        '  PORT: expected a whole number from 0 to 65535; got "http".',
        '  SEQPULSE_PRE_SAMPLES: expected a whole number from 1 to 60; got "61".',
        'All settings are described in docs/settings.md.',
      ].join('\n'),
    );
    expect(messageFor({ PORT: 'http' })).toContain('one setting is wrong.');
  });

  test('counts and lists faults that come as whole sentences too', () => {
    expect(describeFaults([], ['OTEL_X is wrong.']).split('\n').slice(0, 2)).toEqual([
      'SeqPulse did not start: one setting is wrong.',
      '  OTEL_X is wrong.',
    ]);
  });

  test('keeps a fault on its line and short, whatever the value holds', () => {
    const message = messageFor({ PORT: `1\n2\u001b[31m${'x'.repeat(500)}` });
    expect(message.split('\n')).toHaveLength(3);
    expect(message).not.toContain('\u001b');
    expect(message.length).toBeLessThan(300);
  });

  test.each([
    ['SEQPULSE_ADMIN_TOKEN', 'open sesame secret'],
    ['SEQPULSE_ADMIN_TOKEN', 'https://a:b@secret/ '.repeat(2)],
    ['SEQPULSE_SECRET_KEY', 'secret-abc'],
    ['DATABASE_URL', 'mysql://app:secret@db.example/seqpulse'],
    ['DATABASE_URL', 'mysql://app:secret@db.example/seqpulse?password=secret'],
    ['DATABASE_URL', 'postgres://app:12/secret@db.example/seqpulse x'],
    ['DATABASE_URL', 'postgres://app:sec@secret@db.example/seqpulse x'],
    ['DATABASE_URL', 'postgres://app:#secret@db.example/seqpulse'],
    ['DATABASE_URL', 'mysql://app@db.example/seqpulse#secret'],
    ['DATABASE_URL', 'host=db.example user=app password=secret'],
    ['DATABASE_URL', 'secret'],
  ])('never repeats the secret in %s=%s', (name, value) => {
    const message = messageFor({ [name]: value });
    expect(message).toContain(name);
    expect(message).not.toContain('secret@');
    expect(message.replace('SEQPULSE_SECRET_KEY', '')).not.toContain('secret');
  });

  test('shows a database URL without its password where that can be told', () => {
    expect(messageFor({ DATABASE_URL: 'mysql://app:hunter2@db.example:3306/seqpulse?x=y' })).toContain(
      'got "mysql://app:***@db.example:3306/seqpulse".',
    );
  });
});
