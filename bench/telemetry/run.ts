/**
 * `npm run bench:telemetry`: what telemetry costs. The same service four times, with metrics off, scraped, pushed by
 * OTLP, and pushed with every trace beside; a real Collector takes it in where it is built, else a sink that answers.
 * Server on core 0, database, load and Collector on core 1. Rounds alternate between the four and medians are quoted
 * as ratios to "off", because machines are shared and noisy.
 * Parts by name: `npm run bench:telemetry -- trigger livez`; BENCH_ROUNDS, BENCH_SECONDS.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectorProgramPath } from '../../collector/program.ts';
import { startCollector } from '../../harness/collector.ts';
import { openOtlpSink } from '../../harness/otlp-sink.ts';
import { beginOwning } from '../../harness/ownership/run-owning.ts';
import { newDatabase, openBenchDatabase } from '../bench-database.ts';
import { loadGet, loadPost, median } from '../load.ts';
import { cpuSecondsOf, PINNING, pinSelf } from '../pinned-process.ts';
import { prepareTriggers, type Subject, startSubject, startTarget } from '../subject.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
/** Triggers a round and variant; each is a deployment of its own environment. */
const TRIGGERS = 400;
const WARM_UP_TRIGGERS = 400;

interface Measured {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Server CPU a request, exports included, less what the service uses at rest. */
  readonly cpuMicros: number;
}

const REST_SECONDS = 4;
const atRest = new Map<Subject, number>();

const log = (line = '') => console.log(line);

await using opened = new AsyncDisposableStack();
await pinSelf(1);
const { folder } = beginOwning('bench-telemetry');
// Five services at a time, of 32 connections each.
const database = await openBenchDatabase(folder, { maxConnections: 250 });
opened.defer(async () => await database.close());
const target = await startTarget();
opened.defer(async () => await target.close());
const { endpoint, receiver } = await openReceiver();

const pushed = {
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_METRIC_EXPORT_INTERVAL: '15000',
};
const VARIANTS: Readonly<Record<string, Record<string, string>>> = {
  off: { OTEL_SDK_DISABLED: 'true' },
  Prometheus: { OTEL_METRICS_EXPORTER: 'prometheus' },
  OTLP: { ...pushed, OTEL_TRACES_EXPORTER: 'none' },
  'OTLP + traces': pushed,
  'OTLP + traces + logs': { ...pushed, OTEL_LOGS_EXPORTER: 'otlp' },
};

log(
  `Telemetry: ${ROUNDS} rounds, 16 connections, ${receiver}, ${PINNING ? 'server on core 0, the rest on core 1' : 'not pinned (no taskset)'}`,
);
const parts = { trigger: benchTrigger, livez: benchLivez };
const asked = process.argv.slice(2);
for (const [name, part] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) await part();
}

async function openReceiver(): Promise<{ endpoint: string; receiver: string }> {
  if (!existsSync(collectorProgramPath())) {
    const sink = opened.use(await openOtlpSink((response) => response.end()));
    return { endpoint: sink.url, receiver: 'a sink (the Collector is not built)' };
  }
  const collector = opened.use(
    await startCollector({ layers: ['metrics-prometheus', 'look'], env: { LOOK_VERBOSITY: 'basic' } }),
  );
  return { endpoint: collector.otlpUrl, receiver: 'the real Collector' };
}

/** CPU that a service uses a second while nobody asks for anything: polls, timers, pushes. */
async function measureRest(subjects: ReadonlyMap<string, Subject>): Promise<void> {
  // Past what the warm-up has left to do and to push.
  await sleep(6_000);
  const before = new Map([...subjects.values()].map((subject) => [subject, cpuSecondsOf(subject.process.pid)]));
  await sleep(REST_SECONDS * 1_000);
  for (const [subject, seconds] of before) {
    atRest.set(subject, (cpuSecondsOf(subject.process.pid) - seconds) / REST_SECONDS);
  }
}

function cpuOf(subject: Subject): { microsFor(requests: number): number } {
  const before = cpuSecondsOf(subject.process.pid);
  const startedAt = performance.now();
  return {
    microsFor(requests) {
      const elapsedSeconds = (performance.now() - startedAt) / 1_000;
      const used = cpuSecondsOf(subject.process.pid) - before - elapsedSeconds * (atRest.get(subject) ?? 0);
      return (used / requests) * 1e6;
    },
  };
}

