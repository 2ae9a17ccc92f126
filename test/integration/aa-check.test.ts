import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Answer, NewProject } from '../../harness/api.ts';
import type { VerdictName } from '../../src/verdict/types.ts';
import { expectProblem } from '../support/problem.ts';
import { fillRing } from '../support/ring-readings.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;

let stage: ClockedStage;
let serial = 0;
beforeAll(async () => {
  stage = await openClockedStage();
});
afterEach(async () => await stage.reset());
afterAll(async () => await stage[Symbol.asyncDispose]());

async function project(more: object = {}): Promise<NewProject> {
  serial += 1;
  return await stage.api.newProject({ name: `aa ${serial}`, endpoint: stage.app.url, ...more });
}

/** Minutes before now, as a time. */
const ago = (minutes: number) => stage.clock.now() - minutes * MINUTE_MS;

const readings = async (
  { id }: NewProject,
  minutes: number,
  of?: Parameters<typeof fillRing>[3],
  env = 'prod',
): Promise<void> => await fillRing(stage, { projectId: id, env }, minutes, of);

/** A deployment that ran for a minute, so many minutes ago, with a window of five. */
async function deployed({ id }: NewProject, minutesAgo: number, verdict: VerdictName): Promise<string> {
  serial += 1;
  const deploymentId = randomUUID();
  await stage.database.query(
    `insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at,
       finish_deadline_at, finished_at, window_ends_at, analyzed_at, pre_expected, post_expected)
     values ($1, $2, 'prod', $3, 'analyzed', $4, $5, $5, $6, $7, $7, 5, 5)`,
    [deploymentId, id, serial, stage.app.url, ...[0, 1, 6].map((later) => new Date(ago(minutesAgo - later)))],
  );
  await stage.database.query(
    `insert into seqpulse.verdicts (project_id, deployment_id, verdict, confidence, summary, details, created_at)
     values ($4, $1, $2, 0.9, 'one sentence', '[]', $3)`,
    [deploymentId, verdict, new Date(ago(minutesAgo - 6)), id],
  );
  return deploymentId;
}

const check = async ({ id, apiKey }: NewProject, query = ''): Promise<Answer> =>
  await stage.api.request('GET', `/projects/${id}/aa-check${query}`, { headers: { 'X-API-Key': apiKey } });

/** Latency doubles by itself for ten minutes, an hour ago: nothing was deployed. */
const wolf = (minutesAgo: number) => (minutesAgo <= 60 && minutesAgo > 50 ? { latency_p95: 400 } : {});

test('a quiet day: no alarm, how sure that is, and the span that there really is', async () => {
  const quiet = await project();
  await readings(quiet, 24 * HOUR_MINUTES);
  const { status, body } = await check(quiet);
  expect(status).toBe(200);
  expect(body).toEqual({
    days: 7,
    env: 'prod',
    from: new Date(ago(24 * HOUR_MINUTES)).toISOString(),
    to: new Date(ago(1)).toISOString(),
    samples: 1_440,
    window: { samples_before: 15, samples_after: 5 },
    pairs: 285,
    skipped: 0,
    skipped_for: { gap: 0, not_quiet: 0, insufficient_data: 0 },
    alarms: 0,
    rollbacks: 0,
    alarm_share: 0,
    alarm_share_interval: [0, expect.closeTo(0.0133, 3)],
    by_metric: { error_rate: 0, latency_p95: 0, requests_per_sec: 0, cpu_usage: 0, memory_usage: 0 },
    examples: [],
    limits: expect.objectContaining({ latency_p95_growth: 0.35 }),
    limits_set: [],
  });
  expect((await stage.api.operator('GET', `/projects/${quiet.id}/aa-check?days=7`)).body).toEqual(body);
});

test('windows have the size of the project’s own', async () => {
  const quiet = await project({ observation_window_minutes: 15 });
  await readings(quiet, 60);
  expect((await check(quiet)).body).toMatchObject({ window: { samples_before: 15, samples_after: 15 }, pairs: 3 });
});

test('a level that jumps by itself would have cried wolf: which metric, when, and in which words', async () => {
  const jumpy = await project();
  await readings(jumpy, 120, wolf);
  const { body } = await check(jumpy);
  expect(body.alarms).toBeGreaterThan(0);
  expect(body.alarm_share).toBeCloseTo(body.alarms / body.pairs, 12);
  expect(body.by_metric).toMatchObject({ latency_p95: body.alarms, cpu_usage: 0 });
  expect(body.examples.at(-1)).toEqual({
    at: new Date(ago(60)).toISOString(),
    verdict: expect.stringMatching(/^(attention|rollback_recommended)$/),
    metrics: ['latency_p95'],
    summary: expect.stringContaining('p95 latency rose from 120 ms to 400 ms'),
  });
});

