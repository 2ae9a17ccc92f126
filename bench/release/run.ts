/**
 * `npm run bench:release`: this tree against the last release and a bare Koa, in one run (compare.ts); `npm run bench` has
 * it among its parts. Parts by name: `npm run bench:release -- livez`, `-- trigger`; BENCH_ROUNDS, BENCH_SECONDS.
 */
import { runOwning } from '../../harness/ownership/run-owning.ts';
import { openBenchDatabase } from '../bench-database.ts';
import { pinSelf, startPinned } from '../pinned-process.ts';
import { freePort, startTarget } from '../subject.ts';
import { compareWithLastRelease } from './compare.ts';

const asked = process.argv.slice(2);

await runOwning('bench-release', async ({ folder }) => {
  await using opened = new AsyncDisposableStack();
  await pinSelf(1);
  const database = await openBenchDatabase(`${folder}/data`);
  opened.defer(async () => await database.close());
  const target = await startTarget();
  opened.defer(async () => await target.close());
  const port = await freePort();
  const koa = await startPinned(0, ['bench/bare-koa.ts'], { PORT: String(port), NODE_ENV: 'production' }, 'listens');
  opened.defer(async () => await koa.stop());
  const { connectionString } = database;
  await compareWithLastRelease(
    { folder, connectionString, target, koa: { port, pid: koa.pid } },
    (part) => asked.length === 0 || asked.includes(part),
  );
  return 0;
});
