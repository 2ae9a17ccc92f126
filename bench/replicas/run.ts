/**
 * `npm run bench:replicas [-- --replicas 1,2]`: collects a second of so many processes on one database each side, in turn, in one
 * run. Nothing is pinned: processes, PostgreSQL (durable) and the application that is read share all cores, as on a machine of one's
 * own. Where the CPU went says why two are not twice one: what a job costs is the same, and cores have no more.
 * BENCH_ROUNDS, BENCH_JOBS (of a round, a multiple of 40), BENCH_POSTGRES as in bench/bench-database.ts.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runOwning } from '../../harness/ownership/run-owning.ts';
import { connectTo, newDatabase, openBenchDatabase, postmasterOf } from '../bench-database.ts';
import { type Backlog, collectBacklog } from '../collects/backlog.ts';
import { loadPost, median } from '../load.ts';
import { cpuSecondsOf, cpuSecondsOfServer, idleSeconds } from '../pinned-process.ts';
import { prepareTriggers, startSubject, startTarget } from '../subject.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const JOBS = Number(process.env.BENCH_JOBS ?? 12_000);
/** Of one project: as many as may run at a time. */
const ENVS = 40;

/** Of one round. CPU in ms a job; idle as a share of all cores. */
interface Measured {
  readonly perSecond: number;
  readonly serviceMs: number;
  readonly databaseMs: number;
  /** Of this program, which is the application that is read too. */
  readonly targetMs: number;
  readonly idle: number;
}
interface Side {
  readonly replicas: number;
  readonly pids: readonly number[];
  readonly backlog: Backlog;
  readonly rounds: Measured[];
}

const { values } = parseArgs({ options: { replicas: { type: 'string', default: '1,2' } } });

await runOwning('bench-replicas', async ({ folder }) => {
  await using opened = new AsyncDisposableStack();
  const database = await openBenchDatabase(`${folder}/data`);
  opened.defer(async () => await database.close());
  const admin = await connectTo(database.connectionString);
  opened.defer(async () => await admin.end());
  const postmaster = await postmasterOf(admin);
  const target = await startTarget();
  opened.defer(async () => await target.close());

  const open = async (replicas: number): Promise<Side> => {
    const url = await newDatabase(database.connectionString, `replicas_${replicas}`);
    const env = {
      DATABASE_URL: url,
      // One is read at the trigger; the others wait until they are made due.
      SEQPULSE_PRE_SAMPLES: String(ROUNDS + 2),
      SEQPULSE_PRE_INTERVAL_SECONDS: '600',
    };
    const subjects = [];
    for (let replica = 0; replica < replicas; replica += 1) {
      const subject = await startSubject(env, process.cwd(), null);
      opened.defer(async () => await subject.process.stop());
      subjects.push(subject);
    }
    const [first] = subjects;
    if (first === undefined) throw new Error('--replicas takes numbers from 1 on');
    const bodies = await prepareTriggers(first, target, JOBS / ENVS, ENVS, { baseline: 'at_trigger' });
    const { accepted } = await loadPost(`${first.url}/deployments/trigger`, bodies, (body) =>
      body.includes('"created"'),
    );
    if (accepted !== JOBS) throw new Error(`${JOBS - accepted} deployments were not created`);
    const backlog = await collectBacklog(url);
    opened.defer(async () => await backlog.close());
    return { replicas, pids: subjects.map((subject) => subject.process.pid), backlog, rounds: [] };
  };
  const sides: Side[] = [];
  for (const replicas of values.replicas.split(',').map(Number)) sides.push(await open(replicas));

  // The first round compiles.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const first = round % sides.length;
    for (const side of [...sides.slice(first), ...sides.slice(0, first)]) {
      const measured = await measure(side, round + 1, postmaster);
      if (round > 0) side.rounds.push(measured);
    }
  }
  console.log(`collects on ${availableParallelism()} cores, ${ROUNDS} rounds of ${JOBS}; medians`);
  for (const side of sides) say(side);
  const [least, ...more] = sides;
  for (const side of more) {
    const ratios = side.rounds.map(
      ({ perSecond }, index) => perSecond / (least?.rounds[index]?.perSecond ?? Number.NaN),
    );
    console.log(`  ${side.replicas} ÷ ${least?.replicas}: ${median(ratios).toFixed(2)}`);
  }
  return 0;
});

async function measure({ pids, backlog }: Side, round: number, postmaster: number): Promise<Measured> {
  const service = () => pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
  const before = { service: service(), database: await cpuSecondsOfServer(postmaster), idle: idleSeconds() };
  const own = process.cpuUsage();
  const startedMs = performance.now();
  const seconds = await backlog.work(round);
  const { user, system } = process.cpuUsage(own);
  const allSeconds = ((performance.now() - startedMs) / 1_000) * availableParallelism();
  return {
    perSecond: JOBS / seconds,
    serviceMs: ((service() - before.service) / JOBS) * 1_000,
    databaseMs: (((await cpuSecondsOfServer(postmaster)) - before.database) / JOBS) * 1_000,
    targetMs: (user + system) / 1_000 / JOBS,
    idle: (idleSeconds() - before.idle) / allSeconds,
  };
}

function say({ replicas, rounds }: Side): void {
  const of = (key: keyof Measured) => median(rounds.map((one) => one[key]));
  console.log(
    `  ${replicas} process${replicas === 1 ? ' ' : 'es'} ${of('perSecond').toFixed(0).padStart(6)} jobs/s   CPU a job: service ` +
      `${of('serviceMs').toFixed(2)} ms, PostgreSQL ${of('databaseMs').toFixed(2)} ms, application ${of('targetMs').toFixed(2)} ms; idle ${(of('idle') * 100).toFixed(0)} %`,
  );
}
