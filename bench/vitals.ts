import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './load.ts';
import { cpuSecondsOf, cpuSecondsOfServer, residentBytesOf } from './pinned-process.ts';

export interface Vitals {
  /** Since the watch began. */
  readonly atSeconds: number;
  readonly residentBytes: number;
  /** Of the event loop since the reading before, of this service. */
  readonly loopP99Seconds: number;
  /** CPU used so far. */
  readonly serviceCpuSeconds: number;
  readonly databaseCpuSeconds: number;
}

export interface VitalsWatch extends AsyncDisposable {
  readonly readings: readonly Vitals[];
  /** What was read from this second to that one. */
  between(fromSeconds: number, toSeconds: number): Vitals[];
}

/** As a Prometheus does: every 15 s, whereby each event-loop delay is that of its own 15 s. */
const EVERY_SECONDS = 15;

/** Looks at a service and its PostgreSQL until it is disposed of. `told` is given each reading. */
export function watchVitals(
  of: { readonly pid: number; readonly url: string; readonly postmaster: number },
  told: (vitals: Vitals) => void = () => {},
): VitalsWatch {
  const readings: Vitals[] = [];
  const stopping = new AbortController();
  const startedAt = performance.now();

  async function look(): Promise<void> {
    const text = await (await fetch(`${of.url}/metrics`)).text();
    const reading = {
      atSeconds: (performance.now() - startedAt) / 1_000,
      residentBytes: residentBytesOf(of.pid),
      loopP99Seconds: Number(/^nodejs_eventloop_delay_p99_seconds\S* (\S+)/m.exec(text)?.[1] ?? Number.NaN),
      serviceCpuSeconds: cpuSecondsOf(of.pid),
      databaseCpuSeconds: await cpuSecondsOfServer(of.postmaster),
    };
    readings.push(reading);
    told(reading);
  }

  async function watch(): Promise<void> {
    for (let count = 0; !stopping.signal.aborted; count += 1) {
      await look();
      const nextMs = (count + 1) * EVERY_SECONDS * 1_000;
      await sleep(Math.max(0, startedAt + nextMs - performance.now()), undefined, { signal: stopping.signal });
    }
  }

  // What went wrong is told when the watch ends.
  const watching = watch().catch((error: unknown) => (stopping.signal.aborted ? undefined : error));
  return {
    readings,
    between: (from, to) => readings.filter(({ atSeconds }) => atSeconds >= from && atSeconds < to),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      const error = await watching;
      if (error !== undefined) throw error;
    },
  };
}

/** Shares of one core between two readings. */
export function cpuShares(first: Vitals, last: Vitals): { readonly service: number; readonly database: number } {
  const seconds = last.atSeconds - first.atSeconds;
  return {
    service: (last.serviceCpuSeconds - first.serviceCpuSeconds) / seconds,
    database: (last.databaseCpuSeconds - first.databaseCpuSeconds) / seconds,
  };
}

/** What a span of readings comes to, as lines for people. */
export function sayVitals(readings: readonly Vitals[]): void {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined) return;
  const { service, database } = cpuShares(first, last);
  const percent = (share: number) => `${(100 * share).toFixed(0)} % of a core`;
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  // The first one's delay is of the time before.
  const delays = readings.slice(1).map(({ loopP99Seconds }) => loopP99Seconds * 1_000);
  const resident = readings.map(({ residentBytes }) => residentBytes);
  console.log(`  CPU: service ${percent(service)}, PostgreSQL ${percent(database)}`);
  console.log(
    `  memory of the service: median ${megabytes(median(resident))}, most ${megabytes(Math.max(...resident))}`,
  );
  console.log(
    `  event loop, p99 of each ${EVERY_SECONDS} s: median ${median(delays).toFixed(0)} ms, most ${Math.max(...delays).toFixed(0)} ms, ${delays.filter((delay) => delay > 100).length} of ${delays.length} above 100 ms`,
  );
}
