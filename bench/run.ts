/**
 * `npm run bench`: what the service can carry, beside a bare Koa in the same run. One core for the server under
 * test, the other for PostgreSQL (durable: fsync on) and the load. Rounds alternate and medians are quoted,
 * because machines are shared and noisy: trust the ratios before the figures. Last, in the same run, this tree and the
 * last release (LAST_RELEASE) in turns.
 * Parts by name: `npm run bench -- reads triggers baseline collects delay release`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { beginOwning } from '../harness/ownership/run-owning.ts';
import { connectTo, openBenchDatabase } from './bench-database.ts';
import { loadGet, loadPost, median } from './load.ts';
import { cpuSecondsOf, PINNING, pinSelf, startPinned } from './pinned-process.ts';
import { compareWithLastRelease } from './release/compare.ts';
import { FILL_RING } from './ring.ts';
import { freePort, prepareTriggers, quantileBound, type Subject, startSubject, startTarget } from './subject.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 4);
const MIB = 1024 * 1024;

const log = (line = '') => console.log(line);
const row = (name: string, perSecond: number, p99: number, note: string) =>
  log(`  ${name.padEnd(28)}${perSecond.toFixed(0).padStart(8)}/s   p99 ${p99.toFixed(1).padStart(6)} ms   ${note}`);

await using opened = new AsyncDisposableStack();
const { folder } = beginOwning('bench');
await pinSelf(1);
const database = await openBenchDatabase(folder);
opened.defer(async () => await database.close());
const target = await startTarget();
opened.defer(async () => await target.close());
const bare = { port: await freePort() };
const koa = await startPinned(0, ['bench/bare-koa.ts'], { PORT: String(bare.port), NODE_ENV: 'production' }, 'listens');
opened.defer(async () => await koa.stop());

log(
  `SeqPulse benchmark: ${ROUNDS} rounds of ${SECONDS} s, 16 connections, ${PINNING ? 'server on core 0, database and load on core 1' : 'not pinned (no taskset)'}`,
);

/** A service on a database of its own. */
async function subjectOn(name: string, env: Record<string, string> = {}): Promise<Subject> {
  await onDatabase('postgres', `create database ${name}`);
  return await startSubject({ DATABASE_URL: urlOf(name), ...env });
}

function urlOf(name: string): string {
  const url = new URL(database.connectionString);
  url.pathname = `/${name}`;
  return url.href;
}

async function onDatabase(name: string, statement: string): Promise<void> {
  const client = await connectTo(urlOf(name));
  await client.query(statement);
  await client.end();
}

const parts = {
  reads: readRoutes,
  triggers,
  baseline: triggersWithBaseline,
  collects: collectPath,
  delay: runningDeployments,
  release: besideLastRelease,
};
const asked = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) await part();
}

