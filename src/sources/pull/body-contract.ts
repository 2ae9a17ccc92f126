import { METRICS, type MetricName } from '../../verdict/types.ts';

export type ParsedMetrics =
  | { readonly ok: true; readonly metrics: Readonly<Record<MetricName, number>> }
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
 * Checks `{"metrics":{…}}`: all five fields are finite numbers in their range, others are ignored.
 * `reason` names every field at fault in one clause each; of the body it repeats at most the numbers of those fields.
 */
export function parseMetricsBody(text: string): ParsedMetrics {
  if (text.trim() === '') return refused('the answer is empty');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refused(whyNotJson(text));
  }
  if (!isObject(body)) return refused(`the answer is ${kindOf(body)}, expected {"metrics":{…}}`);
  const fields = body.metrics;
  if (!isObject(fields)) {
    return refused(fields === undefined ? 'metrics is missing' : `metrics is ${kindOf(fields)}, expected an object`);
  }
  const faults = METRICS.map((name) => faultOf(name, fields[name])).filter((fault) => fault !== null);
  if (faults.length > 0) return refused(faults.join('; '));
  return { ok: true, metrics: forEachMetric((name) => Number(fields[name])) };
}

function faultOf(name: MetricName, value: unknown): string | null {
  if (value === undefined) return `${name} is missing`;
  if (typeof value !== 'number') return `${name} is ${kindOf(value)}, expected a number`;
  // JSON has no Infinity, but 1e999 is read as one.
  if (!Number.isFinite(value)) return `${name} is not finite`;
  if (value >= 0 && value <= CEILING[name]) return null;
  return `${name} is ${value}, expected ${CEILING[name] === 1 ? '0..1' : '0 or more'}`;
}

/** Python's json module and others print NaN where JSON has no word for it: by far the likeliest way to break a body. */
function whyNotJson(text: string): string {
  const name = METRICS.find((metric) => new RegExp(`"${metric}"\\s*:\\s*[+-]?(NaN|Infinity)\\b`, 'i').test(text));
  if (name !== undefined) return `${name} is NaN or Infinity, expected a finite number`;
  return text.trimStart().startsWith('<') ? 'the answer is HTML or XML, not JSON' : 'the answer is not JSON';
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function forEachMetric(read: (name: MetricName) => number): Record<MetricName, number> {
  return Object.fromEntries(METRICS.map((name) => [name, read(name)])) as Record<MetricName, number>;
}

function refused(reason: string): ParsedMetrics {
  return { ok: false, reason };
}
