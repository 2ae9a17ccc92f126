/**
 * `npm run bench:targets -- --targets 10000 --hanging 1000 --minutes 5 --deployments 1`: what those that hang cost the
 * others. So many environments are read once a minute, some of the applications never answer, and so many deployments a
 * second are triggered and, 40 s later, finished, in one environment after the other, the hanging ones among them. Nothing is
 * pinned: service, PostgreSQL (durable) and applications share the machine. Told is the share of readings of the healthy ones that
 * were there within 2 s of when they were due: what was not read at all was not in time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runOwning } from '../../harness/ownership/run-owning.ts';
import { startServiceProcess } from '../../harness/service-process.ts';
import { addProjects, apiKeyOf, startApplications } from '../baseline/applications.ts';
import { connectTo, openBenchDatabase, postmasterOf } from '../bench-database.ts';
import { comeOneByOne } from '../sustained/open-loop.ts';
import { sayVitals, watchVitals } from '../vitals.ts';
import { collectLateness, IN_TIME_MS, type Lateness, ringLateness } from './in-time.ts';

/** Every environment was read once, and the first deployments have come to their samples after. */
const WARM_UP_SECONDS = 120;
const FINISH_AFTER_SECONDS = 40;
/** What is due at the very end may come this late. */
const SETTLE_SECONDS = 10;

const { values } = parseArgs({
  options: {
    targets: { type: 'string', default: '10000' },
    hanging: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '5' },
    deployments: { type: 'string', default: '1' },
  },
});
const count = Number(values.targets);
const hanging = Number(values.hanging);
const minutes = Number(values.minutes);
const perSecond = Number(values.deployments);

await runOwning('bench-targets', async ({ folder }) => {
  await using opened = new AsyncDisposableStack();
  const database = await openBenchDatabase(folder);
  opened.defer(async () => await database.close());
  const applications = await startApplications({ count, hanging }, null);
  opened.defer(async () => await applications.stop());
  const service = opened.use(
    await startServiceProcess({ DATABASE_URL: database.connectionString, LOG_LEVEL: 'info', NODE_ENV: 'production' }),
  );
  const client = await connectTo(database.connectionString);
  opened.defer(async () => await client.end());
  await addProjects(client, applications);
  await client.query('analyze');
  console.log(
    `${count} targets, ${hanging} of them hang; ${perSecond} deployments a second beside; ${minutes} minutes, after ${WARM_UP_SECONDS} s`,
  );

  const post = async (app: number, verb: string, body: object) => {
    const headers = { 'X-API-Key': apiKeyOf(app), 'Content-Type': 'application/json' };
    const answer = await fetch(`${service.url}/deployments/${verb}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${verb}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  let next = 0;
  const { running } = comeOneByOne({ perSecond, seconds: WARM_UP_SECONDS + minutes * 60 }, async () => {
    const app = next++ % count;
    const { deployment_id } = await post(app, 'trigger', { env: 'prod' });
    await sleep(FINISH_AFTER_SECONDS * 1_000);
    await post(app, 'finish', { deployment_id, result: 'success' });
  });
  // Told below, when the span has passed.
  running.catch(() => {});
  await sleep(WARM_UP_SECONDS * 1_000);

  const span = { fromMs: Date.now(), toMs: Date.now() + minutes * 60_000 };
  const vitals = opened.use(watchVitals({ ...service, postmaster: await postmasterOf(client) }));
  await sleep(minutes * 60_000);
  await sleep(SETTLE_SECONDS * 1_000);
  const healthy = Array.from({ length: count }, (_, app) => app).filter((app) => !applications.hangs(app));
  say('readings between deployments', await ringLateness(client, healthy, span));
  say('samples before a deployment', await collectLateness(client, 'pre', healthy, span));
  say('samples after a deployment', await collectLateness(client, 'post', healthy, span));
  const full = service.logged.filter(({ event }) => event === 'baseline_sweep_full').length;
  console.log(`  readings left out, too many hanging: told ${full} times`);
  sayVitals(vitals.readings);
  await running;
  return 0;
});

function say(what: string, { due, inTime, p50, p99, most }: Lateness): void {
  const share = ((100 * inTime) / due).toFixed(2);
  const ms = (value: number | null) => (value === null ? '–' : `${value.toFixed(0)} ms`);
  console.log(
    `  ${what.padEnd(29)}${due} due at healthy ones, ${share} % there within ${IN_TIME_MS / 1_000} s; late p50 ${ms(p50)}, p99 ${ms(p99)}, most ${ms(most)}`,
  );
}
