import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../../bench/verdict/random.ts';
import { seriesOf } from '../../harness/exposition.ts';
import { leftoversOf } from '../../harness/ownership/leftovers.ts';
import { type Check, checkCounters, checkLifecycles, checkProbed, describeTraffic, type FaultSpan } from './checks.ts';
import { type Lifecycle, live, plannedLifecycle, type Traffic } from './clients.ts';
import { readStored } from './facts.ts';
import { FAULTS } from './faults.ts';
import { probe } from './probe.ts';
import { AWAY, drawSchedule, type Fault, leastSeconds } from './schedule.ts';
import { LIFECYCLE, openStage, REPLICAS, type Stage } from './stage.ts';

export interface SeedOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly lifecycles: number;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** One run: resolves with what was checked. */
export async function runSeed(parent: string, options: SeedOptions): Promise<Check[]> {
  const { seed, rounds, log } = options;
  const folder = join(parent, `seed-${seed}`);
  mkdirSync(folder);
  const faults = drawSchedule({ seed, rounds, replicas: REPLICAS });
  const startedAt = performance.now();
  const tell = (line: string) => log(`  ${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}`);
  const checks: Check[] = [];
  {
    await using stage = await openStage(folder);
    tell(`${REPLICAS} replicas are up`);
    const lifecycles = await prepare(stage, options, leastSeconds(faults));
    const stopClients = new AbortController();
    const stopProbe = new AbortController();
    const traffic: Traffic = { statuses: new Map(), triggerSeconds: [] };
    const urls = stage.replicas.map(({ url }) => url);
    const living = lifecycles.map(async (one) => {
      await sleep(one.startsMs);
      await live(one, { urls, traffic, stop: stopClients.signal });
    });
    const probing = probe(stage.replicas, stopProbe.signal);

    const { spans, ends } = await make(stage, faults, options.signal, tell);
    checks.push(ends);
    tell('no more faults');
    await untilJudged(stage, lifecycles);
    stopProbe.abort();
    stopClients.abort();
    await Promise.all(living);
    const probed = await probing;
    const stored = await readStored(stage.database.url('postgres'));
    checks.push(...checkLifecycles(lifecycles, stored, spans), ...checkProbed(probed));
    checks.push(...checkCounters(announcedBy(stage), await counted(stage), stored));
    tell(describeTraffic(traffic));
    checks.push(await stopAll(stage));
    tell(eventsOf(stage));
  }
  const { processes } = leftoversOf([folder]);
  checks.push({ name: 'nothing left running', looked: 1, wrong: processes.map(({ command }) => command) });
  return checks;
}

/** Projects of three kinds, and lifecycles that begin all along the faults. */
async function prepare(stage: Stage, { seed, lifecycles }: SeedOptions, spanSeconds: number): Promise<Lifecycle[]> {
  const random = seeded(seed + 1);
  const api = stage.replicas[0]?.current?.api;
  if (api === undefined) throw new Error('no replica');
  const endpoints = [stage.app.url, stage.namedUrl, stage.flaky.url];
  const indexes = Array.from({ length: lifecycles }, (_, index) => index);
  const made: Lifecycle[] = [];
  for (const [kind, endpoint] of endpoints.entries()) {
    const mine = indexes.filter((index) => index % endpoints.length === kind);
    const envs = mine.map((index) => `env-${index}`);
    const baseline = kind === 0 ? 'continuous' : 'at_trigger';
    const { apiKey } = await api.newProject({ name: `project-${kind}`, endpoint, envs, baseline });
    for (const env of envs) {
      made.push(
        plannedLifecycle({
          apiKey,
          env,
          key: `${seed}-${env}`,
          startsMs: random() * spanSeconds * 1000,
          deploysMs: 3_000 + random() * 5_000,
        }),
      );
    }
  }
  return made;
}

