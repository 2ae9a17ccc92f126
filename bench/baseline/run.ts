/**
 * `npm run bench:baseline -- --projects 10000 --minutes 3 [--hanging 100]`: what keeping a baseline ready costs. The real
 * service on core 0; PostgreSQL (durable), the observed applications and this process on core 1. After a minute
 * to warm up it counts: how late readings start, CPU of service and database, memory, and how the database grows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { beginOwning } from '../../harness/ownership/run-owning.ts';
import { connectTo, openBenchDatabase, postmasterOf } from '../bench-database.ts';
import { cpuSecondsOf, cpuSecondsOfServer, PINNING, pinSelf } from '../pinned-process.ts';
import { startSubject } from '../subject.ts';
import { addProjects, startApplications } from './applications.ts';
import { logPosition, ringSamples, wholeHour } from './database-cost.ts';

const { values } = parseArgs({
  options: {
    projects: { type: 'string', default: '10000' },
    minutes: { type: 'string', default: '3' },
    hanging: { type: 'string', default: '0' },
    profile: { type: 'string' },
  },
});
const projects = Number(values.projects);
const minutes = Number(values.minutes);
const hanging = Number(values.hanging);
const MIB = 1024 * 1024;
const MB = 1e6;
const log = (line = '') => console.log(line);

await using opened = new AsyncDisposableStack();
await pinSelf(1);
const { folder } = beginOwning('bench-baseline');
const database = await openBenchDatabase(folder);
opened.defer(async () => await database.close());
const applications = await startApplications({ count: projects, hanging }, 1);
opened.defer(async () => await applications.stop());
if (values.profile !== undefined) process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${values.profile}`;
const subject = await startSubject({ DATABASE_URL: database.connectionString, LOG_LEVEL: 'info' });
opened.defer(async () => await subject.process.stop());
const client = await connectTo(database.connectionString);
opened.defer(async () => await client.end());
const postmaster = await postmasterOf(client);

log(
  `SeqPulse baseline benchmark: ${projects} projects, ${hanging} of them hang, ${minutes} minutes; ${PINNING ? 'service on core 0, database and applications on core 1' : 'not pinned (no taskset)'}`,
);
const phases = await addProjects(client, applications);
await client.query('analyze');
await sleep(62_000);
await applications.arrivals();

const before = await reading();
const startedAt = performance.now();
await sleep(minutes * 60_000);
const seconds = (performance.now() - startedAt) / 1000;
const after = await reading();
report(await applications.arrivals(), await wholeHour(client, projects));

async function reading() {
  const stored = Number(/^seqpulse_baseline_samples_total (\d+)/m.exec(await subject.metrics())?.[1] ?? 0);
  return {
    serviceCpu: cpuSecondsOf(subject.process.pid),
    databaseCpu: await cpuSecondsOfServer(postmaster),
    stored,
    samples: await ringSamples(client),
    walBytes: await logPosition(client),
  };
}

function report(arrivals: readonly [number, number][], hour: { readonly rows: number; readonly index: number }): void {
  const delays = arrivals
    .map(([app, atMs]) => (atMs - (phases.get(app) ?? 0)) % 60_000)
    // A timer may be a millisecond early.
    .map((delayMs) => (delayMs > 59_000 ? delayMs - 60_000 : delayMs))
    .sort((a, b) => a - b);
  const quantile = (q: number) => delays[Math.min(delays.length - 1, Math.floor(q * delays.length))] ?? Number.NaN;
  const timesRead = new Map<number, number>();
  for (const [app] of arrivals) timesRead.set(app, (timesRead.get(app) ?? 0) + 1);
  const counts = [...phases.keys()].map((app) => timesRead.get(app) ?? 0);
  const reads = arrivals.length;
  const samples = after.samples - before.samples;
  const share = (cpu: number) => `${((cpu / seconds) * 100).toFixed(1)} % of a core`;
  const cpuOfService = after.serviceCpu - before.serviceCpu;
  const cpuOfDatabase = after.databaseCpu - before.databaseCpu;
  const bytes = hour.rows + hour.index;
  const perDay = projects * 1_440;
  log(
    `  readings          ${(reads / seconds).toFixed(1)}/s; each application ${Math.min(...counts)} to ${Math.max(...counts)} times`,
  );
  log(
    `  start delay       p50 ${quantile(0.5)} ms, p95 ${quantile(0.95)} ms, p99 ${quantile(0.99)} ms, most ${quantile(1)} ms (due → request arrived)`,
  );
  log(`  stored            ${samples} in the table, ${after.stored - before.stored} counted`);
  log(
    `  service           ${share(cpuOfService)}, ${((cpuOfService / reads) * 1000).toFixed(2)} ms a reading; memory ${(subject.rss() / MIB).toFixed(0)} MiB`,
  );
  log(`  PostgreSQL        ${share(cpuOfDatabase)}, ${((cpuOfDatabase / reads) * 1000).toFixed(2)} ms a reading`);
  const aDay = (bytesEach: number) => `${((bytesEach * perDay) / MB).toFixed(0)} MB a day`;
  log(
    `  table             ${bytes.toFixed(1)} bytes a sample over a whole hour (rows ${hour.rows.toFixed(1)}, index ${hour.index.toFixed(1)}): ${aDay(bytes)}, and no more with a day kept`,
  );
  const walBytes = (after.walBytes - before.walBytes) / samples;
  log(`  write-ahead log   ${walBytes.toFixed(0)} bytes a sample: ${aDay(walBytes)}`);
}