/** Every variant is started once, on a database of its own; all stay up, so that rounds can alternate. */
async function startAll(part: string, env: Record<string, string>): Promise<ReadonlyMap<string, Subject>> {
  const subjects = new Map<string, Subject>();
  for (const [index, [name, telemetry]] of Object.entries(VARIANTS).entries()) {
    const url = await newDatabase(database.connectionString, `telemetry_${part}_${index}`);
    subjects.set(name, await startSubject({ DATABASE_URL: url, LOG_LEVEL: 'info', ...env, ...telemetry }));
  }
  return subjects;
}

async function inRounds(
  subjects: ReadonlyMap<string, Subject>,
  measure: (subject: Subject, name: string, round: number) => Promise<Measured>,
): Promise<ReadonlyMap<string, readonly Measured[]>> {
  const measured = new Map<string, Measured[]>([...subjects.keys()].map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = [...subjects];
    // Each goes first as often as last: what the machine does meanwhile hits all alike.
    if (round % 2 === 1) order.reverse();
    for (const [name, subject] of order) measured.get(name)?.push(await measure(subject, name, round));
  }
  return measured;
}

async function benchTrigger(): Promise<void> {
  // Of its collects only the first falls due meanwhile, at once; in operation too a trigger has that beside it.
  const subjects = await startAll('trigger', { SEQPULSE_PRE_SAMPLES: '5', SEQPULSE_PRE_INTERVAL_SECONDS: '3600' });
  const requests = new Map<string, Awaited<ReturnType<typeof prepareTriggers>>>();
  for (const [name, subject] of subjects) {
    requests.set(name, await prepareTriggers(subject, target, 20, (WARM_UP_TRIGGERS + ROUNDS * TRIGGERS) / 20));
  }
  const send = async (subject: Subject, name: string, from: number, count: number): Promise<Measured> => {
    const bodies = (requests.get(name) ?? []).slice(from, from + count);
    const cpu = cpuOf(subject);
    const result = await loadPost(`${subject.url}/deployments/trigger`, bodies, (body) => body.includes('"created"'));
    if (result.accepted !== count) log(`  VOID: ${name}: ${count - result.accepted} were not created`);
    return { perSecond: result.requestsPerSecond, p99Ms: result.p99Ms, cpuMicros: cpu.microsFor(count) };
  };
  for (const [name, subject] of subjects) await send(subject, name, 0, WARM_UP_TRIGGERS);
  await measureRest(subjects);
  const measured = await inRounds(
    subjects,
    async (subject, name, round) => await send(subject, name, WARM_UP_TRIGGERS + round * TRIGGERS, TRIGGERS),
  );
  report('POST /deployments/trigger, each a new deployment', measured);
  await stopAll(subjects);
}

async function benchLivez(): Promise<void> {
  const subjects = await startAll('livez', {});
  await sleep(1_000);
  for (const subject of subjects.values()) await loadGet(`${subject.url}/livez`, 1);
  await measureRest(subjects);
  const measured = await inRounds(subjects, async (subject) => {
    const cpu = cpuOf(subject);
    const result = await loadGet(`${subject.url}/livez`, SECONDS);
    return { perSecond: result.requestsPerSecond, p99Ms: result.p99Ms, cpuMicros: cpu.microsFor(result.requests) };
  });
  report('GET /livez', measured);
  await stopAll(subjects);
}

function report(title: string, measured: ReadonlyMap<string, readonly Measured[]>): void {
  const off = measured.get('off') ?? [];
  log(`\n${title}`);
  for (const [name, rounds] of measured) {
    // Round by round: both sides of a ratio have seen the same machine.
    const ratio = (key: keyof Measured) =>
      median(rounds.map((one, round) => one[key] / (off[round]?.[key] ?? Number.NaN)));
    const middle = (key: keyof Measured) => median(rounds.map((one) => one[key]));
    const addedMicros = median(rounds.map((one, round) => one.cpuMicros - (off[round]?.cpuMicros ?? Number.NaN)));
    log(
      `  ${name.padEnd(22)}${middle('perSecond').toFixed(0).padStart(7)}/s  ×${ratio('perSecond').toFixed(2)}   p99 ${middle('p99Ms').toFixed(1).padStart(6)} ms  ×${ratio('p99Ms').toFixed(2)}   CPU ${middle('cpuMicros').toFixed(0).padStart(5)} µs  ×${ratio('cpuMicros').toFixed(2)} (${addedMicros >= 0 ? '+' : ''}${addedMicros.toFixed(0)} µs)`,
    );
  }
}

async function stopAll(subjects: ReadonlyMap<string, Subject>): Promise<void> {
  for (const subject of subjects.values()) await subject.process.stop();
}
