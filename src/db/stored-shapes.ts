import type { ControlSample, MissingNumbers, SampleFacts } from '../model/sample.ts';
import type { CustomValues } from '../verdict/custom/custom-metric.ts';
import { LIMIT_NAMES } from '../verdict/limits.ts';
import { type Limits, METRICS, type MetricName, MISSING_REASONS, type MissingReason } from '../verdict/types.ts';
import { isNumber, isTexts, property } from './stored-json.ts';

/**
 * The version of every JSON that we store, written beside or inside it. Who changes a shape raises its number, says here
 * what it was before, keeps reading that, and adds a row of it to test/integration/stored-shapes.test.ts or
 * stored-verdicts.test.ts. Rows without a number are older than the numbers: they read as the first shapes do.
 */
export const STORED_SHAPES = {
  /** verdicts.details, left_out, trust, hints and others; their history is in deployments/stored-verdict.ts. Column `shape`. */
  verdict: 7,
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
   * 4: custom of Prometheus alone.
   */
  settings: 5,
  /** Data of a job (JobData in src/model/job.ts), read by src/jobs/read-job.ts. Key `shape`. */
  job: 1,
  /** notification_outbox.facts: OccurrenceFacts in src/model/notification.ts. Key `shape`. */
  occurrence: 1,
  /** version_watches.state: VersionWatch in src/model/version-watch.ts, read by stored-watch.ts. Key `shape`. */
  watch: 1,
  /** late_looks.day_before: DayBefore in src/verdict/late-day.ts, read by stored-day.ts. Key `shape`. */
  dayBefore: 1,
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