async function make(stage: Stage, faults: readonly Fault[], signal: AbortSignal, tell: (line: string) => void) {
  const spans: FaultSpan[] = [];
  const wrong: string[] = [];
  for (const fault of faults) {
    if (signal.aborted) break;
    await sleep(fault.gapSeconds * 1000);
    const replica = stage.replicas[fault.replica];
    if (replica === undefined) throw new Error('no such replica');
    const startMs = Date.now();
    const end = await FAULTS[fault.kind](stage, fault, replica);
    const endMs = Date.now();
    spans.push({ away: AWAY.has(fault.kind), startMs, endMs });
    const skipped = end !== null && 'skipped' in end ? `, not tried: ${end.skipped}` : '';
    tell(`${fault.kind} (${replica.name}) ${((endMs - startMs) / 1000).toFixed(1)} s${skipped}`);
    if (end !== null && 'wrong' in end) wrong.push(`${fault.kind}: ${end.wrong}`);
  }
  return { spans, ends: { name: 'faults ended as they should', looked: faults.length, wrong } };
}

/** Until every lifecycle is through, at the longest as long as the promise of the last one may take. */
async function untilJudged(stage: Stage, lifecycles: readonly Lifecycle[]): Promise<void> {
  const { windowSeconds, retrySeconds, graceSeconds } = LIFECYCLE;
  const patienceMs = (windowSeconds + retrySeconds + graceSeconds + 40) * 1000;
  const untilMs = performance.now() + patienceMs;
  const through = async () => {
    const states = new Map((await readStored(stage.database.url('postgres'))).map(({ id, state }) => [id, state]));
    return lifecycles.every(({ id, seen }) => id !== null && states.get(id) === 'analyzed' && seen !== null);
  };
  while (!(await through()) && performance.now() < untilMs) await sleep(500);
}

function announcedBy(stage: Stage): string[] {
  return stage.replicas
    .flatMap(({ processes }) => processes)
    .flatMap(({ logged }) => logged.filter(({ event }) => event === 'verdict'))
    .map((line) => String(line.deployment_id));
}

async function counted(stage: Stage) {
  // The last fault may have been the end of one, and all that waited judged before it is back.
  await Promise.all(stage.replicas.map(async (replica) => await replica.up()));
  return await Promise.all(
    stage.replicas.map(async ({ name, url, current }) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const counter = seriesOf(text, 'seqpulse_analysis_verdict_total').reduce((sum, { value }) => sum + value, 0);
      return { name, logged: current?.logged.filter(({ event }) => event === 'verdict').length ?? 0, counter };
    }),
  );
}

/** Platforms give ten seconds. */
const STOP_SECONDS = 10;

async function stopAll(stage: Stage): Promise<Check> {
  const ends = await Promise.all(stage.replicas.map(async (replica) => ({ replica, end: await replica.stop() })));
  const wrong = ends.flatMap(({ replica, end }) =>
    end?.code === 0 && end.seconds <= STOP_SECONDS ? [] : [`${replica.name}: ${JSON.stringify(end)}`],
  );
  return {
    name: `replicas end at SIGTERM within ${STOP_SECONDS} s, and none by itself`,
    looked: ends.length,
    wrong: [...wrong, ...stage.replicas.flatMap(({ ownEnds }) => ownEnds)],
  };
}

/** What the replicas had to say above `info`, counted. */
function eventsOf(stage: Stage): string {
  const counts = new Map<string, number>();
  for (const { logged } of stage.replicas.flatMap(({ processes }) => processes)) {
    for (const { event, level } of logged) {
      if (level !== 'error' && level !== 50 && level !== 'ERROR') continue;
      counts.set(String(event), (counts.get(String(event)) ?? 0) + 1);
    }
  }
  const failed = stage.replicas.reduce((sum, { failedStarts }) => sum + failedStarts.length, 0);
  const errors = [...counts].map(([event, count]) => `${count} × ${event}`).join(', ');
  return `errors logged: ${errors || 'none'}; starts that did not come up: ${failed}`;
}
