/**
 * `npm run bench:otlp:fuzz` (`-- --bodies 10000 --seed 1`): hostile bodies against the real service: flipped bits, cut ends,
 * gzip bombs, deep nesting, spliced parts, wrong encodings. Exits with 1 when the service ends, answers a 5xx, or its
 * memory passes the limit.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApi } from '../../harness/api.ts';
import { beginOwning } from '../../harness/ownership/run-owning.ts';
import { ADMIN_TOKEN, startServiceProcess } from '../../harness/service-process.ts';
import { startBenchServer } from '../bench-database.ts';
import { createHostileBodies } from './hostile-bodies.ts';

const MAX_MEMORY_MB = 250;
const AT_A_TIME = 8;

/** The most that a process has ever held, MB. Linux only. */
function peakMb(pid: number): number {
  const [, kb = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1024;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { bodies: { type: 'string' }, seed: { type: 'string' } } });
  const bodies = Number(values.bodies ?? 10_000);
  const seed = Number(values.seed ?? 1);
  beginOwning('bench-otlp-fuzz');
  await using server = await startBenchServer();
  const folder = await mkdtemp(join(tmpdir(), 'seqpulse-fuzz-'));
  try {
    await using service = await startServiceProcess({
      DATABASE_URL: server.url('postgres'),
      SEQPULSE_DATA_DIR: folder,
      LOG_LEVEL: 'info',
      SEQPULSE_OTLP_POINTS_PER_MINUTE: '0',
    });
    const { apiKey } = await createApi(service.url, ADMIN_TOKEN).newProject({ name: 'fuzzed' });
    const before = peakMb(service.pid);
    const next = createHostileBodies(seed, Date.now());
    const statuses = new Map<string, number>();
    let sent = 0;
    const send = async () => {
      while (sent < bodies) {
        sent += 1;
        const { body, headers } = next();
        const status = await fetch(`${service.url}/v1/metrics`, {
          method: 'POST',
          headers: { ...headers, 'X-API-Key': apiKey },
          body: new Uint8Array(body),
        }).then(
          async (answer) => {
            await answer.arrayBuffer();
            return String(answer.status);
          },
          (error: Error) => `no answer (${(error.cause as Error | undefined)?.message ?? error.message})`,
        );
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, send));
    const alive = (await fetch(`${service.url}/readyz`)).status === 200;
    const peak = peakMb(service.pid);
    const told = [...statuses].sort().map(([status, count]) => `${status}: ${count}`);
    console.log(`${sent} bodies, seed ${seed}: ${told.join(', ')}`);
    console.log(
      `memory: ${before.toFixed(0)} MB at rest, ${peak.toFixed(0)} MB at the most; ready afterwards: ${alive}`,
    );
    return alive && peak <= MAX_MEMORY_MB && ![...statuses.keys()].some((status) => status.startsWith('5'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = (await main()) ? 0 : 1;
