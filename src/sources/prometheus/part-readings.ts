import type { Reading } from '../../model/sample.ts';
import type { CustomValues } from '../../verdict/custom/custom-metric.ts';
import { METRICS, type MetricName, type MissingReason } from '../../verdict/types.ts';
import { filledUp as filledUpCustom } from './custom.ts';
import type { ParsedSample } from './sample.ts';

type Parsed = Extract<ParsedSample, { ok: true }>;

/** Without what is the sum of old and new. `requests`: of the minute, where the traffic is only a part. */
export function withoutSums({ reading }: Parsed, sums: ReadonlySet<string>, requests?: number): Reading {
  const isSum = (name: MetricName) => sums.has(name) || (name === 'requests_per_sec' && requests !== undefined);
  const numbers = Object.fromEntries(METRICS.map((name) => [name, isSum(name) ? null : reading.numbers[name]]));
  const missing = Object.fromEntries(METRICS.filter(isSum).map((name) => [name, 'not_measured' as MissingReason]));
  const { cpuCores, ...facts } = reading.facts ?? {};
  return {
    numbers: numbers as Reading['numbers'],
    missing: { ...reading.missing, ...missing },
    facts: {
      ...facts,
      ...(cpuCores === undefined || sums.has('cpuCores') ? {} : { cpuCores }),
      ...(requests === undefined ? {} : { requests }),
    },
  };
}

/** Where only new ones serve: what carries no version is theirs. */
export function filledUp({ reading }: Parsed, whole: ParsedSample): Reading {
  if (!whole.ok) return reading;
  const numbers: Partial<Record<MetricName, number | null>> = {};
  const missing: Partial<Record<MetricName, MissingReason>> = {};
  for (const name of METRICS) {
    const isKnown = reading.numbers[name] !== null || reading.missing[name] !== 'not_measured';
    const from = isKnown ? reading : whole.reading;
    numbers[name] = from.numbers[name];
    const reason = from.missing[name];
    if (reason !== undefined) missing[name] = reason;
  }
  const all = {
    numbers: numbers as Reading['numbers'],
    missing,
    facts: { ...whole.reading.facts, ...reading.facts },
  };
  return withCustom(all, (values) => filledUpCustom(values, whole.reading.facts?.custom));
}

export function withCustom(reading: Reading, change: (values: CustomValues) => CustomValues): Reading {
  const { custom } = reading.facts ?? {};
  return custom === undefined ? reading : { ...reading, facts: { ...reading.facts, custom: change(custom) } };
}
