import { judge } from '../../../src/verdict/judge.ts';
import { LATE_HOURS, lateFindings } from '../../../src/verdict/late.ts';
import { type DayBefore, dayBefore, type LateMetric } from '../../../src/verdict/late-day.ts';
import { serviceNoise } from '../../../src/verdict/service-noise.ts';
import { DEFAULT_LIMITS } from '../../../src/verdict/tuning.ts';
import { partialSample } from '../partial-sample.ts';
import { seeded } from '../random.ts';
import { share, table } from '../tables.ts';
import type { LongSeries } from './long-series.ts';

const BEFORE = 15;
const AFTER = 5;
const HOUR_MS = 3_600_000;
/** Many machines make many series; of the others there are few. */
const pairsOf = (series: LongSeries) => (series.family === 'azure-vm' ? 25 : 100);

interface Creep {
  readonly metric: LateMetric;
  /** `hours` since the deployment; what begins later begins at `begins`. */
  readonly to: (value: number, hours: number, begins: number) => number;
}

const CREEPS: Readonly<Record<string, Creep | null>> = {
  none: null,
  ...Object.fromEntries([2, 5, 10].map((percent) => [`latency +${percent} %/h`, slower(percent / 100)])),
  'latency ×1.5': { metric: 'latency_p95', to: (value, hours, begins) => (hours > begins ? value * 1.5 : value) },
  ...Object.fromEntries([1, 2, 5].map((points) => [`memory +${points} points/h`, leak(points / 100)])),
  ...Object.fromEntries([0.2, 0.5, 1, 2].map((points) => [`errors +${points} points`, errors(points / 100)])),
};

function slower(share: number): Creep {
  return { metric: 'latency_p95', to: (value, hours) => value * (1 + share * hours) };
}
function leak(rise: number): Creep {
  return { metric: 'memory_usage', to: (value, hours) => value + rise * hours };
}
function errors(rise: number): Creep {
  return { metric: 'error_rate', to: (value, hours, begins) => (hours > begins ? value + rise : value) };
}

interface Pair {
  readonly series: LongSeries;
  readonly start: number;
  /** Hours after which what begins late begins: 10 to 40 minutes. */
  readonly begins: number;
  readonly isAlarm: boolean;
  readonly day: DayBefore;
}

export interface LateTally {
  pairs: number;
  /** Alarms of the first verdict, of each check of those that it let pass, and of any check of these. */
  first: number;
  late: number[];
  any: number;
}

/** Deployments evenly over each series; the first verdict takes each reading for a minute, the checks go by the clock. */
export function* pairsIn(all: readonly LongSeries[]): Generator<Pair> {
  const random = seeded(5);
  for (const series of all) {
    const { readings, stepMs, marked } = series;
    const hour = HOUR_MS / stepMs;
    const last = readings.length - AFTER - 24 * hour - 1;
    const step = Math.max(1, Math.floor((last - 24 * hour) / pairsOf(series)));
    const isMarked = (from: number, to: number) => [...marked].some((at) => at >= from && at < to);
    for (let start = 24 * hour; start <= last; start += step) {
      const checked = start + AFTER + 24 * hour;
      if (isMarked(start - BEFORE, start + AFTER + hour) || isMarked(checked - hour, checked)) continue;
      const take = (from: number, to: number, everyMs: number) =>
        readings
          .slice(from, to)
          .flatMap((reading, k) => (marked.has(from + k) ? [] : partialSample(reading, (from + k) * everyMs)));
      const minutes = (from: number, to: number) => take(from, to, 60_000);
      const { verdict } = judge({
        pre: minutes(start - BEFORE, start),
        post: minutes(start, start + AFTER),
        expectedPre: BEFORE,
        expectedPost: AFTER,
        collectionEnded: null,
        noise: serviceNoise(minutes(start - 24 * hour, start), { countBefore: BEFORE, countAfter: AFTER }),
      });
      yield {
        series,
        start,
        begins: (10 + 30 * random()) / 60,
        isAlarm: verdict === 'attention' || verdict === 'rollback_recommended',
        day: dayBefore(take(start - 24 * hour, start, stepMs), start * stepMs) ?? {},
      };
    }
  }
}

export function tallyOf(pairs: Iterable<Pair>): Map<string, LateTally> {
  const tallies = new Map<string, LateTally>();
  for (const pair of pairs) {
    for (const [name, creep] of Object.entries(CREEPS)) {
      const { family, part, readings } = pair.series;
      if (creep !== null && readings[pair.start]?.[creep.metric] === undefined) continue;
      const key = `${family}, ${part}, ${name}`;
      const tally = tallies.get(key) ?? { pairs: 0, first: 0, late: LATE_HOURS.map(() => 0), any: 0 };
      tallies.set(key, tally);
      tally.pairs++;
      if (pair.isAlarm) {
        tally.first++;
        continue;
      }
      const hits = LATE_HOURS.map((hours) => isFound(pair, creep, hours));
      tally.late = tally.late.map((count, i) => count + Number(hits[i]));
      if (hits.includes(true)) tally.any++;
    }
  }
  return tallies;
}

function isFound({ series, start, begins, day }: Pair, creep: Creep | null, hours: (typeof LATE_HOURS)[number]) {
  const { readings, stepMs } = series;
  const startedAtMs = start * stepMs;
  const checkedAtMs = startedAtMs + AFTER * 60_000 + hours * HOUR_MS;
  const end = Math.floor(checkedAtMs / stepMs);
  const from = end - HOUR_MS / stepMs;
  const now = readings.slice(from, end).map((reading, k) => {
    const atMs = (from + k) * stepMs;
    if (creep === null) return partialSample(reading, atMs);
    const since = Math.max(0, atMs - startedAtMs) / HOUR_MS;
    return partialSample({ ...reading, [creep.metric]: creep.to(reading[creep.metric] ?? 0, since, begins) }, atMs);
  });
  const asked = { day, now, startedAtMs, checkedAtMs, hours, limits: DEFAULT_LIMITS };
  return lateFindings(asked).some(({ strength }) => strength >= 1);
}

/** Of quiet pairs counts, of the others shares of those that the first verdict let pass. */
export function lateTable(tallies: ReadonlyMap<string, LateTally>): string {
  const rows = [...tallies].map(([name, { pairs, first, late, any }]) => {
    const shown = (count: number) => (name.endsWith('none') ? String(count) : share(count / (pairs - first)));
    return [name, String(pairs), String(first), ...late.map(shown), shown(any)];
  });
  return table([['family, part, creep', 'pairs', 'first', '1 h', '24 h', 'any'], ...rows]);
}
