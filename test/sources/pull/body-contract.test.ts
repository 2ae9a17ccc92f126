import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMetricsBody } from '../../../src/sources/pull/body-contract.ts';

const GOOD = { requests_per_sec: 12.4, latency_p95: 182, error_rate: 0.004, cpu_usage: 0.31, memory_usage: 0.52 };
type Field = keyof typeof GOOD;

const bodyWith = (changes: Record<string, unknown>) => JSON.stringify({ metrics: { ...GOOD, ...changes } });
const without = (field: Field) => {
  const { [field]: _left, ...rest } = GOOD;
  return JSON.stringify({ metrics: rest });
};
/** What is left out of a body with one number that is certainly good, or why the whole is refused. */
const faultsIn = (text: string) => {
  const parsed = parseMetricsBody(text);
  return parsed.ok ? parsed.leftOut.join('; ') : parsed.reason;
};
const readingOf = (text: string) => {
  const parsed = parseMetricsBody(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.reading;
};
/** A body with a word that JSON does not know in place of a field's value. */
const withRaw = (field: Field, raw: string) => bodyWith({ [field]: '@' }).replace('"@"', raw);

describe('parseMetricsBody', () => {
  test('reads the five numbers and ignores all else', () => {
    const text = JSON.stringify({ metrics: { ...GOOD, disk_usage: 'full' }, version: 7 });
    expect(parseMetricsBody(text)).toEqual({ ok: true, reading: { numbers: GOOD, missing: {} }, leftOut: [] });
  });

  test.each(Object.keys(GOOD) as Field[])(
    'leaves %s out, and says why, when it is missing, null, a string, a list or not finite',
    (field) => {
      expect(faultsIn(without(field))).toBe(`${field} is missing`);
      expect(faultsIn(bodyWith({ [field]: null }))).toBe(`${field} is null`);
      expect(faultsIn(bodyWith({ [field]: '0.5' }))).toBe(`${field} is a string, expected a number`);
      expect(faultsIn(bodyWith({ [field]: true }))).toBe(`${field} is a boolean, expected a number`);
      expect(faultsIn(bodyWith({ [field]: [0.5] }))).toBe(`${field} is an array, expected a number`);
      expect(faultsIn(withRaw(field, '1e999'))).toBe(`${field} is not finite`);
      expect(faultsIn(withRaw(field, '-1e999'))).toBe(`${field} is not finite`);
      for (const word of ['NaN', '-NaN', 'Infinity', '-Infinity', 'nan']) {
        expect(faultsIn(withRaw(field, word))).toBe(`${field} is null`);
      }
    },
  );

  test.each(['error_rate', 'cpu_usage', 'memory_usage'] as const)(
    'takes %s from 0 to 1 and nothing beside',
    (field) => {
      expect(faultsIn(bodyWith({ [field]: 0 }))).toBe('');
      expect(faultsIn(bodyWith({ [field]: 1 }))).toBe('');
      expect(faultsIn(bodyWith({ [field]: 1.7 }))).toBe(`${field} is 1.7, expected 0..1`);
      expect(faultsIn(bodyWith({ [field]: 1.0000001 }))).toBe(`${field} is 1.0000001, expected 0..1`);
      expect(faultsIn(bodyWith({ [field]: -1e-9 }))).toBe(`${field} is -1e-9, expected 0..1`);
    },
  );

  test.each(['requests_per_sec', 'latency_p95'] as const)('takes %s from 0 without a ceiling', (field) => {
    expect(faultsIn(bodyWith({ [field]: 0 }))).toBe('');
    expect(faultsIn(bodyWith({ [field]: 1e308 }))).toBe('');
    expect(faultsIn(bodyWith({ [field]: -0.1 }))).toBe(`${field} is -0.1, expected 0 or more`);
  });

  test('judges the four that are in contract when one is not, and says why that one is null', () => {
    const text = bodyWith({ cpu_usage: 1.02, error_rate: 0.4 });
    expect(readingOf(text)).toEqual({
      numbers: { ...GOOD, error_rate: 0.4, cpu_usage: null },
      missing: { cpu_usage: 'out_of_range' },
    });
    expect(readingOf(without('memory_usage')).missing).toEqual({ memory_usage: 'not_measured' });
    expect(readingOf(bodyWith({ memory_usage: '52 %' })).missing).toEqual({ memory_usage: 'out_of_range' });
  });

  test('takes 0/0 of an idle service, as many libraries print it, for "no requests"', () => {
    const idle = `{"metrics":{"requests_per_sec":0,"latency_p95":NaN,"error_rate": nan,"cpu_usage":0.1,"memory_usage":-Infinity}}`;
    expect(readingOf(idle)).toEqual({
      numbers: { requests_per_sec: 0, latency_p95: null, error_rate: null, cpu_usage: 0.1, memory_usage: null },
      missing: { latency_p95: 'no_requests', error_rate: 'no_requests', memory_usage: 'not_measured' },
    });
  });

  test('refuses a body without any of the five, and names them all', () => {
    expect(faultsIn('{"metrics":{}}')).toBe(
      'error_rate is missing; latency_p95 is missing; requests_per_sec is missing; cpu_usage is missing; memory_usage is missing',
    );
    expect(parseMetricsBody('{"metrics":{"cpu_usage":7}}').ok).toBe(false);
    expect(parseMetricsBody('{"metrics":{"cpu_usage":0.7}}').ok).toBe(true);
  });

  test('names every field at fault at once', () => {
    expect(faultsIn(bodyWith({ error_rate: 3, cpu_usage: null }))).toBe(
      'error_rate is 3, expected 0..1; cpu_usage is null',
    );
  });

  test.each([
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
    expect(faultsIn(text)).toBe(reason);
  });

  test('survives nesting as deep as 64 KiB allow', () => {
    expect(faultsIn(`${'['.repeat(32_768)}${']'.repeat(32_768)}`)).toContain('the answer is an array');
    expect(faultsIn('['.repeat(65_536))).toBe('the answer is not JSON');
  });

  test('repeats no text of a body in a reason', () => {
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
    expect(faultsIn(bodyWith({ cpu_usage: 's3cret' }))).not.toContain('s3cret');
  });

  test('yields finite numbers in range or a reason of at most 400 characters, whatever the fields hold', () => {
    const value = fc.oneof(fc.jsonValue(), fc.double(), fc.constant('@'));
    fc.assert(
      fc.property(fc.record({ error_rate: value, latency_p95: value, cpu_usage: value }), (changes) => {
        const parsed = parseMetricsBody(bodyWith(changes));
        if (!parsed.ok) {
          expect(parsed.reason.length).toBeLessThanOrEqual(400);
          return;
        }
        const { requests_per_sec, latency_p95, ...ratios } = parsed.reading.numbers;
        for (const number of [requests_per_sec, latency_p95]) expect(number === null || number >= 0).toBe(true);
        for (const ratio of Object.values(ratios)) expect(ratio === null || (ratio >= 0 && ratio <= 1)).toBe(true);
        const nulls = Object.entries(parsed.reading.numbers).flatMap(([name, value]) => (value === null ? [name] : []));
        expect(Object.keys(parsed.reading.missing).sort()).toEqual(nulls.sort());
      }),
      { numRuns: 1_000 },
    );
  });
});
