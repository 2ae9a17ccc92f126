/**
 * `npm run bench:otlp` (`-- --services 1000 --series 60 --seconds 60`): what it costs to take in, and read once a minute, what
 * so many services push once a minute, each a project whose source is OTLP: CPU of the service and of PostgreSQL as a
 * share of one core.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { createApi } from '../../harness/api.ts';
import { createProtobufCodec, duration, exportOf, gauge } from '../../harness/otlp-bodies.ts';
import { beginOwning } from '../../harness/ownership/run-owning.ts';
import { ADMIN_TOKEN, startServiceProcess } from '../../harness/service-process.ts';
import { startBenchServer } from '../bench-database.ts';
import { cpuSecondsOf, cpuSecondsOfServer } from '../pinned-process.ts';

const { values } = parseArgs({
  options: { services: { type: 'string' }, series: { type: 'string' }, seconds: { type: 'string' } },
});
const SERVICES = Number(values.services ?? 1_000);
const SERIES = Number(values.series ?? 60);
const SECONDS = Number(values.seconds ?? 60);
const EDGES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const AT_A_TIME = 8;
/** Every environment has been looked at by then: the first look counts what each version takes, to learn which serves. */
const WARM_UP_SECONDS = 150;
const codec = createProtobufCodec();
const STARTED_MS = Date.now() - 3_600_000;

/** All streams of one service, cumulative since an hour ago. */
function bodyOf(service: number, atMs: number): Buffer {
  const calls = Math.floor((atMs - STARTED_MS) / 100);
  const points = Array.from({ length: SERIES - 1 }, (_, series) => ({
    startMs: STARTED_MS,
    atMs,
    attributes: {
      'http.request.method': series % 2 === 0 ? 'GET' : 'POST',
      'http.route': `/route/${series >> 1}`,
      'http.response.status_code': series % 10 === 9 ? 500 : 200,
      'url.scheme': 'http',
    },
    edges: EDGES,
    counts: [...EDGES, 0].map((_, bucket) => (bucket < 9 ? Math.floor((calls * (bucket + 1)) / 45) : 0)),
    sum: calls * 0.05,
  }));
  return gzipSync(
    codec.encode(
      exportOf({
        attributes: {
          'service.name': `service-${service}`,
          'service.version': '1.4.2',
          'service.instance.id': `instance-${service}`,
          'telemetry.sdk.language': 'nodejs',
        },
        metrics: [duration('cumulative', points), gauge('process.cpu.utilization', [{ atMs, value: 0.2 }])],
      }),
    ),
  );
}

async function each(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const run = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, run));
}

beginOwning('bench-otlp');
await using server = await startBenchServer();
const folder = await mkdtemp(join(tmpdir(), 'seqpulse-otlp-'));
try {
  await using service = await startServiceProcess({
    DATABASE_URL: server.url('postgres'),
    SEQPULSE_DATA_DIR: folder,
    LOG_LEVEL: 'info',
  });
  const api = createApi(service.url, ADMIN_TOKEN);
  const keys: string[] = [];
  const push = async (index: number, atMs: number) => {
    const answer = await fetch(`${service.url}/v1/metrics`, {
      method: 'POST',
      headers: {
        'X-API-Key': keys[index] ?? '',
        'Content-Type': 'application/x-protobuf',
        'Content-Encoding': 'gzip',
      },
      body: new Uint8Array(bodyOf(index, atMs)),
    });
    if (answer.status !== 200) throw new Error(`push: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  console.log(`making ${SERVICES} projects, each with three minutes of past`);
  const now = Date.now();
  await each(SERVICES, async (index) => {
    const { id, apiKey } = await api.newProject({ name: `service ${index}` });
    keys[index] = apiKey;
    for (const minutesAgo of [3, 2, 1, 0]) await push(index, now - minutesAgo * 60_000);
    await api.operator('PUT', `/projects/${id}/source`, { type: 'otlp' });
    const tested = await api.operator('POST', `/projects/${id}/source/test`, {});
    if (tested.status !== 200) throw new Error(JSON.stringify(tested.body));
  });
  const postmaster = await server.pid();
  await sleep(5_000);
  let serial = 0;
  const pushFor = async (seconds: number) => {
    const startedAt = performance.now();
    const pushes: Promise<void>[] = [];
    for (let index = 0; index < (SERVICES * seconds) / 60; index += 1) {
      await sleep(Math.max(0, startedAt + (index * 60_000) / SERVICES - performance.now()));
      pushes.push(push(serial++ % SERVICES, Date.now()));
    }
    await Promise.all(pushes);
  };
  await pushFor(WARM_UP_SECONDS);
  const before = [cpuSecondsOf(service.pid), await cpuSecondsOfServer(postmaster)] as const;
  const startedAt = performance.now();
  await pushFor(SECONDS);
  const seconds = (performance.now() - startedAt) / 1_000;
  const share = (used: number) => `${((100 * used) / seconds).toFixed(1)} %`;
  const used = [cpuSecondsOf(service.pid) - before[0], (await cpuSecondsOfServer(postmaster)) - before[1]] as const;
  console.log(
    `${SERVICES} services × ${SERIES} series, once a minute, for ${seconds.toFixed(0)} s: service ${share(used[0])} of a core, PostgreSQL ${share(used[1])}`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
