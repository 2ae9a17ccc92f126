import type { PrometheusSettings } from '../../model/source.ts';
import type { Examination } from '../source.ts';
import { controlSettings } from './control.ts';
import { explainNoSeries } from './explain.ts';
import { readMinuteOf } from './read.ts';
import type { Session } from './session.ts';
import { versionsAt } from './versions.ts';

/** Which versions serve in the minute that ends at `endMs`, and why they can't be told apart. */
export async function examineVersions(
  session: Session,
  settings: PrometheusSettings,
  endMs: number,
): Promise<Examination['versions']> {
  const label = settings.versionLabel;
  if (label === null) return null;
  if (settings.preset === null) {
    return { requests: {}, problem: 'version_label needs a preset: own queries name no series to count by it' };
  }
  const versions = await versionsAt(session, settings, label, endMs);
  if ('outcome' in versions) return { requests: {}, problem: versions.reason };
  const problem =
    versions.size > 0
      ? null
      : `none of the series carries the label ${label}: versions are not told apart, all is read as one`;
  return { requests: Object.fromEntries(versions), problem };
}

export async function examineControl(
  session: Session,
  settings: PrometheusSettings,
  endMs: number,
): Promise<Examination['control']> {
  const beside = controlSettings(settings);
  if (beside === null) return null;
  const sample = await readMinuteOf(session, beside, endMs);
  if ('outcome' in sample) return { requests: null, problem: sample.reason };
  const requests = sample.ok ? sample.reading.numbers.requests_per_sec : null;
  if (requests !== null) return { requests, problem: null };
  const problem = beside.preset === null ? 'its requests could not be read' : null;
  return { requests, problem: problem ?? (await explainNoSeries(session, beside, endMs)) };
}
