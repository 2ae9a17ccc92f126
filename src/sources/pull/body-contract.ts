import type { Reading } from '../../model/sample.ts';
import { METRICS, type MetricName, type MissingReason } from '../../verdict/types.ts';

export type ParsedMetrics =
  | { readonly ok: true; readonly reading: Reading; readonly leftOut: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** Requests/s and milliseconds have no ceiling, the ratios end at 1. */
const CEILING: Readonly<Record<MetricName, number>> = {
  requests_per_sec: Number.POSITIVE_INFINITY,
  latency_p95: Number.POSITIVE_INFINITY,
  error_rate: 1,
  cpu_usage: 1,
  memory_usage: 1,
};

/**
 * Reads `{"metrics":{…}}` (docs/contract.md). A number that is missing or outside its range is left out with its reason,
 * and the others count; a body with none of the five is refused. `leftOut` and `reason` name every field at fault in one
 * clause each; of the body they repeat at most the numbers of those fields.
 */
export function parseMetricsBody(text: string): ParsedMetrics {
  if (text.trim() === '') return refused('the answer is empty');
  const body = parseJson(text);
  if (body === undefined) {
    return refused(text.trimStart().startsWith('<') ? 'the answer is HTML or XML, not JSON' : 'the answer is not JSON');
  }
  if (!isObject(body)) return refused(`the answer is ${kindOf(body)}, expected {"metrics":{…}}`);
  const fields = body.metrics;
  if (!isObject(fields)) {
    return refused(fields === undefined ? 'metrics is missing' : `metrics is ${kindOf(fields)}, expected an object`);
  }
  const checked = METRICS.map((name) => [name, check(name, fields[name])] as const);
  const leftOut = checked.flatMap(([name, { clause }]) => (clause === null ? [] : [`${name} ${clause}`]));
  if (leftOut.length === METRICS.length) return refused(leftOut.join('; '));
  const numbers = Object.fromEntries(checked.map(([name, { number }]) => [name, number])) as Reading['numbers'];
  const missing: Partial<Record<MetricName, MissingReason>> = {};
  for (const [name, { reason }] of checked) if (reason !== null) missing[name] = reason;
  // Without a request there is no latency to measure, and none of them failed: no fault of the application.
  if (numbers.requests_per_sec === 0) {
    for (const name of ['latency_p95', 'error_rate'] as const)
      if (missing[name] === 'not_measured') missing[name] = 'no_requests';
  }
  return { ok: true, reading: { numbers, missing }, leftOut };
}

interface Checked {
  readonly number: number | null;
  readonly reason: MissingReason | null;
  /** What is wrong, after the field's name. */
  readonly clause: string | null;
}

function check(name: MetricName, value: unknown): Checked {
  const missing = (clause: string): Checked => ({ number: null, reason: 'not_measured', clause });
  const outside = (clause: string): Checked => ({ number: null, reason: 'out_of_range', clause });
  if (value === undefined) return missing('is missing');
  if (value === null) return missing('is null');
  if (typeof value !== 'number') return outside(`is ${kindOf(value)}, expected a number`);
  // JSON has no Infinity, but 1e999 is read as one.
  if (!Number.isFinite(value)) return outside('is not finite');
  if (value < 0 || value > CEILING[name]) {
    return outside(`is ${value}, expected ${CEILING[name] === 1 ? '0..1' : '0 or more'}`);
  }
  return { number: value, reason: null, clause: null };
}

/** As many libraries write it: JSON has no word for what 0/0 comes to. Read as null, so that the other numbers count. */
const NOT_A_NUMBER = /(:\s*)[+-]?(?:NaN|Infinity)\b/gi;

/** undefined: it is not JSON. */
function parseJson(text: string): unknown {
  for (const candidate of [text, text.replace(NOT_A_NUMBER, '$1null')]) {
    try {
      return JSON.parse(candidate);
    } catch {
      // The next one, or none.
    }
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(reason: string): ParsedMetrics {
  return { ok: false, reason };
}
