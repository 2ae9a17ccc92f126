/**
 * `npm run bench:idle`: what an installation costs that does nothing: CPU of the service and of PostgreSQL with its own
 * defaults, over a minute, as a share of one core. CPU time, so that a busy machine falsifies little.
 * BENCH_POSTGRES as in bench/bench-database.ts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginOwning } from '../../harness/ownership/run-owning.ts';
import { startBenchServer } from '../bench-database.ts';
import { cpuSecondsOf, cpuSecondsOfServer } from '../pinned-process.ts';
import { startSubject } from '../subject.ts';

const SETTLE_SECONDS = 15;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 60);

beginOwning('bench-idle');
await using server = await startBenchServer();
const dataDir = await mkdtemp(join(tmpdir(), 'seqpulse-idle-'));
const subject = await startSubject({ DATABASE_URL: server.url('postgres'), SEQPULSE_DATA_DIR: dataDir });
try {
  await sleep(SETTLE_SECONDS * 1000);
  const postmaster = await server.pid();
  const before = [cpuSecondsOf(subject.process.pid), await cpuSecondsOfServer(postmaster)] as const;
  const startedAt = performance.now();
  await sleep(SECONDS * 1000);
  const seconds = (performance.now() - startedAt) / 1000;
  const share = (used: number) => `${((used / seconds) * 100).toFixed(1)} %`;
  const service = cpuSecondsOf(subject.process.pid) - before[0];
  const database = (await cpuSecondsOfServer(postmaster)) - before[1];
  console.log(`service ${share(service)} of a core, PostgreSQL ${share(database)}`);
} finally {
  await subject.process.stop();
  await rm(dataDir, { recursive: true, force: true });
}