async function readRoutes(): Promise<void> {
  const subject = await subjectOn('bench_reads', { LOG_LEVEL: 'info' });
  await sleep(2_000);
  const atRest = subject.rss();
  const routes = ['/livez', '/health', '/db-check', '/metrics'] as const;
  const sides = [
    { name: 'bare Koa', url: `http://127.0.0.1:${bare.port}/livez`, pid: koa.pid },
    ...routes.map((path) => ({ name: path, url: subject.url + path, pid: subject.process.pid })),
  ];
  const measured = new Map<string, { perSecond: number; p99Ms: number; cpuMicros: number }[]>();
  const failed: string[] = [];
  let peak = 0;
  // Unmeasured: whoever came first would be measured while its code is still being compiled.
  for (const { url } of sides) await loadGet(url, 2);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, url, pid } of sides) {
      const cpuBefore = cpuSecondsOf(pid);
      const result = await loadGet(url, SECONDS);
      const cpuMicros = ((cpuSecondsOf(pid) - cpuBefore) / result.requests) * 1e6;
      const one = { perSecond: result.requestsPerSecond, p99Ms: result.p99Ms, cpuMicros };
      measured.set(name, [...(measured.get(name) ?? []), one]);
      if (result.failed > 0) failed.push(`${name}: ${result.failed}`);
      peak = Math.max(peak, subject.rss());
    }
  }
  const medianOf = (name: string, key: 'perSecond' | 'p99Ms' | 'cpuMicros') =>
    median((measured.get(name) ?? []).map((one) => one[key]));
  log('\nReading (GET); CPU = server time a request');
  for (const { name } of sides) {
    const rate = medianOf(name, 'perSecond');
    const cpu = medianOf(name, 'cpuMicros');
    const ofKoa = `${(rate / medianOf('bare Koa', 'perSecond')).toFixed(2)} of bare Koa`;
    const cpuOfKoa = `${cpu.toFixed(0)} µs CPU (${(medianOf('bare Koa', 'cpuMicros') / cpu).toFixed(2)})`;
    row(name, rate, medianOf(name, 'p99Ms'), `${ofKoa}, ${cpuOfKoa}`);
  }
  const text = await subject.metrics();
  const scrapes: number[] = [];
  for (let index = 0; index < 50; index += 1) {
    const startedAt = performance.now();
    await subject.metrics();
    scrapes.push(performance.now() - startedAt);
  }
  log(`  one scrape (alone, ${text.split('\n').length} lines): median ${median(scrapes).toFixed(1)} ms`);
  log(`  memory: ${(atRest / MIB).toFixed(0)} MB at rest, ${(peak / MIB).toFixed(0)} MB at the most under load`);
  if (failed.length > 0) log(`  VOID: failed requests: ${failed.join(', ')}`);
  await subject.process.stop();
}

async function triggers(): Promise<void> {
  const variants = [
    ['20 projects', 20, 200],
    ['one project', 4, 1_000],
  ] as const;
  log('\nPOST /deployments/trigger, own environment each, answers "created", durably committed');
  for (const [name, projects, envs] of variants) {
    const subject = await subjectOn(`bench_trigger_${projects}`, { LOG_LEVEL: 'info' });
    const requests = await prepareTriggers(subject, target, projects, envs);
    const chunk = Math.floor(requests.length / ROUNDS);
    const rates: number[] = [];
    const p99s: number[] = [];
    let lost = 0;
    const cpuBefore = cpuSecondsOf(subject.process.pid);
    for (let round = 0; round < ROUNDS; round += 1) {
      const bodies = requests.slice(round * chunk, (round + 1) * chunk);
      const result = await loadPost(`${subject.url}/deployments/trigger`, bodies, (body) => body.includes('"created"'));
      rates.push(result.requestsPerSecond);
      p99s.push(result.p99Ms);
      lost += bodies.length - result.accepted;
    }
    row(name, median(rates), median(p99s), 'the pre collects of earlier ones running meanwhile');
    if (lost > 0) log(`  VOID: ${lost} were not created`);
    const cpuMs = ((cpuSecondsOf(subject.process.pid) - cpuBefore) / requests.length) * 1000;
    log(
      `  server CPU ${cpuMs.toFixed(1)} ms a trigger, collects included; memory ${(subject.rss() / MIB).toFixed(0)} MB`,
    );
    await subject.process.stop();
  }
}

