/**
 * `npm run bench:clients -- --clients 200 --minutes 3`: so many CI clients, each with an environment of its own, start,
 * watch and finish one deployment after the other on two replicas and one durable PostgreSQL, while their collects run.
 * Nothing is pinned: replicas, database, application and clients share the machine.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createClient } from '../../client/client.ts';
import { runOwning } from '../../harness/ownership/run-owning.ts';
import { type ServiceProcess, startServiceProcess } from '../../harness/service-process.ts';
import { connectTo, openBenchDatabase } from '../bench-database.ts';
import { cpuSecondsOf } from '../pinned-process.ts';
import { quantileBound, startTarget } from '../subject.ts';

const REPLICAS = 2;
const ENVS_A_PROJECT = 20;
/** Seconds between two requests of a client that watches: the published one's pace. */
const LOOK_SECONDS = 2;
const LOOKS_BEFORE_FINISH = 3;
const LOOKS_AFTER_FINISH = 3;

type Kind = 'trigger' | 'finish' | 'look';

const { values } = parseArgs({
  options: { clients: { type: 'string', default: '200' }, minutes: { type: 'string', default: '3' } },
});
const clients = Number(values.clients);
const minutes = Number(values.minutes);

await runOwning('bench-clients', async ({ folder }) => {
  await using opened = new AsyncDisposableStack();
  const database = await openBenchDatabase(folder);
  opened.defer(async () => await database.close());
  const target = await startTarget();
  opened.defer(async () => await target.close());
  const replicas: ServiceProcess[] = [];
  for (let count = 0; count < REPLICAS; count += 1) {
    replicas.push(
      opened.use(await startServiceProcess({ DATABASE_URL: database.connectionString, LOG_LEVEL: 'info' })),
    );
  }
  const keys: string[] = [];
  for (let first = 0; first < clients; first += ENVS_A_PROJECT) {
    const envs = Array.from(
      { length: Math.min(ENVS_A_PROJECT, clients - first) },
      (_, index) => `env-${first + index}`,
    );
    const project = await replicas[0]?.api.newProject({ name: `project-${first}`, endpoint: target.url, envs });
    keys.push(...envs.map(() => project?.apiKey ?? ''));
  }

  const milliseconds: Record<Kind, number[]> = { trigger: [], finish: [], look: [] };
  const statuses = new Map<string, number>();
  const acknowledged: string[] = [];
  const untilMs = performance.now() + minutes * 60_000;
  const cpuBefore = replicas.map(({ pid }) => cpuSecondsOf(pid));

  async function runClient(index: number): Promise<void> {
    // Not in step with each other.
    await sleep((index / clients) * (LOOKS_BEFORE_FINISH + LOOKS_AFTER_FINISH) * LOOK_SECONDS * 1000);
    for (let run = 0; performance.now() < untilMs; run += 1) {
      const url = replicas[(index + run) % REPLICAS]?.url ?? '';
      const client = createClient({ url, apiKey: keys[index] ?? '', timeoutMs: 30_000 });
      const ask = async (kind: Kind, method: string, path: string, body?: object) => {
        const startedAt = performance.now();
        const answer = await client.send(method, path, body === undefined ? {} : { body }).catch(() => null);
        milliseconds[kind].push(performance.now() - startedAt);
        const status = `${kind} ${answer?.status ?? 'no answer'}`;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        return answer;
      };
      const key = randomBytes(8).toString('hex');
      const started = await ask('trigger', 'POST', '/deployments/trigger', {
        env: `env-${index}`,
        idempotency_key: key,
      });
      const id = started?.status === 200 ? String(started.body.deployment_id) : null;
      if (id === null) continue;
      acknowledged.push(id);
      const look = async () => {
        await sleep(LOOK_SECONDS * 1000);
        await ask('look', 'GET', `/deployments/${id}`);
      };
      for (let count = 0; count < LOOKS_BEFORE_FINISH; count += 1) await look();
      await ask('finish', 'POST', '/deployments/finish', { deployment_id: id, result: 'success' });
      for (let count = 0; count < LOOKS_AFTER_FINISH; count += 1) await look();
    }
  }
  await Promise.all(Array.from({ length: clients }, async (_, index) => await runClient(index)));

  const client = await connectTo(database.connectionString);
  const { rows } = await client.query('select id from seqpulse.deployments');
  await client.end();
  const stored = new Set(rows.map(({ id }) => id));
  console.log(`${clients} clients, ${minutes} minutes, ${REPLICAS} replicas: ${acknowledged.length} deployments`);
  console.log(`  acknowledged and lost: ${acknowledged.filter((id) => !stored.has(id)).length}`);
  console.log(
    `  answers: ${[...statuses]
      .sort()
      .map(([status, count]) => `${count} × ${status}`)
      .join(', ')}`,
  );
  for (const [kind, all] of Object.entries(milliseconds)) {
    const sorted = all.sort((a, b) => a - b);
    const at = (share: number) => `${(sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(0)} ms`;
    console.log(`  ${kind.padEnd(7)} p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, most ${at(0.999_999)}`);
  }
  for (const [index, { pid, url }] of replicas.entries()) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const delay = quantileBound(text, 'seqpulse_scheduler_job_start_delay_seconds', 'job_type="pre_collect"', 0.95);
    const share = (cpuSecondsOf(pid) - (cpuBefore[index] ?? 0)) / (minutes * 60);
    const loop = /^nodejs_eventloop_delay_p99\S* (\S+)/m.exec(text)?.[1];
    console.log(
      `  replica ${index + 1}: ${(share * 100).toFixed(0)} % of a core, start delay p95 ≤ ${delay} s, event loop p99 ${loop} s`,
    );
  }
  return 0;
});
