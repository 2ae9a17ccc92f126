import type { ControlSample, MissingNumbers, SampleFacts } from '../model/sample.ts';
import { type CustomQuery, PRESET_NAMES, type PrometheusSettings, type SourceSettings } from '../model/source.ts';
import { BAD_DIRECTIONS, CUSTOM_KINDS, type CustomValues } from '../verdict/custom/custom-metric.ts';
import { LIMIT_NAMES } from '../verdict/limits.ts';
import { type Limits, METRICS, type MetricName, MISSING_REASONS, type MissingReason } from '../verdict/types.ts';

/**
 * The version of every JSON that we store, written beside or inside it. Who changes a shape raises its number, says here
 * what it was before, keeps reading that, and adds a row of it to test/integration/stored-shapes.test.ts or
 * stored-verdicts.test.ts. Rows without a number are older than the numbers: they read as the first shapes do.
 */
export const STORED_SHAPES = {
  /** verdicts.details, left_out, trust and hints; their history is in deployments/stored-verdict.ts. Column `shape`. */
  verdict: 6,
  /** projects.limits: `{errorRise: 0.004, …}`, only what differs from the defaults. Column `limits_shape`. */
  limits: 1,
  /** samples.missing: `{"shape": 1, "cpu_usage": "out_of_range"}`. */
  missing: 1,
  /**
   * samples.facts and each element of deployment_baselines.facts: `{"shape": 3, "windowSeconds": 60, …}`, SampleFacts.
   * 1: without versions and control. 2: without custom.
   */
  facts: 3,
  /**
   * sources.candidate and source_settings.settings: SourceSettings in src/model/source.ts. Key `shape`.
   * 1: without versionLabel, control and nativeHistograms. 2: of Prometheus alone. 3: without custom.
   */
  settings: 4,
  /** Data of a job (JobData in src/model/job.ts), read by src/jobs/read-job.ts. Key `shape`. */
  job: 1,
  /** notification_outbox.facts: OccurrenceFacts in src/model/notification.ts. Key `shape`. */
  occurrence: 1,
} as const;

/** Limits that nobody can read are the defaults, and say so by not being there. */
export function toLimits(stored: unknown): Partial<Limits> {
  const limits: Partial<Record<keyof Limits, number>> = {};
  for (const name of LIMIT_NAMES) {
    const value = property(stored, name);
    if (typeof value === 'number' && Number.isFinite(value)) limits[name] = value;
  }
  return limits;
}

/** null: no number is missing. */
export function toMissing(stored: unknown): MissingNumbers | null {
  const missing: Partial<Record<MetricName, MissingReason>> = {};
  for (const name of METRICS) {
    const reason = MISSING_REASONS.find((known) => known === property(stored, name));
    if (reason !== undefined) missing[name] = reason;
  }
  return Object.keys(missing).length === 0 ? null : missing;
}

export function fromMissing(missing: MissingNumbers): string | null {
  return Object.keys(missing).length === 0 ? null : JSON.stringify({ shape: STORED_SHAPES.missing, ...missing });
}

const FACT_NUMBERS = ['windowSeconds', 'requests', 'latencyMean', 'cpuCores'] as const;

/** Facts that nobody can read are not there. */
export function toFacts(stored: unknown): SampleFacts {
  const control = toControl(property(stored, 'control'));
  const custom = toCustomValues(property(stored, 'custom'));
  return { ...toMeasured(stored), ...(control === null ? {} : { control }), ...(custom === null ? {} : { custom }) };
}

function toControl(stored: unknown): ControlSample | null {
  const numbers = property(stored, 'numbers');
  if (typeof numbers !== 'object' || numbers === null) return null;
  const numberOf = (name: MetricName) => {
    const value = property(numbers, name);
    return isNumber(value) ? value : null;
  };
  const read = Object.fromEntries(METRICS.map((name) => [name, numberOf(name)])) as ControlSample['numbers'];
  return { numbers: read, ...toMeasured(stored) };
}

