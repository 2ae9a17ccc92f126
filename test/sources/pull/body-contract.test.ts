import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMetricsBody } from '../../../src/sources/pull/body-contract.ts';

const GOOD = { requests_per_sec: 12.4, latency_p95: 182, error_rate: 0.004, cpu_usage: 0.31, memory_usage: 0.52 };
type Field = keyof typeof GOOD;

const bodyWith = (changes: Record<string, unknown>) => JSON.stringify({ metrics: { ...GOOD, ...changes } });
const without = (field: Field) => {
  const { [field]: _left, ...rest } = GOOD;
  return JSON.stringify({ metrics: rest });
};
const verdictOn = (text: string) => {
  const parsed = parseMetricsBody(text);
  return parsed.ok ? 'ok' : parsed.reason;
};
/** A body with a word that JSON does not know in place of a field's value. */
const withRaw = (field: Field, raw: string) => bodyWith({ [field]: '@' }).replace('"@"', raw);

describe('parseMetricsBody', () => {
  it('reads the five numbers and ignores all else', () => {
    const text = JSON.stringify({ metrics: { ...GOOD, disk_usage: 'full' }, version: 7 });
    expect(parseMetricsBody(text)).toEqual({ ok: true, metrics: GOOD });
  });

  it.each(Object.keys(GOOD) as Field[])(
    'names %s when it is missing, null, a string, a list or not finite',
    (field) => {
      expect(verdictOn(without(field))).toBe(`${field} is missing`);
      expect(verdictOn(bodyWith({ [field]: null }))).toBe(`${field} is null, expected a number`);
      expect(verdictOn(bodyWith({ [field]: '0.5' }))).toBe(`${field} is a string, expected a number`);
      expect(verdictOn(bodyWith({ [field]: true }))).toBe(`${field} is a boolean, expected a number`);
      expect(verdictOn(bodyWith({ [field]: [0.5] }))).toBe(`${field} is an array, expected a number`);
      expect(verdictOn(withRaw(field, '1e999'))).toBe(`${field} is not finite`);
      expect(verdictOn(withRaw(field, '-1e999'))).toBe(`${field} is not finite`);
      for (const word of ['NaN', '-NaN', 'Infinity', '-Infinity', 'nan']) {
        expect(verdictOn(withRaw(field, word))).toBe(`${field} is NaN or Infinity, expected a finite number`);
      }
    },
  );

  it.each(['error_rate', 'cpu_usage', 'memory_usage'] as const)('takes %s from 0 to 1 and nothing beside', (field) => {
    expect(verdictOn(bodyWith({ [field]: 0 }))).toBe('ok');
    expect(verdictOn(bodyWith({ [field]: 1 }))).toBe('ok');
    expect(verdictOn(bodyWith({ [field]: 1.7 }))).toBe(`${field} is 1.7, expected 0..1`);
    expect(verdictOn(bodyWith({ [field]: 1.0000001 }))).toBe(`${field} is 1.0000001, expected 0..1`);
    expect(verdictOn(bodyWith({ [field]: -1e-9 }))).toBe(`${field} is -1e-9, expected 0..1`);
  });

  it.each(['requests_per_sec', 'latency_p95'] as const)('takes %s from 0 without a ceiling', (field) => {
    expect(verdictOn(bodyWith({ [field]: 0 }))).toBe('ok');
    expect(verdictOn(bodyWith({ [field]: 1e308 }))).toBe('ok');
    expect(verdictOn(bodyWith({ [field]: -0.1 }))).toBe(`${field} is -0.1, expected 0 or more`);
  });

  it('names every field at fault at once', () => {
    expect(verdictOn(bodyWith({ error_rate: 3, cpu_usage: null }))).toBe(
      'error_rate is 3, expected 0..1; cpu_usage is null, expected a number',
    );
  });

  it.each([
    ['', 'the answer is empty'],
    [' \n', 'the answer is empty'],
    ['<!doctype html><title>Sign in</title>', 'the answer is HTML or XML, not JSON'],
    ['requests_per_sec 12', 'the answer is not JSON'],
    ['{"metrics":', 'the answer is not JSON'],
    ['null', 'the answer is null, expected {"metrics":{…}}'],
    ['[]', 'the answer is an array, expected {"metrics":{…}}'],
    ['5', 'the answer is a number, expected {"metrics":{…}}'],
    ['{}', 'metrics is missing'],
    [JSON.stringify(GOOD), 'metrics is missing'],
    ['{"metrics":null}', 'metrics is null, expected an object'],
    ['{"metrics":[]}', 'metrics is an array, expected an object'],
    ['{"__proto__":{"metrics":{}}}', 'metrics is missing'],
  ])('refuses %j', (text, reason) => {
    expect(verdictOn(text)).toBe(reason);
  });

  it('survives nesting as deep as 64 KiB allow', () => {
    expect(verdictOn(`${'['.repeat(32_768)}${']'.repeat(32_768)}`)).toContain('the answer is an array');
    expect(verdictOn('['.repeat(65_536))).toBe('the answer is not JSON');
  });

  it('repeats no text of a body in a reason', () => {
    const secretive = fc.anything().map((value) => JSON.stringify({ metrics: value, s3cret: 's3cret' }) ?? 's3cret');
    fc.assert(
      fc.property(
        fc.oneof(
          secretive,
          fc.string().map((text) => `s3cret${text}`),
        ),
        (text) => {
          const parsed = parseMetricsBody(text);
          expect(parsed.ok ? '' : parsed.reason).not.toContain('s3cret');
        },
      ),
    );
    expect(verdictOn(bodyWith({ cpu_usage: 's3cret' }))).not.toContain('s3cret');
  });

  it('yields finite numbers in range or a reason of at most 400 characters, whatever the fields hold', () => {
    const value = fc.oneof(fc.jsonValue(), fc.double(), fc.constant('@'));
    fc.assert(
      fc.property(fc.record({ error_rate: value, latency_p95: value, cpu_usage: value }), (changes) => {
        const parsed = parseMetricsBody(bodyWith(changes));
        if (!parsed.ok) {
          expect(parsed.reason.length).toBeLessThanOrEqual(400);
          return;
        }
        const { requests_per_sec, latency_p95, ...ratios } = parsed.metrics;
        for (const number of [requests_per_sec, latency_p95]) expect(number).toBeGreaterThanOrEqual(0);
        for (const ratio of Object.values(ratios)) expect(ratio >= 0 && ratio <= 1).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
