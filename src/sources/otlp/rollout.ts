import { controlOf, type Reading } from '../../model/sample.ts';
import { type FailedReading, failed } from '../http/failure-reason.ts';
import type { ReadingCame, Rollout } from '../source.ts';
import { foldMinutes, type Minute } from './fold.ts';
import { tellOf } from './increments.ts';
import type { PointsRow } from './points.ts';
import { sampleOf } from './sample.ts';
import { decodePoints } from './stored-points.ts';

/** Requests in the minute that ends at `endMs`, by `service.version`; empty: some rows tell none. */
export function requestsByVersion(rows: readonly PointsRow[], endMs: number): ReadonlyMap<string, number> {
  const byVersion = Map.groupBy(rows, ({ serviceVersion }) => serviceVersion);
  if (byVersion.has('')) return new Map();
  return new Map([...byVersion].map(([version, own]) => [version, minuteOf(own, endMs).requests]));
}

function minuteOf(rows: readonly PointsRow[], endMs: number): Minute {
  const told = tellOf(rows.flatMap(({ points }) => decodePoints(points)));
  const [minute] = foldMinutes(told, { endMs, minutes: 1 });
  if (minute === undefined) throw new Error('one minute was asked for');
  return minute;
}

/**
 * The minute of a deployment, by which versions take requests in it; null: it is read as one. Versions of before are those
 * that took requests at its start.
 *
 * - new ones beside those of before: latency, errors, CPU and memory of the new ones alone. Their requests/s and cores are a
 *   share of the traffic that says nothing of the application: left out. The others are kept beside, as a control.
 * - new ones alone: theirs.
 * - those of before alone: where CI named another version, it has not come: a failed read, which is tried again. Else the
 *   version says nothing: many never change it.
 */
export function tellVersionsApart(
  minute: { readonly endMs: number; readonly rows: readonly PointsRow[] },
  rollout: Rollout,
  rowsAtStart: readonly PointsRow[],
): ReadingCame | FailedReading | null {
  const { endMs, rows } = minute;
  const serving = (versions: ReadonlyMap<string, number>) =>
    [...versions].flatMap(([version, requests]) => (requests > 0 ? [version] : [])).sort();
  const now = requestsByVersion(rows, endMs);
  const before = serving(requestsByVersion(rowsAtStart, rollout.startedAtMs)).filter(
    (version) => version !== rollout.version,
  );
  const fresh = serving(now).filter((version) => !before.includes(version));
  const old = serving(now).filter((version) => before.includes(version));
  if (before.length === 0) return null;
  if (fresh.length === 0) {
    const isAwaited = rollout.version !== null && old.length > 0 && rollout.lastTryAtMs === null;
    return isAwaited ? failed('bad_body', `no version but ${old.join(', ')} takes requests in this minute`) : null;
  }
  const of = (versions: readonly string[]) =>
    sampleOf(
      minuteOf(
        rows.filter(({ serviceVersion }) => versions.includes(serviceVersion)),
        endMs,
      ),
    );
  const alone = of(fresh);
  if (!alone.ok) return null;
  if (old.length === 0) return came(alone.reading, fresh, alone.leftOut);
  const requests = fresh.reduce((sum, version) => sum + (now.get(version) ?? 0), 0);
  const beside = of(old);
  const reading = asPart(alone.reading, requests);
  const control = beside.ok ? { control: { ...controlOf(beside.reading), versions: old } } : {};
  return came({ ...reading, facts: { ...reading.facts, ...control } }, fresh, alone.leftOut);
}

function came(reading: Reading, versions: readonly string[], leftOut: readonly string[]): ReadingCame {
  return { outcome: 'ok', reading: { ...reading, facts: { ...reading.facts, versions } }, leftOut };
}

function asPart({ numbers, missing, facts = {} }: Reading, requests: number): Reading {
  const { cpuCores: _, ...kept } = facts;
  return {
    numbers: { ...numbers, requests_per_sec: null },
    missing: { ...missing, requests_per_sec: 'not_measured' },
    facts: { ...kept, requests },
  };
}
