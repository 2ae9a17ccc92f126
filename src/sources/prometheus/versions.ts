import type { PrometheusSettings } from '../../model/source.ts';
import type { FailedReading } from '../http/failure-reason.ts';
import type { VersionsRead } from '../source.ts';
import { formOf } from './presets.ts';
import { expand } from './queries.ts';
import { isFailed, type Session } from './session.ts';

/** Requests/s of each version; 0 where its series are there and nobody asks. Empty: no series carries the label. */
export type Versions = ReadonlyMap<string, number>;

/** null: this source does not tell versions apart. What has no preset names no series that could be counted by a label. */
export function versionLabelOf(settings: PrometheusSettings): string | null {
  return settings.preset === null ? null : settings.versionLabel;
}

export async function versionsAt(
  session: Session,
  settings: PrometheusSettings,
  label: string,
  atMs: number,
): Promise<Versions | FailedReading> {
  if (settings.preset === null) return new Map();
  const { metric, requestsBy } = formOf(settings.preset, settings);
  const by = `by (${label})`;
  const query = expand(`${requestsBy.replace('$by', () => by)} or 0 * count ${by} (${metric})`, settings);
  const answer = await session.instant(query, atMs);
  if (isFailed(answer)) return answer;
  const found = new Map<string, number>();
  if (answer.outcome !== 'ok') return found;
  for (const { labels, points } of answer.series) {
    const version = labels[label] ?? '';
    const rate = points[0]?.[1] ?? 0;
    if (version !== '') found.set(version, Number.isFinite(rate) ? rate : 0);
  }
  return found;
}

/** Requests by version in the minute that ends at `endMs`; empty where versions are not told apart. */
export async function readVersions(
  session: Session,
  settings: PrometheusSettings,
  endMs: number,
): Promise<VersionsRead | FailedReading> {
  const label = versionLabelOf(settings);
  const rates = label === null ? new Map() : await versionsAt(session, settings, label, endMs);
  if ('outcome' in rates) return rates;
  return { outcome: 'ok', requests: new Map([...rates].map(([version, rate]) => [version, rate * 60])) };
}

/** Those that take requests; where none does, those that are there. */
export function serving(versions: Versions): string[] {
  const asked = [...versions].filter(([, rate]) => rate > 0);
  return (asked.length > 0 ? asked : [...versions]).map(([version]) => version).sort();
}

/** The selector of these versions alone. */
export function selectVersions(selector: string, label: string, versions: readonly string[]): string {
  const pattern = versions.map((version) => version.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')).join('|');
  // JSON escapes what PromQL does, in the same way.
  return [selector, `${label}=~${JSON.stringify(pattern)}`].filter((part) => part !== '').join(',');
}
