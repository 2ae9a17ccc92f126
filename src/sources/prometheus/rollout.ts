import { controlOf } from '../../model/sample.ts';
import type { PrometheusSettings } from '../../model/source.ts';
import { METRICS } from '../../verdict/types.ts';
import { type FailedReading, failed } from '../http/failure-reason.ts';
import type { ReadingCame, Rollout } from '../source.ts';
import { byVersion } from './custom.ts';
import { filledUp, withCustom, withoutSums } from './part-readings.ts';
import { queriesOf } from './queries.ts';
import { readMinuteOf } from './read.ts';
import type { ParsedSample } from './sample.ts';
import type { Session } from './session.ts';
import { selectVersions, serving, type Versions, versionsAt } from './versions.ts';

/**
 * The minute of a deployment whose versions can be told apart, by what serves in it:
 *
 * - only versions of before, or none: nothing of "after" is there yet. A failed read, which is tried again; at the last
 *   try, where no other version has come since either, the deployment changed none, and all is read as one.
 * - versions of before and new ones (or the one that CI names: a canary that is promoted served before): of the new ones
 *   what can be known of them alone. Their requests/s are a share of the traffic that says nothing of the application, and
 *   what carries no version is the sum of both: left out. The versions of before are kept beside, as a control.
 * - only new ones: their numbers; what carries no version is theirs.
 */
export async function readRollout(
  session: Session,
  settings: PrometheusSettings,
  label: string,
  minute: { readonly endMs: number; readonly rollout: Rollout },
): Promise<ReadingCame | FailedReading> {
  const { endMs, rollout } = minute;
  const [atStart, now] = await Promise.all([
    versionsAt(session, settings, label, rollout.startedAtMs),
    versionsAt(session, settings, label, endMs),
  ]);
  if ('outcome' in atStart) return atStart;
  if ('outcome' in now) return now;
  const before = serving(atStart).filter((version) => version !== rollout.version);
  const fresh = serving(new Map([...now].filter(([version]) => !before.includes(version))));
  const whole = async () => cameOf(await readMinuteOf(session, settings, endMs));
  // Nothing to tell apart: the label is not there, or CI deploys what alone served before.
  if (before.length === 0) return await whole();
  if (fresh.length === 0) {
    const until = rollout.lastTryAtMs === null ? null : await versionsAt(session, settings, label, rollout.lastTryAtMs);
    if (until !== null && 'outcome' in until) return until;
    const changedNone = until !== null && [...until.keys()].every((version) => before.includes(version));
    if (changedNone) return await whole();
    return failed('bad_body', `no version but ${before.join(', ')} takes requests in this minute`, 200);
  }
  return await readFresh(session, settings, label, { endMs, now, before, fresh });
}

/** Some version serves that did not before: `fresh`, alone or beside those of before. */
async function readFresh(
  session: Session,
  settings: PrometheusSettings,
  label: string,
  minute: {
    readonly endMs: number;
    readonly now: Versions;
    readonly before: readonly string[];
    readonly fresh: readonly string[];
  },
): Promise<ReadingCame | FailedReading> {
  const { endMs, now, before, fresh } = minute;
  const old = [...now.keys()].filter((version) => before.includes(version));
  const oldServes = old.some((version) => (now.get(version) ?? 0) > 0);
  const of = (versions: readonly string[]) => ({
    ...settings,
    selector: selectVersions(settings.selector, label, versions),
  });
  const [ofFresh, ofOld, ofAll] = await Promise.all([
    readMinuteOf(session, of(fresh), endMs),
    oldServes ? readMinuteOf(session, { ...of(old), custom: [] }, endMs) : null,
    oldServes ? null : readMinuteOf(session, settings, endMs),
  ]);
  for (const one of [ofFresh, ofOld, ofAll]) if (one !== null && 'outcome' in one) return one;
  const alone = ofFresh as ParsedSample;
  if (!alone.ok) return ofAll === null ? failed('bad_body', alone.reason, 200) : cameOf(ofAll as ParsedSample);
  const sums = apartFrom(settings, fresh, label);
  const reading = oldServes
    ? withCustom(withoutSums(alone, sums, requestsOf(now, fresh) * (settings.windowSeconds ?? 60)), (values) =>
        byVersion(settings, values),
      )
    : filledUp(alone, ofAll as ParsedSample);
  if (METRICS.every((name) => reading.numbers[name] === null)) {
    return failed('bad_body', `version ${fresh.join(', ')} takes no requests yet`, 200);
  }
  const beside = ofOld as ParsedSample | null;
  return {
    outcome: 'ok',
    reading: {
      ...reading,
      facts: {
        ...reading.facts,
        versions: fresh,
        ...(beside?.ok ? { control: { ...controlOf(withoutSums(beside, sums)), versions: old } } : {}),
      },
    },
    leftOut: alone.leftOut,
  };
}

function requestsOf(now: Versions, versions: readonly string[]): number {
  return versions.reduce((sum, version) => sum + (now.get(version) ?? 0), 0);
}

/** What a version does not change: queries without $selector, such as those of containers. */
function apartFrom(settings: PrometheusSettings, versions: readonly string[], label: string): ReadonlySet<string> {
  const all = queriesOf(settings) as Readonly<Record<string, string>>;
  const own = queriesOf({ ...settings, selector: selectVersions(settings.selector, label, versions) });
  return new Set(Object.keys(all).filter((name) => all[name] === (own as Readonly<Record<string, string>>)[name]));
}

function cameOf(sample: ParsedSample | FailedReading): ReadingCame | FailedReading {
  if ('outcome' in sample) return sample;
  if (!sample.ok) return failed('bad_body', sample.reason, 200);
  return { outcome: 'ok', reading: sample.reading, leftOut: sample.leftOut };
}
