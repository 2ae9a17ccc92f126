import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sample, SampleNumbers } from '../../../src/verdict/types.ts';
import { type Incident, numberIn, type Parts, partOf, sampleOf, type Windows } from './incident.ts';

/** Faults come in the first hours of each. */
export const DAYS: readonly { readonly day: string; readonly system: Incident['system']; readonly parts: Parts }[] = [
  { day: '2022-08-22', system: 'OnlineBoutique', parts: 'open' },
  { day: '2022-08-23', system: 'OnlineBoutique', parts: 'both' },
  { day: '2023-01-29', system: 'TrainTicket', parts: 'open' },
  { day: '2023-01-30', system: 'TrainTicket', parts: 'both' },
];
const MINUTE_MS = 60_000;
const AFTER = 5;
const BEFORE = 15;
/** A fault lasts three minutes; what it left behind is gone three later, and no baseline holds those. */
const UNQUIET_MINUTES = 6;

interface Fault {
  readonly atMs: number;
  readonly pod: string;
  readonly kind: string;
}

/**
 * Faults that Nezha's authors put on two systems of microservices, a minute a sample: each pod's server p95, operations a second,
 * CPU and memory, and of the entrance to OnlineBoutique the share of calls that succeeded.
 */
export function nezhaIncidents(root: string): Incident[] {
  return DAYS.flatMap(({ day, system, parts }) => {
    const folder = join(root, 'rca_data', day);
    const faults = faultsOf(join(folder, `${day}-fault_list.json`));
    const services = servicesOf(join(folder, 'metric'));
    return faults.map((fault, at): Incident => {
      const windows = new Map<string, Windows>();
      for (const [name, samples] of services) windows.set(name, windowsAround(samples, fault, faults));
      return {
        system,
        part: partOf(parts, at),
        name: `${day} ${fault.kind}`,
        guilty: serviceOf(fault.pod),
        services: windows,
      };
    });
  });
}

/** What was read of each service on a day after the last fault, while nobody put one on anything. */
export function quietDayOf(root: string, day: string): Map<string, Sample[]> {
  const folder = join(root, 'rca_data', day);
  const last = Math.max(...faultsOf(join(folder, `${day}-fault_list.json`)).map(({ atMs }) => atMs));
  const services = servicesOf(join(folder, 'metric'));
  for (const [name, samples] of services) {
    services.set(
      name,
      samples.filter(({ collectedAtMs }) => collectedAtMs > last + (UNQUIET_MINUTES + BEFORE) * MINUTE_MS),
    );
  }
  return services;
}

function faultsOf(path: string): Fault[] {
  const hours = JSON.parse(readFileSync(path, 'utf8')) as Record<string, readonly Record<string, string>[]>;
  return Object.values(hours)
    .flat()
    .map(({ inject_time = '', inject_pod = '', inject_type = '' }) => ({
      atMs: Date.parse(`${inject_time.replace(' ', 'T')}Z`),
      pod: inject_pod,
      kind: inject_type,
    }));
}

const serviceOf = (pod: string) => pod.replace(/-[0-9a-f]+-[0-9a-z]+$/, '');

function servicesOf(folder: string): Map<string, Sample[]> {
  const succeeded = new Map(
    rowsOf(join(folder, 'front_service.csv')).map((row) => [row.TimeStamp, numberIn(row['SuccessRate(%)'])]),
  );
  const services = new Map<string, Sample[]>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('_metric.csv'))) {
    const service = serviceOf(file.replace('_metric.csv', ''));
    const samples = rowsOf(join(folder, file)).flatMap((row) => {
      const at = numberIn(row.TimeStamp);
      const share = service === 'frontend' ? (succeeded.get(row.TimeStamp) ?? null) : null;
      return at === null ? [] : [sampleOf(numbersOf(row, share), at * 1000)];
    });
    services.set(service, samples);
  }
  return services;
}

function numbersOf(row: Readonly<Record<string, string>>, percentSucceeded: number | null): Partial<SampleNumbers> {
  const of = (column: string, factor: number, most = Number.POSITIVE_INFINITY) => {
    const value = numberIn(row[column]);
    return value === null || value < 0 ? null : Math.min(most, value * factor);
  };
  return {
    requests_per_sec: of('PodWorkload(Ops)', 1),
    latency_p95: of('PodServerLatencyP95(s)', 1000),
    error_rate: percentSucceeded === null ? null : 1 - percentSucceeded / 100,
    cpu_usage: of('CpuUsageRate(%)', 0.01, 1),
    memory_usage: of('MemoryUsageRate(%)', 0.01, 1),
  };
}

function windowsAround(samples: readonly Sample[], { atMs }: Fault, faults: readonly Fault[]): Windows {
  const quiet = (at: number) =>
    faults.every((other) => at < other.atMs || at >= other.atMs + UNQUIET_MINUTES * MINUTE_MS);
  // A sample speaks of the minute before it: the first after the fault holds all but nothing of it.
  const post = samples.filter(({ collectedAtMs: at }) => at > atMs + MINUTE_MS / 2).slice(0, AFTER);
  const pre = samples.filter(({ collectedAtMs: at }) => at <= atMs && quiet(at)).slice(-BEFORE);
  return { pre, post };
}

function rowsOf(path: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(path, 'utf8').split('\n');
  const names = head.trim().split(',');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) =>
      Object.fromEntries(
        line
          .trim()
          .split(',')
          .map((cell, i) => [names[i] ?? String(i), cell]),
      ),
    );
}