test('other limits can be tried in the query, and the project’s own hold without', async () => {
  const jumpy = await project();
  await readings(jumpy, 120, wolf);
  const tried = await check(jumpy, '?latency_p95_growth=4');
  expect(tried.body).toMatchObject({ alarms: 0, limits_set: ['latency_p95_growth'] });
  expect(tried.body.limits.latency_p95_growth).toBe(4);
  expect((await check(jumpy)).body.alarms).toBeGreaterThan(0);
  await stage.api.operator('PATCH', `/projects/${jumpy.id}`, { limits: { latency_p95_growth: 4 } });
  expect((await check(jumpy)).body.alarms).toBe(0);
  expect((await check(jumpy, '?latency_p95_growth=0.3')).body.alarms).toBeGreaterThan(0);
});

test('pairs that touch a deployment are left out', async () => {
  const busy = await project();
  await readings(busy, 120, wolf);
  const all = (await check(busy)).body;
  await deployed(busy, 61, 'ok');
  const { body } = await check(busy);
  expect(body.skipped_for).toMatchObject({ not_quiet: body.skipped, gap: 0 });
  expect(body.skipped).toBeGreaterThan(0);
  expect(body.pairs + body.skipped).toBe(all.pairs);
  expect(body.examples.map((alarm: { at: string }) => alarm.at)).not.toContain(new Date(ago(60)).toISOString());
});

test('what was judged bad is left out until an ok, or until somebody says that the level is right', async () => {
  const broken = await project();
  await readings(broken, 240);
  const all = (await check(broken)).body.pairs;
  const bad = await deployed(broken, 200, 'rollback_recommended');
  const inBadState = (await check(broken)).body;
  expect(inBadState.pairs).toBeLessThan(10);
  await deployed(broken, 100, 'ok');
  const repaired = (await check(broken)).body;
  expect(repaired.pairs).toBeGreaterThan(inBadState.pairs + 10);
  const headers = { 'X-API-Key': broken.apiKey };
  const feedback = { correct: false, note: 'meant to be slower' };
  await stage.api.request('POST', `/deployments/${bad}/feedback`, { headers, body: feedback });
  const accepted = (await check(broken)).body;
  expect(accepted.pairs).toBeGreaterThan(repaired.pairs + 10);
  expect(accepted.pairs).toBeLessThan(all);
});

test('a hole in the readings makes no pair', async () => {
  const holed = await project();
  await readings(holed, 120, (minutesAgo) => (minutesAgo <= 60 && minutesAgo > 50 ? null : {}));
  const { body } = await check(holed);
  expect(body.skipped_for.gap).toBe(body.skipped);
  expect(body.skipped).toBeGreaterThan(0);
});

test('days says how far back', async () => {
  const old = await project();
  await readings(old, 3 * 1_440);
  for (const [days, samples] of [
    [1, 1_440],
    [2, 2_880],
    [7, 4_320],
  ] as const) {
    expect((await check(old, `?days=${days}`)).body).toMatchObject({ days, samples });
  }
});

test('without any reading there is no share, and no span', async () => {
  const fresh = await project();
  expect((await check(fresh)).body).toMatchObject({
    from: null,
    to: null,
    samples: 0,
    pairs: 0,
    alarm_share: null,
    alarm_share_interval: null,
  });
});

test('one environment at a time: the one that is named, the only one, or prod', async () => {
  const several = await project({ envs: ['prod', 'staging'] });
  await readings(several, 30);
  await readings(several, 60, () => ({}), 'staging');
  expect((await check(several)).body).toMatchObject({ env: 'prod', samples: 30 });
  expect((await check(several, '?env=staging')).body).toMatchObject({ env: 'staging', samples: 60 });
  expectProblem(await check(several, '?env=nowhere'), 'ENV_UNKNOWN');
  expect((await check(await project({ envs: ['live'] }))).body.env).toBe('live');
  const unclear = await check(await project({ envs: ['a', 'b'] }));
  expectProblem(unclear, 'ENV_UNKNOWN');
  expect(unclear.body.detail).toContain('?env=');
});

test.each([
  ['days=0', 'query.days'],
  ['days=8', 'query.days'],
  ['days=1.5', 'query.days'],
  ['days=x', 'query.days'],
  ['days=1&days=2', 'query.days'],
  ['latency_p95_growth=35', 'query.latency_p95_growth'],
  ['latency_p95_growth=x', 'query.latency_p95_growth'],
  ['latency_p95_growth=0.5&latency_p95_growth=0.6', 'query.latency_p95_growth'],
  ['cpu_usage_rise=0', 'query.cpu_usage_rise'],
  ['env=a%00b', 'query.env'],
])('%s is refused and names its fault', async (query, path) => {
  const answer = await check(await project(), `?${query}`);
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors.map((fault: { path: string }) => fault.path)).toEqual([path]);
});

test('another project’s key is told that there is none, and no answer differs from one for an unknown id', async () => {
  const mine = await project();
  const other = await project();
  const foreign = await check({ ...mine, apiKey: other.apiKey });
  expectProblem(foreign, 'NOT_FOUND');
  expect(foreign.body).toEqual((await check({ ...other, id: randomUUID() })).body);
  expectProblem(await stage.api.operator('GET', `/projects/${randomUUID()}/aa-check`), 'NOT_FOUND');
  expectProblem(await check({ ...mine, id: 'x' }), 'NOT_FOUND');
});
