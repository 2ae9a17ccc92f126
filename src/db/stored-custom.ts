import {
  type CustomInstrument,
  type CustomQuery,
  type InstrumentPoints,
  type OtlpSettings,
  type PrometheusSettings,
  STATISTICS,
} from '../model/source.ts';
import { BAD_DIRECTIONS, CUSTOM_KINDS, type CustomMetric } from '../verdict/custom/custom-metric.ts';
import { isNumber, property } from './stored-json.ts';

/** Metrics of a team's own, of a Prometheus. One that nobody can read is not there. */
export function toCustomQueries(stored: unknown): Pick<PrometheusSettings, 'custom'> {
  return some(stored, (one, metric): CustomQuery | null => {
    const [query, events] = [property(one, 'query'), property(one, 'events')];
    if (typeof query !== 'string') return null;
    return { ...metric, query, events: typeof events === 'string' ? events : null };
  });
}

/** The same, of what is pushed. */
export function toCustomInstruments(stored: unknown): Pick<OtlpSettings, 'custom'> {
  return some(stored, (one, metric): CustomInstrument | null => {
    const points = toPoints(one);
    const statistic = STATISTICS.find((known) => known === property(one, 'statistic')) ?? null;
    return points === null ? null : { ...metric, ...points, statistic, of: toPoints(property(one, 'of')) };
  });
}

function toPoints(stored: unknown): InstrumentPoints | null {
  const [instrument, attributes] = [property(stored, 'instrument'), property(stored, 'attributes')];
  if (typeof instrument !== 'string') return null;
  const pairs = Object.entries((attributes ?? {}) as object).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return { instrument, attributes: Object.fromEntries(pairs) };
}

function some<Metric>(
  stored: unknown,
  read: (one: unknown, metric: CustomMetric) => Metric | null,
): { readonly custom?: readonly Metric[] } {
  if (!Array.isArray(stored)) return {};
  const custom = stored.flatMap((one): Metric[] => {
    const metric = toMetric(one);
    const found = metric === null ? null : read(one, metric);
    return found === null ? [] : [found];
  });
  return custom.length === 0 ? {} : { custom };
}

function toMetric(one: unknown): CustomMetric | null {
  const [name, unit, matters] = [property(one, 'name'), property(one, 'unit'), property(one, 'matters')];
  const kind = CUSTOM_KINDS.find((known) => known === property(one, 'kind'));
  const worse = BAD_DIRECTIONS.find((known) => known === property(one, 'worse'));
  if (typeof name !== 'string' || kind === undefined || worse === undefined) return null;
  const [relative, absolute] = [property(matters, 'relative'), property(matters, 'absolute')];
  return {
    name,
    unit: typeof unit === 'string' ? unit : '',
    kind,
    worse,
    matters: { relative: isNumber(relative) ? relative : null, absolute: isNumber(absolute) ? absolute : null },
    isCounted: property(one, 'isCounted') === true,
  };
}
