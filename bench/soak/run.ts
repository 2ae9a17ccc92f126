/**
 * `npm run bench:soak -- --minutes 30 --rate 10`: whether one process stays as it is under a load it can carry: so many whole
 * deployments a second by an open loop, at the contract's own paces (five samples 5 s apart, finish, five samples a minute
 * apart, verdict), each asked for once after its finish and /metrics read every 15 s. Half of what `npm run bench:sustained` says
 * is a good rate. Nothing is pinned. Memory is compared from the sixth minute on, when the first verdicts have come and as
 * many deployments end as begin: medians of its first and of its last five minutes. Ends with 1 when something was lost or
 * answered with another status than 200, or memory grew by more than a tenth.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { runOwning } from '../../harness/ownership/run-owning.ts';
import { startServiceProcess } from '../../harness/service-process.ts';
import { connectTo, openBenchDatabase, postmasterOf } from '../bench-database.ts';
import { median } from '../load.ts';
import { startTarget } from '../subject.ts';
import { comeOneByOne } from '../sustained/open-loop.ts';
import { sayVitals, type Vitals, watchVitals } from '../vitals.ts';

const WARM_UP_SECONDS = 6 * 60;
const SAY_EVERY_SECONDS = 5 * 60;
const MAX_GROWTH = 0.1;
/** From trigger to finish: all samples before are read. */
const DEPLOY_SECONDS = 25;
const LOOK_AFTER_SECONDS = 10;
/** From trigger to verdict, so that no environment is taken again before. */
const LIFE_SECONDS = 400;
const ENVS_A_PROJECT = 200;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, rate: { type: 'string', default: '10' } },
});
const seconds = Number(values.minutes) * 60;
const rate = Number(values.rate);
/** Of what is left of a short run a third. */
const comparedSeconds = Math.min(5 * 60, (seconds - WARM_UP_SECONDS) / 3);

await runOwning('bench-soak', async ({ folder }) => {
  await using opened = new AsyncDisposableStack();
  const database = await openBenchDatabase(folder);
  opened.defer(async () => await database.close());
  const target = await startTarget();
  opened.defer(async () => await target.close());
  const service = opened.use(
    await startServiceProcess({ DATABASE_URL: database.connectionString, LOG_LEVEL: 'info', NODE_ENV: 'production' }),
  );
  const client = await connectTo(database.connectionString);
  opened.defer(async () => await client.end());

  const places: { readonly env: string; readonly apiKey: string }[] = [];
  for (let project = 0; places.length < rate * LIFE_SECONDS; project += 1) {
    const envs = Array.from({ length: ENVS_A_PROJECT }, (_, number) => `env-${number}`);
    // Read at the trigger alone, as in bench:sustained: readings between deployments are another load.
    const settings = { name: `soak ${project}`, endpoint: target.url, envs, baseline: 'at_trigger' };
    const { apiKey } = await service.api.newProject(settings);
    places.push(...envs.map((env) => ({ env, apiKey })));
  }

  const statuses = new Map<string, number>();
  const acknowledged: string[] = [];
  const count = <Answer extends { readonly status: number }>(kind: string, answer: Answer): Answer => {
    const key = `${kind} ${answer.status}`;
    statuses.set(key, (statuses.get(key) ?? 0) + 1);
    return answer;
  };
  let next = 0;
  const one = async () => {
    const place = places[next++ % places.length];
    if (place === undefined) return;
    const { env, apiKey } = place;
    const started = count('trigger', await service.api.trigger(apiKey, { env }));
    if (started.status !== 200) return;
    const id = String(started.body.deployment_id);
    acknowledged.push(id);
    await sleep(DEPLOY_SECONDS * 1_000);
    count('finish', await service.api.finish(apiKey, { deployment_id: id, result: 'success' }));
    await sleep(LOOK_AFTER_SECONDS * 1_000);
    count('look', await service.api.deployment(apiKey, id));
  };

  console.log(`${rate} whole deployments a second, for ${values.minutes} minutes`);
  const vitals = opened.use(watchVitals({ ...service, postmaster: await postmasterOf(client) }, sayNowAndThen()));
  await comeOneByOne({ perSecond: rate, seconds }, one).running;
  const isSteady = report(vitals.between(WARM_UP_SECONDS, seconds));
  const verdicts = await verdictsOf(client, acknowledged);
  console.log(
    `  answers: ${[...statuses]
      .sort()
      .map(([status, times]) => `${times} × ${status}`)
      .join(', ')}`,
  );
  console.log(
    `  ${acknowledged.length} deployments: ${verdicts.lost} lost, ${verdicts.overdue} without a verdict 30 s after their window, verdict after it p95 ${verdicts.late.toFixed(1)} s`,
  );
  const isRight = verdicts.lost === 0 && [...statuses.keys()].every((status) => status.endsWith(' 200'));
  return isSteady && isRight ? 0 : 1;
});

/** A line every five minutes: a soak that goes wrong is seen before its end. */
function sayNowAndThen(): (vitals: Vitals) => void {
  let saidSeconds = Number.NEGATIVE_INFINITY;
  return ({ atSeconds, residentBytes }) => {
    if (atSeconds - saidSeconds < SAY_EVERY_SECONDS - 1) return;
    saidSeconds = atSeconds;
    console.log(`  ${(atSeconds / 60).toFixed(0).padStart(3)} min  ${(residentBytes / 1e6).toFixed(0)} MB`);
  };
}

/** Tells what became of memory and event loop; true when memory stayed. */
function report(readings: readonly Vitals[]): boolean {
  sayVitals(readings);
  const first = readings[0]?.atSeconds ?? 0;
  const last = readings.at(-1)?.atSeconds ?? 0;
  const memory = (part: readonly Vitals[]) => median(part.map(({ residentBytes }) => residentBytes));
  const before = memory(readings.filter(({ atSeconds }) => atSeconds < first + comparedSeconds));
  const after = memory(readings.filter(({ atSeconds }) => atSeconds > last - comparedSeconds));
  const growth = after / before - 1;
  console.log(
    `  memory of the first and last ${(comparedSeconds / 60).toFixed(0)} minutes: ${(before / 1e6).toFixed(0)} MB, ${(after / 1e6).toFixed(0)} MB (${growth > 0 ? '+' : ''}${(100 * growth).toFixed(1)} %)`,
  );
  return growth <= MAX_GROWTH;
}

async function verdictsOf(client: pg.Client, ids: readonly string[]) {
  const { rows } = await client.query<{ stored: number; overdue: number; late: number | null }>(
    `select count(*)::int as stored,
       count(*) filter (where analyzed_at is null and window_ends_at < now() - interval '30 s')::int as overdue,
       percentile_cont(.95) within group (order by extract(epoch from analyzed_at - window_ends_at))::float8 as late
     from seqpulse.deployments where id = any($1::uuid[])`,
    [ids],
  );
  const { stored = 0, overdue = 0, late = null } = rows[0] ?? {};
  return { lost: ids.length - stored, overdue, late: late ?? Number.NaN };
}
