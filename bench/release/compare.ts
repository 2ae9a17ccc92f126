import { checkOutLastRelease, lastReleaseCommit } from '../../harness/last-release.ts';
import { newDatabase } from '../bench-database.ts';
import { type LoadResult, loadGet, loadPost, median } from '../load.ts';
import { cpuSecondsOf } from '../pinned-process.ts';
import { prepareTriggers, startSubject, type startTarget } from '../subject.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);
const PROJECTS = 20;
const TRIGGERS_A_ROUND = 800;

export type ReleasePart = 'livez' | 'trigger';

/** What runs already: PostgreSQL, the application that is read, and a bare Koa on core 0. */
export interface Bench {
  /** Of this run; the release is checked out below it. */
  readonly folder: string;
  /** Of a server in which a database may be made for each side. */
  readonly connectionString: string;
  readonly target: Awaited<ReturnType<typeof startTarget>>;
  readonly koa: { readonly port: number; readonly pid: number };
}

interface Round {
  readonly perSecond: number;
  readonly cpuMicros: number;
}
interface Side {
  readonly name: string;
  readonly pid: number;
  readonly load: (round: number) => Promise<LoadResult>;
}

const log = (line = '') => console.log(line);

/**
 * This tree against the last release (LAST_RELEASE) and a bare Koa, in one run. Both services on core 0, each with a
 * database of its own on one PostgreSQL on core 1; they take turns within each round, and ratios are made round by round,
 * because both sides of a ratio must have seen the same machine. CPU is what a busy machine falsifies least.
 */
export async function compareWithLastRelease(bench: Bench, isAsked: (part: ReleasePart) => boolean): Promise<void> {
  const { folder, connectionString, target, koa } = bench;
  await using opened = new AsyncDisposableStack();
  const release = await checkOutLastRelease(folder);
  const subjectIn = async (name: string, cwd: string) => {
    const subject = await startSubject(
      // One reading each, at once: what the one side has triggered must not run while the other is measured.
      { DATABASE_URL: await newDatabase(connectionString, name), SEQPULSE_PRE_SAMPLES: '1' },
      cwd,
    );
    opened.defer(async () => await subject.process.stop());
    return subject;
  };
  const before = await subjectIn('release', release);
  const now = await subjectIn('tree', process.cwd());
  log(`\nThis tree against ${lastReleaseCommit().slice(0, 7)}: ${ROUNDS} rounds, 16 connections`);

  const reads = [
    { name: 'bare Koa', pid: koa.pid, load: async () => await loadGet(`http://127.0.0.1:${koa.port}/livez`, SECONDS) },
    { name: 'last release', pid: before.process.pid, load: async () => await loadGet(`${before.url}/livez`, SECONDS) },
    { name: 'this tree', pid: now.process.pid, load: async () => await loadGet(`${now.url}/livez`, SECONDS) },
  ];
  if (isAsked('livez')) {
    for (const side of reads) await side.load();
    report('GET /livez', await inRounds(reads), ['bare Koa', 'last release']);
  }
  if (!isAsked('trigger')) return;

  const triggers: Side[] = [];
  for (const [name, subject] of [['last release', before] as const, ['this tree', now] as const]) {
    const bodies = await prepareTriggers(subject, target, PROJECTS, ((ROUNDS + 1) * TRIGGERS_A_ROUND) / PROJECTS);
    const load = async (round: number) => {
      const some = bodies.slice(round * TRIGGERS_A_ROUND, (round + 1) * TRIGGERS_A_ROUND);
      const result = await loadPost(`${subject.url}/deployments/trigger`, some, (body) => body.includes('"created"'));
      if (result.accepted !== some.length) log(`  VOID: ${name}: ${some.length - result.accepted} were not created`);
      return result;
    };
    triggers.push({ name, pid: subject.process.pid, load });
  }
  for (const side of triggers) await side.load(ROUNDS);
  report('POST /deployments/trigger', await inRounds(triggers), ['last release']);
}

/** Each side once a round, in turns that begin with another one each time. */
async function inRounds(sides: readonly Side[]): Promise<Map<string, Round[]>> {
  const measured = new Map(sides.map(({ name }) => [name, [] as Round[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = round % sides.length;
    for (const { name, pid, load } of [...sides.slice(first), ...sides.slice(0, first)]) {
      const cpuBefore = cpuSecondsOf(pid);
      const result = await load(round);
      const cpuMicros = ((cpuSecondsOf(pid) - cpuBefore) / result.requests) * 1e6;
      measured.get(name)?.push({ perSecond: result.requestsPerSecond, cpuMicros });
    }
  }
  return measured;
}

function report(title: string, measured: ReadonlyMap<string, readonly Round[]>, yardsticks: readonly string[]): void {
  log(`\n${title}`);
  for (const [name, rounds] of measured) {
    const rate = median(rounds.map(({ perSecond }) => perSecond));
    const cpu = median(rounds.map(({ cpuMicros }) => cpuMicros));
    log(`  ${name.padEnd(14)}${rate.toFixed(0).padStart(8)}/s  ${cpu.toFixed(0).padStart(6)} µs CPU a request`);
  }
  const tree = measured.get('this tree') ?? [];
  for (const yardstick of yardsticks) {
    const other = measured.get(yardstick) ?? [];
    const ratio = (key: keyof Round) =>
      median(tree.map((one, round) => one[key] / (other[round]?.[key] ?? Number.NaN))).toFixed(2);
    log(`  this tree ÷ ${yardstick}: rate ${ratio('perSecond')}, CPU ${ratio('cpuMicros')}`);
  }
}
