import { type Attributes, type LogRecord, SeverityNumber } from '@opentelemetry/api';
import { HTTP_METHODS } from '../catalog/catalog.ts';

/** https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
const SEVERITY: Readonly<Record<string, SeverityNumber>> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/**
 * One line of the service's log (JSON, src/log/log.ts) as a log record: what is exported is what is printed, neither more
 * nor less. Trace and span are not taken from the line but from the context that the record is emitted in.
 *
 * @returns null for what is not such a line.
 */
export function toLogRecord(line: string): LogRecord | null {
  const entry = parseEntry(line);
  if (entry === null) return null;
  const { level, time, msg, event, trace_id: _trace, span_id: _span, err, ...rest } = entry;
  const timestamp = Date.parse(String(time));
  return {
    severityText: String(level),
    severityNumber: SEVERITY[String(level)] ?? SeverityNumber.UNSPECIFIED,
    ...(Number.isNaN(timestamp) ? {} : { timestamp }),
    ...(typeof event === 'string' ? { eventName: event } : {}),
    body: String(msg ?? ''),
    attributes: { ...attributesOf(rest), ...exceptionOf(err) },
  };
}

function parseEntry(line: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Fields that spans and conventions have too, by the same names, so that one search finds both. */
const SHARED: Readonly<Record<string, string>> = {
  deployment_id: 'seqpulse.deployment.id',
  verdict: 'seqpulse.verdict.name',
  route: 'http.route',
  status: 'http.response.status_code',
};

/** What is not shared goes under our own prefix, as the conventions ask: no later one of theirs will mean another thing. */
function attributesOf(fields: Readonly<Record<string, unknown>>): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'method') Object.assign(attributes, methodOf(String(value)));
    else attributes[SHARED[name] ?? `seqpulse.${name}`] = flatten(value);
  }
  return attributes;
}

function flatten(value: unknown): string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value) ? (value as string) : JSON.stringify(value);
}

/** https://opentelemetry.io/docs/specs/semconv/registry/attributes/http: a method that they do not know is `_OTHER`. */
function methodOf(method: string): Attributes {
  return HTTP_METHODS.includes(method as (typeof HTTP_METHODS)[number])
    ? { 'http.request.method': method }
    : { 'http.request.method': '_OTHER', 'http.request.method_original': method };
}

/** https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs */
function exceptionOf(err: unknown): Attributes {
  if (typeof err !== 'object' || err === null) return {};
  const { type, message, stack } = err as { type?: unknown; message?: unknown; stack?: unknown };
  return {
    ...(typeof type === 'string' ? { 'exception.type': type } : {}),
    ...(typeof message === 'string' ? { 'exception.message': message } : {}),
    ...(typeof stack === 'string' ? { 'exception.stacktrace': stack } : {}),
  };
}