/** What 15 readings from before cost a trigger: projects with `at_trigger` and with the ring, round by round in one run. */
async function triggersWithBaseline(): Promise<void> {
  const subject = await subjectOn('bench_trigger_baseline', { LOG_LEVEL: 'info' });
  const without = await prepareTriggers(subject, target, 10, 200, { baseline: 'at_trigger' });
  const ready = await prepareTriggers(subject, target, 10, 200);
  await onDatabase('bench_trigger_baseline', FILL_RING);
  const sides = [
    { name: 'baseline at trigger', requests: without },
    { name: 'baseline ready', requests: ready },
  ].map((side) => ({ ...side, rates: [] as number[], p99s: [] as number[], cpuMs: [] as number[] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of sides) {
      const chunk = Math.floor(side.requests.length / ROUNDS);
      const bodies = side.requests.slice(round * chunk, (round + 1) * chunk);
      const cpuBefore = cpuSecondsOf(subject.process.pid);
      const result = await loadPost(`${subject.url}/deployments/trigger`, bodies, (body) => body.includes('"created"'));
      side.rates.push(result.requestsPerSecond);
      side.p99s.push(result.p99Ms);
      side.cpuMs.push(((cpuSecondsOf(subject.process.pid) - cpuBefore) / bodies.length) * 1000);
      if (result.accepted < bodies.length) log(`  VOID: ${bodies.length - result.accepted} were not created`);
    }
  }
  const [rateWithout, rateReady] = sides.map((side) => median(side.rates));
  log('\nPOST /deployments/trigger with 15 samples from before copied into the deployment, beside without');
  for (const side of sides) {
    row(side.name, median(side.rates), median(side.p99s), `server CPU ${median(side.cpuMs).toFixed(2)} ms a trigger`);
  }
  log(`  ready ÷ not ready: ${((rateReady ?? Number.NaN) / (rateWithout ?? Number.NaN)).toFixed(2)}`);
  await subject.process.stop();
}

/** All pre collects of 400 deployments due at once: how fast does the whole path read, store and settle? */
async function collectPath(): Promise<void> {
  const subject = await subjectOn('bench_collects', {
    SEQPULSE_PRE_INTERVAL_SECONDS: '0.001',
    SEQPULSE_PRE_SAMPLES: '20',
  });
  const requests = await prepareTriggers(subject, target, 40, 10);
  const startedAt = performance.now();
  const cpuBefore = cpuSecondsOf(subject.process.pid);
  await loadPost(`${subject.url}/deployments/trigger`, requests, (body) => body.includes('"created"'));
  const expected = requests.length * 20;
  while (collected(await subject.metrics()) < expected) await sleep(100);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuMs = ((cpuSecondsOf(subject.process.pid) - cpuBefore) / expected) * 1000;
  log('\nThe whole collect path (due → read over HTTP → stored and settled)');
  log(
    `  ${expected} collects in ${seconds.toFixed(1)} s: ${(expected / seconds).toFixed(0)} jobs/s, server CPU ${cpuMs.toFixed(2)} ms a job; memory ${(subject.rss() / MIB).toFixed(0)} MB`,
  );
  await subject.process.stop();
}

function collected(text: string): number {
  return Number(/^seqpulse_metrics_collected_total\{phase="pre"\} (\d+)/m.exec(text)?.[1] ?? 0);
}

/** 1,000 deployments with the contract's own rhythm: 5 pre collects, 5 s apart. */
async function runningDeployments(): Promise<void> {
  const subject = await subjectOn('bench_delay');
  const requests = await prepareTriggers(subject, target, 100, 10);
  await loadPost(`${subject.url}/deployments/trigger`, requests, (body) => body.includes('"created"'));
  while (collected(await subject.metrics()) < requests.length * 5) await sleep(250);
  const text = await subject.metrics();
  const name = 'seqpulse_scheduler_job_start_delay_seconds';
  const sum = Number(new RegExp(`^${name}_sum\\{job_type="pre_collect"\\} (\\S+)`, 'm').exec(text)?.[1]);
  const count = Number(new RegExp(`^${name}_count\\{job_type="pre_collect"\\} (\\S+)`, 'm').exec(text)?.[1]);
  log('\nJob start delay with 1,000 running deployments, 5 pre collects each, 5 s apart, all triggered at once');
  log(
    `  p95 ≤ ${quantileBound(text, name, 'job_type="pre_collect"', 0.95)} s (bucket bound), mean ${((sum / count) * 1000).toFixed(0)} ms, ${count} jobs; memory ${(subject.rss() / MIB).toFixed(0)} MB`,
  );
  await subject.process.stop();
}

async function besideLastRelease(): Promise<void> {
  const { connectionString } = database;
  const koaSide = { port: bare.port, pid: koa.pid };
  await compareWithLastRelease({ folder, connectionString, target, koa: koaSide }, () => true);
}
