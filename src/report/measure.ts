import { CUSTOM, type FindingMetric, type Judged, METRICS, type Measure, type MetricName } from '../verdict/types.ts';
import type { ReportedFinding, ReportedSample } from './wire.ts';
import { NAME, SUBJECT } from './words.ts';

export function isMetric(name: string): name is MetricName {
  return (METRICS as readonly string[]).includes(name);
}

/** What a finding on the wire is of; null: of nothing that is known here. */
export function judgedOn(finding: Pick<ReportedFinding, 'metric' | 'name' | 'kind' | 'worse' | 'unit'>): Judged | null {
  const { metric, name, kind = 'level', worse = 'up', unit = '' } = finding;
  if (isMetric(metric)) return metric;
  if (metric !== CUSTOM || name === undefined) return null;
  return { name, kind, worse, unit: kind === 'share' ? '' : kind === 'rate' ? unit.replace(/\/s$/, '') : unit };
}

/** As closed sets know it. */
export function metricOf(judged: Judged): FindingMetric {
  return typeof judged === 'string' ? judged : CUSTOM;
}

/** Differs for every metric of a report, and may stand in an id. */
export function keyOf(judged: Judged): string {
  return typeof judged === 'string' ? judged : `${CUSTOM}-${judged.name}`;
}

/** Whether less is worse. */
export function falls(measure: Measure): boolean {
  return typeof measure === 'string' ? measure === 'requests_per_sec' : measure.worse === 'down';
}

/** As a heading, */
export function nameOf(measure: Measure): string {
  return typeof measure === 'string' ? NAME[measure] : measure.name;
}

/** and inside a sentence. */
export function subjectOf(measure: Measure): string {
  return typeof measure === 'string' ? SUBJECT[measure] : measure.name;
}

/** null: the sample does not hold it. */
export function valueIn(sample: ReportedSample, measure: Measure): number | null {
  if (typeof measure === 'string') return sample[measure] ?? null;
  const { custom } = sample;
  return custom !== undefined && Object.hasOwn(custom, measure.name) ? (custom[measure.name] ?? null) : null;
}