function toMeasured(stored: unknown): Omit<SampleFacts, 'control'> {
  const numbers = FACT_NUMBERS.map((name) => [name, property(stored, name)]).filter(([, value]) => isNumber(value));
  const bucket = property(stored, 'latencyBucket');
  const [low, high] = [property(bucket, 'low'), property(bucket, 'high')];
  const versions = property(stored, 'versions');
  return {
    ...Object.fromEntries(numbers),
    ...(isNumber(low) && isNumber(high) ? { latencyBucket: { low, high } } : {}),
    ...(isTexts(versions) ? { versions } : {}),
  };
}

/** null: there are none. */
function toCustomValues(stored: unknown): CustomValues | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const values = Object.entries(stored).map(([name, read]) => {
    const [value, events] = [property(read, 'value'), property(read, 'events')];
    const reason = MISSING_REASONS.find((known) => known === property(read, 'reason'));
    const isKnown = isNumber(value);
    return [
      name,
      {
        value: isKnown ? value : null,
        ...(isKnown || reason === undefined ? {} : { reason }),
        ...(isNumber(events) ? { events } : {}),
      },
    ] as const;
  });
  return values.length === 0 ? null : Object.fromEntries(values);
}

/** null: there are none. */
export function fromFacts(facts: SampleFacts | null | undefined): string | null {
  return facts == null ? null : JSON.stringify({ shape: STORED_SHAPES.facts, ...facts });
}

/** null: without a URL it is none, but for OTLP, which has none. */
export function toSettings(stored: unknown): SourceSettings | null {
  if (property(stored, 'type') === 'otlp') {
    const serviceName = property(stored, 'serviceName');
    return { type: 'otlp', serviceName: typeof serviceName === 'string' ? serviceName : null };
  }
  const url = property(stored, 'url');
  if (typeof url !== 'string') return null;
  const textOf = (value: unknown) => (typeof value === 'string' ? value : null);
  const windowSeconds = property(stored, 'windowSeconds');
  const own = METRICS.map((name) => [name, property(property(stored, 'queries'), name)] as const);
  return {
    url,
    preset: PRESET_NAMES.find((name) => name === property(stored, 'preset')) ?? null,
    selector: textOf(property(stored, 'selector')) ?? '',
    containers: textOf(property(stored, 'containers')),
    queries: Object.fromEntries(own.filter(([, query]) => typeof query === 'string')),
    windowSeconds: isNumber(windowSeconds) ? windowSeconds : null,
    versionLabel: textOf(property(stored, 'versionLabel')),
    control: textOf(property(stored, 'control')),
    ...(property(stored, 'nativeHistograms') === true ? { nativeHistograms: true } : {}),
    ...toCustomQueries(property(stored, 'custom')),
  };
}

/** One that nobody can read is not there. */
function toCustomQueries(stored: unknown): Pick<PrometheusSettings, 'custom'> {
  if (!Array.isArray(stored)) return {};
  const custom = stored.flatMap((one): CustomQuery[] => {
    const [name, unit, query] = [property(one, 'name'), property(one, 'unit'), property(one, 'query')];
    const kind = CUSTOM_KINDS.find((known) => known === property(one, 'kind'));
    const worse = BAD_DIRECTIONS.find((known) => known === property(one, 'worse'));
    if (typeof name !== 'string' || typeof query !== 'string' || kind === undefined || worse === undefined) return [];
    const matters = property(one, 'matters');
    const [relative, absolute, events] = [
      property(matters, 'relative'),
      property(matters, 'absolute'),
      property(one, 'events'),
    ];
    return [
      {
        name,
        unit: typeof unit === 'string' ? unit : '',
        kind,
        worse,
        matters: { relative: isNumber(relative) ? relative : null, absolute: isNumber(absolute) ? absolute : null },
        isCounted: property(one, 'isCounted') === true,
        query,
        events: typeof events === 'string' ? events : null,
      },
    ];
  });
  return custom.length === 0 ? {} : { custom };
}

export function fromSettings(settings: SourceSettings): string {
  return JSON.stringify({ shape: STORED_SHAPES.settings, ...settings });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function property(stored: unknown, name: string): unknown {
  return typeof stored === 'object' && stored !== null ? (stored as Record<string, unknown>)[name] : undefined;
}
