/**
 * `npm run bench:cli`: what the command line costs a pipeline. `--help` against a bare Node, in pairs; how long after its
 * verdict was stored `seqpulse wait` has ended, and how many requests it took for a deployment that is observed for
 * BENCH_MINUTES (default 2).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '../client/client.ts';
import { runOwning } from '../harness/ownership/run-owning.ts';
import { openBenchDatabase } from './bench-database.ts';
import { median } from './load.ts';
import { startSubject, startTarget } from './subject.ts';

const PAIRS = Number(process.env.BENCH_PAIRS ?? 21);
const MINUTES = Number(process.env.BENCH_MINUTES ?? 2);
const BUNDLE = 'cli/dist/seqpulse.js';

/** Milliseconds that a program took, and when it had ended (epoch). */
async function timed(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...args], {
    env: { PATH: process.env.PATH ?? '', TMPDIR: process.env.TMPDIR ?? '', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  return { ms: performance.now() - startedMs, endedAtMs: Date.now(), code: code as number };
}

/** Counts what passes on its way to the service. */
async function startCounter(url: string) {
  const seen: string[] = [];
  const server = createServer((incoming, answer) => {
    seen.push(`${incoming.method} ${(incoming.url ?? '').replace(/[0-9a-f-]{36}/, '{id}')}`);
    const onward = request(
      `${url}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close };
}

await runOwning('bench-cli', async ({ folder }) => {
  await using opened = new AsyncDisposableStack();
  if ((await timed(['cli/build.ts'])).code !== 0) return 1;

  const help: number[] = [];
  const bare: number[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    bare.push((await timed(['-e', '0'])).ms);
    help.push((await timed([BUNDLE, '--help'])).ms);
  }
  console.log(
    `--help    ${median(help).toFixed(0)} ms, bare Node ${median(bare).toFixed(0)} ms; medians of ${PAIRS} pairs`,
  );

  const database = await openBenchDatabase(`${folder}/data`);
  opened.defer(async () => await database.close());
  const target = await startTarget();
  opened.defer(async () => await target.close());
  const subject = await startSubject({
    DATABASE_URL: database.connectionString,
    SEQPULSE_PRE_INTERVAL_SECONDS: '0.5',
    SEQPULSE_POST_INTERVAL_SECONDS: String((MINUTES * 60) / 5),
  });
  opened.defer(async () => await subject.process.stop());
  const counter = await startCounter(subject.url);
  opened.defer(async () => await counter.close());
  const project = await subject.operator('POST', '/projects', { name: 'bench', metrics_endpoint: target.url });
  const key = String(project.api_key);
  const ci = createClient({ url: subject.url, apiKey: key });
  const { deployment_id: id } = await ci.trigger({ env: 'prod' });
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  await ci.finish({ deployment_id: id, result: 'success' });
  const waited = await timed([BUNDLE, 'wait', id, '--quiet'], { SEQPULSE_URL: counter.url, SEQPULSE_API_KEY: key });
  const { analyzed_at: analyzedAt } = await ci.deployment(id);
  const afterMs = waited.endedAtMs - Date.parse(analyzedAt ?? '');
  console.log(`wait      ended ${afterMs} ms after its verdict was stored, exit code ${waited.code}`);
  console.log(
    `          ${counter.seen.length} requests in ${(waited.ms / 1000).toFixed(0)} s: ${[...new Set(counter.seen)].join(', ')}`,
  );
  return 0;
});
