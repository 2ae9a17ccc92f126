import { listOf, pairsOf } from './environment.ts';

/** What one OTEL_* variable may hold. */
export interface Rule {
  /** In words, after “expected”. */
  readonly expected: string;
  read(value: string): Reading;
}

/** `usable`: the value as the SDK is to see it, null when nothing of it can be used. `right`: all of it was usable. */
export interface Reading {
  readonly usable: string | null;
  readonly right: boolean;
}

/** Names are written in any case: https://opentelemetry.io/docs/specs/otel/configuration/common/#enum */
function oneOf(...allowed: string[]): Rule {
  return {
    expected: allowed.join(' or '),
    read(value) {
      const known = allowed.includes(value.toLowerCase());
      return { usable: known ? value.toLowerCase() : null, right: known };
    },
  };
}

/** What is known of the list is kept. `none` means none, so beside something else it means nothing. */
function listFrom(...allowed: string[]): Rule {
  return {
    expected: `none, or a comma list of ${allowed.join(', ')}`,
    read(value) {
      const items = listOf(value.toLowerCase());
      if (items.length === 1 && items[0] === 'none') return { usable: 'none', right: true };
      const known = items.filter((item) => allowed.includes(item));
      return { usable: known.length === 0 ? null : known.join(','), right: known.length === items.length };
    },
  };
}

function matching(expected: string, fits: (value: string) => boolean): Rule {
  return { expected, read: (value) => (fits(value) ? { usable: value, right: true } : { usable: null, right: false }) };
}

const isWholeNumber = (value: string): boolean => /^\d{1,9}$/.test(value);
const isAbove0 = (value: string): boolean => isWholeNumber(value) && Number(value) > 0;

const wholeNumber = matching('a whole number', isWholeNumber);
const wholeNumberAbove0 = matching('a whole number above 0', isAbove0);
const milliseconds = matching('a whole number of milliseconds above 0', isAbove0);
const ratio = matching('a number from 0 to 1', (value) => Number(value) >= 0 && Number(value) <= 1);
const pairs = matching('key=value pairs separated by commas', (value) => pairsOf(value) !== null);

const isUrl = (value: string, scheme: RegExp): boolean => URL.canParse(value) && scheme.test(new URL(value).protocol);

/** The rule for endpoints, which depends on the protocol that is spoken there: with grpc the scheme may be left out. */
export function endpointRule(protocol: string | undefined): Rule {
  return protocol === 'grpc'
    ? matching(
        'a URL or host and port such as http://collector:4317',
        (value) => isUrl(value, /^(https?|unix):$/) || (!value.includes('://') && isUrl(`https://${value}`, /./)),
      )
    : matching('a URL such as http://collector:4318', (value) => isUrl(value, /^https?:$/));
}

export const HEADERS_RULE: Rule = pairs;

/** OTLP variables exist in a general form and for each signal. */
function forEachSignal(suffix: string, rule: Rule): Record<string, Rule> {
  return Object.fromEntries(
    ['', 'METRICS_', 'TRACES_', 'LOGS_'].map((signal) => [`OTEL_EXPORTER_OTLP_${signal}${suffix}`, rule]),
  );
}

export const RATIO_SAMPLERS: readonly string[] = ['traceidratio', 'parentbased_traceidratio'];

/**
 * Every OTEL_* variable that is read here or by the SDK, but for the two whose fault stops a start (endpoints and
 * headers). What does not fit is warned about and ignored, as the specification says: a platform sets these for all
 * that runs on it, and not all of that speaks every protocol.
 */
export const RULES: Readonly<Record<string, Rule>> = {
  OTEL_SDK_DISABLED: oneOf('true', 'false'),
  OTEL_LOG_LEVEL: oneOf('none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_METRICS_EXPORTER: listFrom('prometheus', 'otlp'),
  OTEL_TRACES_EXPORTER: listFrom('otlp', 'console'),
  OTEL_LOGS_EXPORTER: listFrom('otlp', 'console'),
  OTEL_METRIC_EXPORT_INTERVAL: milliseconds,
  OTEL_METRIC_EXPORT_TIMEOUT: milliseconds,
  // Prometheus stores cumulative series only, and one reader serves both the scrape and the push.
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: oneOf('cumulative'),
  OTEL_TRACES_SAMPLER: oneOf(
    'always_on',
    'always_off',
    'parentbased_always_on',
    'parentbased_always_off',
    ...RATIO_SAMPLERS,
  ),
  OTEL_TRACES_SAMPLER_ARG: ratio,
  OTEL_PROPAGATORS: listFrom('tracecontext', 'baggage', 'b3', 'b3multi'),
  OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: wholeNumberAbove0,
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: wholeNumberAbove0,
  OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: wholeNumberAbove0,
  OTEL_ATTRIBUTE_COUNT_LIMIT: wholeNumberAbove0,
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: wholeNumberAbove0,
  OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: wholeNumberAbove0,
  OTEL_SPAN_EVENT_COUNT_LIMIT: wholeNumber,
  OTEL_SPAN_LINK_COUNT_LIMIT: wholeNumber,
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: wholeNumber,
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: wholeNumber,
  OTEL_BSP_SCHEDULE_DELAY: milliseconds,
  OTEL_BSP_EXPORT_TIMEOUT: milliseconds,
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumberAbove0,
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumberAbove0,
  OTEL_BLRP_SCHEDULE_DELAY: milliseconds,
  OTEL_BLRP_EXPORT_TIMEOUT: milliseconds,
  OTEL_BLRP_MAX_QUEUE_SIZE: wholeNumberAbove0,
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: wholeNumberAbove0,
  ...forEachSignal('PROTOCOL', oneOf('http/protobuf', 'http/json', 'grpc')),
  ...forEachSignal('TIMEOUT', milliseconds),
  ...forEachSignal('COMPRESSION', oneOf('gzip', 'none')),
};
