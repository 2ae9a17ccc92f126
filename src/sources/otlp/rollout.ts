import { controlOf, type Reading } from '../../model/sample.ts';
import type { CustomInstrument } from '../../model/source.ts';
import { type FailedReading, failed } from '../http/failure-reason.ts';
import type { ReadingCame, Rollout } from '../source.ts';
import { withoutCustom } from './custom-instruments.ts';
import { customFound, customTold, customValues } from './custom-values.ts';
import { decodePoints } from './decode-stored.ts';
import { foldMinutes, type Minute } from './fold.ts';
import { tellOf } from './increments.ts';
import type { PointsRow, SenderPoints } from './points.ts';
import { type MinuteSample, sampleOf, withCustom } from './sample.ts';

/** Requests in the minute that ends at `endMs`, by `service.version`; empty: some rows tell none. */
export function requestsByVersion(rows: readonly PointsRow[], endMs: number): ReadonlyMap<string, number> {
  const byVersion = Map.groupBy(rows, ({ serviceVersion }) => serviceVersion);
  if (byVersion.has('')) return new Map();
  return new Map([...byVersion].map(([version, own]) => [version, minuteOf(sendersOf(own), endMs).requests]));
}

const sendersOf = (rows: readonly PointsRow[]) => rows.flatMap(({ points }) => decodePoints(points));

function minuteOf(senders: readonly SenderPoints[], endMs: number): Minute {
  const [minute] = foldMinutes(tellOf(withoutCustom(senders)), { endMs, minutes: 1 });
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
  metrics: readonly CustomInstrument[] = [],
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
    sampleOfPart(sendersOf(rows.filter(({ serviceVersion }) => versions.includes(serviceVersion))), endMs, metrics);
  const alone = of(fresh);
  if (!alone.ok) return null;
  if (old.length === 0) return came(alone.reading, fresh, alone.leftOut);
  const requests = fresh.reduce((sum, version) => sum + (now.get(version) ?? 0), 0);
  const beside = of(old);
  const reading = asPart(alone.reading, requests, metrics);
  const control = beside.ok ? { control: { ...controlOf(beside.reading), versions: old } } : {};
  return came({ ...reading, facts: { ...reading.facts, ...control } }, fresh, alone.leftOut);
}

/** As its requests are: a share of the traffic. */
const NOT_MEASURED = { value: null, reason: 'not_measured' } as const;

function came(reading: Reading, versions: readonly string[], leftOut: readonly string[]): ReadingCame {
  return { outcome: 'ok', reading: { ...reading, facts: { ...reading.facts, versions } }, leftOut };
}

/** Metrics of the team's own too are those of these versions alone. */
function sampleOfPart(
  senders: readonly SenderPoints[],
  endMs: number,
  metrics: readonly CustomInstrument[],
): MinuteSample {
  const all = metrics.flatMap((metric) =>
    customFound(customTold(senders, metric), { endMs, minutes: 1 }).map((found) => ({ metric, found })),
  );
  return withCustom(sampleOf(minuteOf(senders, endMs)), customValues(all));
}

function asPart(
  { numbers, missing, facts = {} }: Reading,
  requests: number,
  metrics: readonly CustomInstrument[],
): Reading {
  const { cpuCores: _, custom, ...kept } = facts;
  const rates = metrics.flatMap(({ kind, name }) => (kind === 'rate' ? [[name, NOT_MEASURED] as const] : []));
  const own = custom === undefined ? {} : { custom: { ...custom, ...Object.fromEntries(rates) } };
  return {
    numbers: { ...numbers, requests_per_sec: null },
    missing: { ...missing, requests_per_sec: 'not_measured' },
    facts: { ...kept, ...own, requests },
  };
}
