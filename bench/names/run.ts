/**
 * `npm run bench:names -- --projects 400 --hanging 30`: what names that never resolve cost those that do. Every project
 * has a name of its own; the name server is silent on `hanging` per cent of them. All are triggered within two seconds,
 * finished half a minute later, and read between deployments as always; then a deployment of a healthy project must have
 * its verdict. Linux, with `unshare` and `ip`: the network and the resolver files are the benchmark's own.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startNameServer } from '../../harness/name-server.ts';
import { isInside, runInside } from '../../harness/own-network.ts';
import { beginOwning, runOwning } from '../../harness/ownership/run-owning.ts';
import { connectTo, openBenchDatabase } from '../bench-database.ts';
import { pinSelf } from '../pinned-process.ts';
import { quantileBound, startSubject, startTarget } from '../subject.ts';

if (!isInside()) await runOwning('bench-names', async ({ folder }) => await runInside(folder));

const { values } = parseArgs({
  options: { projects: { type: 'string', default: '400' }, hanging: { type: 'string', default: '30' } },
});
const projects = Number(values.projects);
const hangingPercent = Number(values.hanging);
const POST_INTERVAL_SECONDS = 15;
/** A reading counts as in time when it is stored this long after it was due. */
const IN_TIME_SECONDS = 2;

const log = (line = '') => console.log(line);
const hangs = (project: number) => project % 100 < hangingPercent;
const host = (project: number) => `app-${project}.${hangs(project) ? 'hangs' : 'healthy'}.example`;

await using opened = new AsyncDisposableStack();
await pinSelf(1);
opened.use(
  await startNameServer((name) =>
    name.endsWith('.hangs.example') ? 'silent' : name.endsWith('.healthy.example') ? 'loopback' : 'missing',
  ),
);
const { folder } = beginOwning('bench-names');
const database = await openBenchDatabase(folder);
opened.defer(async () => await database.close());
const target = await startTarget();
opened.defer(async () => await target.close());
const subject = await startSubject({
  DATABASE_URL: database.connectionString,
  LOG_LEVEL: 'info',
  SEQPULSE_POST_INTERVAL_SECONDS: String(POST_INTERVAL_SECONDS),
});
opened.defer(async () => await subject.process.stop());
const client = await connectTo(database.connectionString);
opened.defer(async () => await client.end());

log(`SeqPulse and names that hang: ${projects} projects, ${hangingPercent} % of the names never resolve`);
const keys: string[] = [];
for (let project = 0; project < projects; project += 1) {
  const created = await subject.operator('POST', '/projects', { name: `${project} ${randomBytes(4).toString('hex')}` });
  keys.push(String(created.api_key));
  const url = target.url.replace('127.0.0.1', host(project));
  // By SQL: a test of each endpoint would hang for 5 s where its name does.
  await client.query(`insert into seqpulse.endpoints (project_id, env, active_url) values ($1, '', $2)`, [
    created.id,
    url,
  ]);
}
await client.query('analyze');

const ids = await Promise.all(keys.map(async (key, project) => await trigger(key, project)));
await sleep(30_000);
await Promise.all(keys.map(async (key, project) => await finish(key, project)));
log(`  /health meanwhile ${JSON.stringify(await health())}`);
await sleep(5 * POST_INTERVAL_SECONDS * 1000);
const verdictsAfter = await healthyVerdicts();
await report();

async function trigger(key: string, project: number): Promise<string> {
  await sleep((2_000 * project) / projects);
  return String((await post(key, 'trigger', { env: 'prod' })).deployment_id);
}

async function finish(key: string, project: number): Promise<void> {
  await sleep((2_000 * project) / projects);
  await post(key, 'finish', { deployment_id: ids[project], result: 'success' });
}

async function post(key: string, verb: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${subject.url}/deployments/${verb}`, {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${verb}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

async function health(): Promise<object> {
  const { status, checks, reasons } = (await (await fetch(`${subject.url}/health`)).json()) as Record<string, unknown>;
  return { status, checks, reasons };
}

/** Seconds from the end of the window until every healthy deployment had its verdict. */
async function healthyVerdicts(): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const { rows } = await client.query<{ open: string }>(
      `select count(*) as open from seqpulse.deployments where metrics_endpoint like '%healthy%' and state <> 'analyzed'`,
    );
    if (rows[0]?.open === '0') return (performance.now() - startedAt) / 1000;
    await sleep(250);
  }
}

async function report(): Promise<void> {
  const { rows } = await client.query<{ phase: string; stored: string; in_time: string; p95: number; most: number }>(
    `select s.phase, count(*) as stored,
            count(*) filter (where s.collected_at - s.due_at <= make_interval(secs => $1)) as in_time,
            percentile_cont(0.95) within group (order by extract(epoch from s.collected_at - s.due_at)) as p95,
            max(extract(epoch from s.collected_at - s.due_at)) as most
     from seqpulse.samples s join seqpulse.deployments d on d.id = s.deployment_id
     where d.metrics_endpoint like '%healthy%' group by 1 order by 1 desc`,
    [IN_TIME_SECONDS],
  );
  const healthy = Array.from({ length: projects }, (_, project) => project).filter((project) => !hangs(project)).length;
  for (const { phase, stored, in_time, p95, most } of rows) {
    const share = (100 * Number(in_time)) / (5 * healthy);
    log(
      `  healthy ${phase.padEnd(5)} ${stored} of ${5 * healthy} read, ${share.toFixed(2)} % within ${IN_TIME_SECONDS} s; due → stored p95 ${Number(p95).toFixed(2)} s, most ${Number(most).toFixed(2)} s`,
    );
  }
  const metrics = await subject.metrics();
  for (const type of ['pre_collect', 'post_collect']) {
    const bound = quantileBound(metrics, 'seqpulse_scheduler_job_start_delay_seconds', `job_type="${type}"`, 0.95);
    log(`  start delay ${type} (all projects) p95 ≤ ${bound} s`);
  }
  log(`  verdicts of the healthy ones ${verdictsAfter.toFixed(1)} s after their window`);
}
