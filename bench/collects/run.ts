/**
 * `npm run bench:collects`: the collect path (due → read over HTTP → stored → ended) beside what the queue alone can do, in
 * one run: pg-boss' own workers with jobs that do nothing. Jobs were enqueued before and are made due a round at a time,
 * the sides in turn; service or workers on core 0, PostgreSQL (durable), the application that is read and this program
 * on core 1. `-- --beside release` (LAST_RELEASE) or `-- --beside FOLDER` adds another checkout as a further side.
 * BENCH_ROUNDS, BENCH_JOBS (of a round, a multiple of 100), BENCH_POSTGRES as in bench/bench-database.ts.
 */
import { parseArgs } from 'node:util';
import { checkOutLastRelease } from '../../harness/last-release.ts';
import { runOwning } from '../../harness/ownership/run-owning.ts';
import { connectTo, newDatabase, openBenchDatabase, postmasterOf } from '../bench-database.ts';
import { loadPost, median } from '../load.ts';
import { cpuSecondsOf, cpuSecondsOfServer, pinSelf, residentBytesOf, startPinned } from '../pinned-process.ts';
import { prepareTriggers, startSubject, startTarget } from '../subject.ts';
import { type Backlog, collectBacklog, rawBacklog } from './backlog.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const JOBS = Number(process.env.BENCH_JOBS ?? 4_000);
const PROJECTS = 100;
const RAW = 'raw pg-boss';
const TREE = 'this tree';

interface Measured {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly databaseMs: number;
}
interface Side {
  readonly name: string;
  readonly pid: number;
  readonly backlog: Backlog;
  readonly rounds: Measured[];
  readonly restBytes: number;
  mostBytes: number;
}

const { values } = parseArgs({ options: { beside: { type: 'string' } } });

await runOwning('bench-collects', async ({ folder }) => {
  await using opened = new AsyncDisposableStack();
  const other = values.beside === 'release' ? await checkOutLastRelease(folder) : values.beside;
  await pinSelf(1);
  const database = await openBenchDatabase(`${folder}/data`);
  opened.defer(async () => await database.close());
  const admin = await connectTo(database.connectionString);
  opened.defer(async () => await admin.end());
  const postmaster = await postmasterOf(admin);
  const target = await startTarget();
  opened.defer(async () => await target.close());
  const open = (name: string, pid: number, backlog: Backlog): Side => {
    opened.defer(async () => await backlog.close());
    return { name, pid, backlog, rounds: [], restBytes: residentBytesOf(pid), mostBytes: 0 };
  };

  const openRaw = async (): Promise<Side> => {
    const url = await newDatabase(database.connectionString, 'raw');
    const workers = await startPinned(0, ['bench/collects/raw-pg-boss.ts'], { DATABASE_URL: url }, 'works');
    opened.defer(async () => await workers.stop());
    return open(RAW, workers.pid, await rawBacklog(url, ROUNDS + 1, JOBS));
  };
  const openService = async (name: string, databaseName: string, cwd: string): Promise<Side> => {
    const url = await newDatabase(database.connectionString, databaseName);
    const subject = await startSubject(
      {
        DATABASE_URL: url,
        LOG_LEVEL: 'info',
        // One is read at once, which warms the path up; the others wait until they are made due.
        SEQPULSE_PRE_SAMPLES: String(ROUNDS + 2),
        SEQPULSE_PRE_INTERVAL_SECONDS: '600',
      },
      cwd,
    );
    opened.defer(async () => await subject.process.stop());
    const rest = open(name, subject.process.pid, await collectBacklog(url));
    const bodies = await prepareTriggers(subject, target, PROJECTS, JOBS / PROJECTS, { baseline: 'at_trigger' });
    const { accepted } = await loadPost(`${subject.url}/deployments/trigger`, bodies, (body) =>
      body.includes('"created"'),
    );
    if (accepted !== JOBS) throw new Error(`${name}: ${JOBS - accepted} were not created`);
    return rest;
  };
  const sides = [await openRaw(), await openService(TREE, 'tree', process.cwd())];
  if (other !== undefined) sides.push(await openService('beside', 'beside', other));

  for (const side of sides) await measure(side, 0, postmaster);
  for (const side of sides) side.rounds.length = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const first = round % sides.length;
    for (const side of [...sides.slice(first), ...sides.slice(0, first)]) await measure(side, round, postmaster);
  }
  console.log(`collects, ${ROUNDS} rounds of ${JOBS}; medians`);
  for (const side of sides) say(side);
  const [raw, tree, beside] = sides;
  if (raw === undefined || tree === undefined) return 1;
  console.log(`  ${TREE} ÷ ${RAW}: ${ratio(tree, raw, 'perSecond')}`);
  if (beside !== undefined) {
    console.log(`  beside ÷ ${RAW}: ${ratio(beside, raw, 'perSecond')}`);
    const [rate, cpu, db] = (['perSecond', 'cpuMs', 'databaseMs'] as const).map((key) => ratio(tree, beside, key));
    console.log(`  ${TREE} ÷ beside: rate ${rate}, CPU of the service ${cpu}, of PostgreSQL ${db}`);
  }
  return 0;
});

async function measure(side: Side, round: number, postmaster: number): Promise<void> {
  const [service, server] = [cpuSecondsOf(side.pid), await cpuSecondsOfServer(postmaster)];
  // The first of a deployment was read at its trigger.
  const seconds = await side.backlog.work(side.name === RAW ? round : round + 1);
  side.mostBytes = Math.max(side.mostBytes, residentBytesOf(side.pid));
  side.rounds.push({
    perSecond: JOBS / seconds,
    cpuMs: ((cpuSecondsOf(side.pid) - service) / JOBS) * 1_000,
    databaseMs: (((await cpuSecondsOfServer(postmaster)) - server) / JOBS) * 1_000,
  });
}

function say({ name, rounds, restBytes, mostBytes }: Side): void {
  const of = (key: keyof Measured) => median(rounds.map((one) => one[key]));
  const cost = `CPU a job: ${of('cpuMs').toFixed(2)} ms, PostgreSQL ${of('databaseMs').toFixed(2)} ms`;
  const memory = `${(restBytes / 1e6).toFixed(0)} MB at the start, ${(mostBytes / 1e6).toFixed(0)} MB at the most`;
  console.log(`  ${name.padEnd(12)}${of('perSecond').toFixed(0).padStart(6)} jobs/s   ${cost}; ${memory}`);
}

/** Round by round: both sides of a ratio must have seen the same machine. */
function ratio(one: Side, other: Side, key: keyof Measured): string {
  return median(one.rounds.map((round, index) => round[key] / (other.rounds[index]?.[key] ?? Number.NaN))).toFixed(2);
}
