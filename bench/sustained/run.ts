/**
 * `npm run bench:sustained`: whole deployments a second that one process carries for good. Open loop: each comes at its time,
 * whether or not those before it were answered. Trigger, five readings before, finish, five readings after, verdict; a minute
 * of the contract is a second here, so that a step shows its verdicts within half a minute. A rate is carried when verdicts
 * come as fast as deployments, hardly later than their windows end. This tree and the last release (LAST_RELEASE) take turns
 * at each rate, in one run: service on core 0, PostgreSQL (durable) and the load on core 1.
 * `-- --rates 25,50,75 [--tree-only] [--ready]` (with a baseline kept ready in each environment); BENCH_POSTGRES as in bench/bench-database.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { checkOutLastRelease, lastReleaseCommit } from '../../harness/last-release.ts';
import { runOwning } from '../../harness/ownership/run-owning.ts';
import { connectTo, newDatabase, openBenchDatabase } from '../bench-database.ts';
import { pinSelf } from '../pinned-process.ts';
import { FILL_RING } from '../ring.ts';
import { prepareTriggers, type Subject, startSubject, startTarget } from '../subject.ts';
import { comeOneByOne } from './open-loop.ts';

const WARM_UP_SECONDS = 10;
const SECONDS = 10;
/** Verdicts of the measured seconds ÷ deployments, at least. */
const MIN_SHARE = 0.95;
/** From the end of a window to its verdict, 95 of 100. */
const MAX_LATE_SECONDS = 3;
const PROJECTS = 20;
const ENVS = 100;

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '20,40,60,80,100,130,160,200' },
    'tree-only': { type: 'boolean', default: false },
    // As most environments are: with a baseline kept ready, by readings once a minute.
    ready: { type: 'boolean', default: false },
  },
});
const rates = values.rates.split(',').map(Number);

interface Side {
  readonly name: string;
  readonly subject: Subject;
  readonly client: pg.Client;
  readonly bodies: readonly (Awaited<ReturnType<typeof prepareTriggers>>[number] | undefined)[];
  next: number;
  carried: number;
  isBeaten: boolean;
}

await runOwning('bench-sustained', async ({ folder }) => {
  await using opened = new AsyncDisposableStack();
  await pinSelf(1);
  const database = await openBenchDatabase(`${folder}/data`);
  opened.defer(async () => await database.close());
  const target = await startTarget();
  opened.defer(async () => await target.close());

  const open = async (name: string, cwd: string): Promise<Side> => {
    const url = await newDatabase(database.connectionString, name);
    const paces = { SEQPULSE_PRE_INTERVAL_SECONDS: '0.2', SEQPULSE_POST_INTERVAL_SECONDS: '1' };
    const subject = await startSubject({ DATABASE_URL: url, ...paces }, cwd);
    opened.defer(async () => await subject.process.stop());
    const client = await connectTo(url);
    opened.defer(async () => await client.end());
    const baseline = values.ready ? 'continuous' : 'at_trigger';
    // One project after the other, as deployments come: not all of one at once, which its limit of jobs at a time would hold up.
    const byProject = await prepareTriggers(subject, target, PROJECTS, ENVS, { baseline });
    const bodies = byProject.map(
      (_, at) => byProject[(at % PROJECTS) * ENVS + Math.floor(at / PROJECTS)] ?? byProject[at],
    );
    if (values.ready) await client.query(FILL_RING);
    return { name, subject, client, bodies, next: 0, carried: 0, isBeaten: false };
  };
  const sides = [await open('tree', process.cwd())];
  if (!values['tree-only']) sides.unshift(await open('release', await checkOutLastRelease(folder)));
  console.log(`whole deployments a second; release = ${lastReleaseCommit().slice(0, 7)}`);
  for (const rate of rates) {
    for (const side of sides.filter(({ isBeaten }) => !isBeaten)) await step(side, rate);
  }
  for (const { name, carried } of sides) console.log(`  ${name.padEnd(10)}carries ${carried}/s`);
  const [release, tree] = sides;
  if (release !== undefined && tree !== undefined) {
    console.log(`  tree ÷ release: ${(tree.carried / release.carried).toFixed(2)}`);
  }
  return 0;
});

async function step(side: Side, rate: number): Promise<void> {
  const { subject, client, bodies } = side;
  const refused: string[] = [];
  const { running } = comeOneByOne({ perSecond: rate, seconds: WARM_UP_SECONDS + SECONDS }, async () => {
    const trigger = bodies[side.next++ % bodies.length];
    if (trigger === undefined) return;
    const post = async (path: string, body: string) => {
      const answer = await fetch(subject.url + path, { method: 'POST', headers: trigger.headers, body });
      const given = (await answer.json()) as { deployment_id?: string; status: string };
      if (!answer.ok || given.status === 'existing') refused.push(`${answer.status} ${given.status}`);
      return given;
    };
    const { deployment_id } = await post('/deployments/trigger', trigger.body);
    await sleep(1_500);
    await post('/deployments/finish', JSON.stringify({ deployment_id, result: 'success' }));
  });
  await sleep(WARM_UP_SECONDS * 1_000);
  const before = await verdicts(client);
  await sleep(SECONDS * 1_000);
  const after = await verdicts(client);
  const { rows } = await client.query<{ late: number }>(
    `select percentile_cont(.95) within group (order by extract(epoch from analyzed_at - window_ends_at))::float8 as late
     from seqpulse.deployments where analyzed_at > now() - interval '1 second' * $1`,
    [SECONDS],
  );
  const perSecond = (after - before) / SECONDS;
  const late = rows[0]?.late ?? Number.NaN;
  const isCarried = perSecond >= MIN_SHARE * rate && late <= MAX_LATE_SECONDS && refused.length === 0;
  const told = `${perSecond.toFixed(1)} verdicts/s, ${late.toFixed(1)} s after their windows (p95)`;
  console.log(
    `  ${side.name.padEnd(10)}${String(rate).padStart(4)}/s  ${told}${refused.length > 0 ? `, ${refused.length} refused (${refused[0]})` : ''}${isCarried ? '' : '  NOT CARRIED'}`,
  );
  if (isCarried) side.carried = rate;
  else side.isBeaten = true;
  await running;
  // What is left over must not burden the next step.
  for (let left = 1; left > 0; await sleep(250)) {
    const { rows: open } = await client.query<{ left: string }>(
      `select count(*) as left from seqpulse.deployments where state in ('running', 'finished')`,
    );
    left = Number(open[0]?.left ?? 0);
  }
}

async function verdicts(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: string }>('select count(*) from seqpulse.verdicts');
  return Number(rows[0]?.count ?? 0);
}
