/** The environment as a value: unset and blank mean the same, as OpenTelemetry's specification says. */
export type Environment = Readonly<Record<string, string | undefined>>;

export function settingOf(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

/** A comma list without blanks and repetitions. */
export function listOf(value: string | undefined): string[] {
  const items = (value ?? '').split(',').map((item) => item.trim());
  return [...new Set(items)].filter((item) => item !== '');
}

/** `key=value` pairs in a comma list, percent-decoded: the form of headers and resource attributes. Null when it is not one. */
export function pairsOf(value: string | undefined): Record<string, string> | null {
  const pairs: Record<string, string> = {};
  for (const item of (value ?? '').split(',')) {
    if (item.trim() === '') continue;
    const equals = item.indexOf('=');
    if (equals <= 0) return null;
    try {
      pairs[decodeURIComponent(item.slice(0, equals).trim())] = decodeURIComponent(item.slice(equals + 1).trim());
    } catch {
      return null;
    }
  }
  return pairs;
}

/**
 * Every OTEL_* variable that is read here or by the SDK and set wrong, each with its name and what was expected.
 * The SDK itself only warns and goes on with a default; SeqPulse defaults nothing silently.
 */
export function findFaults(env: Environment): string[] {
  const faults: string[] = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    const value = settingOf(env, name);
    if (value === undefined) continue;
    const expected = check(value);
    if (expected === null) continue;
    const got = SECRET.test(name) ? '' : `; got ${JSON.stringify(value.slice(0, 60))}`;
    faults.push(`${name}: expected ${expected}${got}.`);
  }
  return faults;
}

/** Headers hold tokens and a URL may hold a password: their values are not repeated in a message. */
const SECRET = /_(HEADERS|ENDPOINT)$/;

/** What was expected, or null when the value is right. */
type Check = (value: string) => string | null;

const oneOf =
  (...allowed: string[]): Check =>
  (value) =>
    allowed.includes(value) ? null : allowed.join(' or ');

const oneOfInAnyCase =
  (...allowed: string[]): Check =>
  (value) =>
    oneOf(...allowed)(value.toLowerCase());

/** `none` means none, so it stands alone. */
const listFrom =
  (...allowed: string[]): Check =>
  (value) => {
    const items = listOf(value);
    const wrong = items.some((item) => !allowed.includes(item)) || (items.length > 1 && items.includes('none'));
    return wrong ? `none, or a comma list of ${allowed.filter((item) => item !== 'none').join(', ')}` : null;
  };

const wholeNumberAbove0: Check = (value) =>
  /^\d{1,9}$/.test(value) && Number(value) > 0 ? null : 'a whole number above 0';

const milliseconds: Check = (value) =>
  wholeNumberAbove0(value) === null ? null : 'a whole number of milliseconds above 0';

const ratio: Check = (value) => (Number(value) >= 0 && Number(value) <= 1 ? null : 'a number from 0 to 1');

const pairs: Check = (value) => (pairsOf(value) === null ? 'key=value pairs separated by commas' : null);

const httpUrl: Check = (value) =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) ? null : 'a URL such as http://collector:4318';

const httpProtobuf: Check = (value) =>
  value === 'http/protobuf' ? null : 'http/protobuf (port 4318 of a Collector; grpc and http/json are not built in)';

/** OTLP variables exist in a general form and for each signal. */
function forEachSignal(suffix: string, check: Check): Record<string, Check> {
  return Object.fromEntries(
    ['', 'METRICS_', 'TRACES_', 'LOGS_'].map((signal) => [`OTEL_EXPORTER_OTLP_${signal}${suffix}`, check]),
  );
}

const CHECKS: Readonly<Record<string, Check>> = {
  OTEL_SDK_DISABLED: oneOfInAnyCase('true', 'false'),
  OTEL_LOG_LEVEL: oneOfInAnyCase('none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_METRICS_EXPORTER: listFrom('prometheus', 'otlp', 'none'),
  OTEL_TRACES_EXPORTER: listFrom('otlp', 'console', 'none'),
  OTEL_LOGS_EXPORTER: listFrom('otlp', 'console', 'none'),
  OTEL_METRIC_EXPORT_INTERVAL: milliseconds,
  OTEL_METRIC_EXPORT_TIMEOUT: milliseconds,
  // Prometheus stores cumulative series only, and one reader serves both the scrape and the push.
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: oneOfInAnyCase('cumulative'),
  OTEL_TRACES_SAMPLER: oneOf(
    'always_on',
    'always_off',
    'traceidratio',
    'parentbased_always_on',
    'parentbased_always_off',
    'parentbased_traceidratio',
  ),
  OTEL_TRACES_SAMPLER_ARG: ratio,
  OTEL_PROPAGATORS: listFrom('tracecontext', 'baggage', 'b3', 'b3multi', 'none'),
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: wholeNumberAbove0,
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: wholeNumberAbove0,
  OTEL_BSP_SCHEDULE_DELAY: milliseconds,
  OTEL_BSP_EXPORT_TIMEOUT: milliseconds,
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumberAbove0,
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumberAbove0,
  OTEL_BLRP_SCHEDULE_DELAY: milliseconds,
  OTEL_BLRP_EXPORT_TIMEOUT: milliseconds,
  OTEL_BLRP_MAX_QUEUE_SIZE: wholeNumberAbove0,
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: wholeNumberAbove0,
  ...forEachSignal('ENDPOINT', httpUrl),
  ...forEachSignal('PROTOCOL', httpProtobuf),
  ...forEachSignal('HEADERS', pairs),
  ...forEachSignal('TIMEOUT', milliseconds),
  ...forEachSignal('COMPRESSION', oneOf('gzip', 'none')),
};
