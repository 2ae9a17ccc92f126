import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sample } from '../../../src/verdict/types.ts';
import { machineSeries } from '../public/azure-series.ts';
import { seeded } from '../random.ts';

/** Days of one service. `open` chose the constants, `kept` and `fresh` grade them. */
export interface LongSeries {
  readonly family: string;
  readonly part: 'open' | 'kept' | 'fresh';
  readonly stepMs: number;
  readonly readings: readonly Partial<Sample>[];
  /** Out of the ordinary, as the source says. */
  readonly marked: ReadonlySet<number>;
}

type Kind = readonly [folders: RegExp, files: RegExp, name: string, to: (value: number) => Partial<Sample>];
const KINDS: readonly Kind[] = [
  [/./, /_cpu_utilization_|^cpu_utilization/, 'cpu as memory', memory(100)],
  [/./, /^machine_temp/, 'temperature as memory', memory(120)],
  [/./, /^(elb_request_count|Twitter_volume)_/, 'requests as latency', latency(10)],
  [/./, /^ec2_request_latency_/, 'latency', latency(1)],
];
const FRESH: readonly Kind[] = [
  [/Traffic/, /^occupancy/, 'occupancy as memory', memory(100)],
  [/Traffic/, /^TravelTime/, 'travel time as latency', latency(1)],
  [/Traffic/, /^speed/, 'speed as memory', memory(100)],
  [/AWS/, /network_in|NetworkIn/, 'network as latency', latency(1e-4)],
  [/AWS/, /disk_write/, 'disk as latency', latency(1e-4)],
  [/AWS/, /^grok/, 'instances as latency', latency(10)],
];

function memory(full: number): Kind[3] {
  return (value) => ({ memory_usage: Math.min(1, Math.max(0, value / full)) });
}
function latency(times: number): Kind[3] {
  return (value) => ({ latency_p95: value * times });
}

/** NAB: five minutes a reading; of each kind every second file is `open`. */
export function nabDays(root: string): LongSeries[] {
  const labels = JSON.parse(readFileSync(join(root, 'labels/combined_windows.json'), 'utf8'));
  const counts = new Map<string, number>();
  return ['realAWSCloudwatch', 'realKnownCause', 'realTweets', 'realTraffic'].flatMap((folder) =>
    readdirSync(join(root, 'data', folder))
      .sort()
      .flatMap((file): LongSeries[] => {
        const fits = ([folders, files]: Kind) => folders.test(folder) && files.test(file);
        const fresh = FRESH.find(fits);
        const kind = fresh ?? KINDS.find(fits);
        if (kind === undefined) return [];
        const [, , name, to] = kind;
        const count = counts.get(name) ?? 0;
        counts.set(name, count + 1);
        const part = fresh === undefined ? (count % 2 === 0 ? 'open' : 'kept') : 'fresh';
        const windows: readonly (readonly [string, string])[] = labels[`${folder}/${file}`] ?? [];
        const rows = readFileSync(join(root, 'data', folder, file), 'utf8')
          .split('\n')
          .slice(1);
        const known = rows.map((row) => row.trim().split(',')).filter((row) => row.length === 2);
        const isMarked = ([at = '']: string[]) =>
          windows.some(([from, until]) => at >= from.slice(0, 19) && at <= until.slice(0, 19));
        return [
          {
            family: `nab ${name}`,
            part,
            stepMs: 300_000,
            readings: known.map(([, value]) => to(Number(value))),
            marked: new Set(known.flatMap((row, index) => (isMarked(row) ? [index] : []))),
          },
        ];
      }),
  );
}

/** Each run stands for a minute. */
export function machineDays(root: string): LongSeries[] {
  return machineSeries(root)
    .filter(({ readings }) => readings.length > 3_200)
    .map(({ part, readings }) => ({ family: 'azure-vm', part, stepMs: 60_000, readings, marked: new Set() }));
}

/** A week of error ratios: counted, with traffic by the day, a drift of an hour (AR(1) of the logarithm) and bursts. */
export function simulatedErrors(): LongSeries[] {
  const sizes = { open: [1, 10, 100], kept: [2, 20, 60] };
  const ratios = { open: [0.0005, 0.005, 0.02], kept: [0.001, 0.003, 0.01] };
  let seed = 0;
  return (['open', 'kept'] as const).flatMap((part) =>
    sizes[part].flatMap((rate) =>
      ratios[part].flatMap((ratio) =>
        [1, 2].map((): LongSeries => {
          seed++;
          const readings = errorWeek(rate, ratio, seeded(7_919 * seed));
          return { family: 'simulated errors', part, stepMs: 60_000, readings, marked: new Set() };
        }),
      ),
    ),
  );
}

const MINUTES_OF_A_DAY = 1_440;
const KEEPS = 0.983;

function errorWeek(rate: number, ratio: number, random: () => number): Partial<Sample>[] {
  let drift = 0;
  let burst = 0;
  return Array.from({ length: 7 * MINUTES_OF_A_DAY }, (_, minute) => {
    drift = KEEPS * drift + 0.4 * Math.sqrt(1 - KEEPS ** 2) * normal(random);
    if (random() < 1 / 720) burst = 3 + Math.floor(random() * 12);
    if (burst > 0) burst--;
    const perSecond = rate * (1 + 0.5 * Math.sin((2 * Math.PI * minute) / MINUTES_OF_A_DAY));
    const requests = poisson(perSecond * 60, random);
    const failing = Math.min(1, ratio * Math.exp(drift) + (burst > 0 ? 0.01 : 0));
    const failed = Math.min(requests, poisson(requests * failing, random));
    return { requests_per_sec: requests / 60, error_rate: requests === 0 ? 0 : failed / requests };
  });
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Beyond 50 by the normal distribution. */
function poisson(mean: number, random: () => number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const share = random();
  let count = 0;
  let chance = Math.exp(-mean);
  for (let sum = chance; share > sum && count < 500; sum += chance) {
    count++;
    chance *= mean / count;
  }
  return count;
}
