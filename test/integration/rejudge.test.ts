import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Answer } from '../../harness/api.ts';
import { BROKEN, HEALTHY, type Metrics } from '../../harness/observed-app.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { expectProblem } from '../support/problem.ts';
import { fillRing } from '../support/ring-readings.ts';
import { ADMIN_TOKEN } from '../support/service.ts';
import { createStory, type Finished, type Started } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);

const rejudge = async ({ apiKey, id }: Started, body?: object): Promise<Answer> =>
  await stage.api.request('POST', `/deployments/${id}/rejudge`, {
    headers: { 'X-API-Key': apiKey },
    ...(body === undefined ? {} : { body }),
  });

async function judged(after: Partial<Metrics>, more: object = {}): Promise<Finished> {
  const finished = await story.finished(more);
  stage.app.metrics = { ...HEALTHY, ...after };
  await story.until(finished, 301);
  return finished;
}

/** A verdict as GET shows it, and what rejudge adds to it. */
async function expectSameVerdict(finished: Finished): Promise<void> {
  const stored = (await story.read(finished)).verdict;
  const { deployment_id, limits, limits_set, ...verdict } = (await rejudge(finished)).body;
  expect(deployment_id).toBe(finished.id);
  expect(limits.latency_p95_growth).toBeGreaterThan(0);
  expect(Array.isArray(limits_set)).toBe(true);
  expect(verdict).toEqual(stored);
}

test.each([
  ['a healthy deployment', HEALTHY, 'ok'],
  ['a broken one', BROKEN, 'rollback_recommended'],
  ['one that asks for attention', { latency_p95: 200 }, 'attention'],
])('%s judged again without limits has exactly its stored verdict', async (_, after, verdict) => {
  const finished = await judged(after);
  expect((await story.read(finished)).verdict.verdict).toBe(verdict);
  await expectSameVerdict(finished);
});

test('so has one judged by limits of the project’s own', async () => {
  const finished = await judged({ latency_p95: 200 }, { limits: { latency_p95_growth: 0.6 } });
  await expectSameVerdict(finished);
  expect((await rejudge(finished)).body).toMatchObject({ verdict: 'attention', limits_set: ['latency_p95_growth'] });
});

test('so has one whose baseline is the ring, also when the ring has gone on', async () => {
  const project = await stage.api.newProject({ name: 'ring', endpoint: stage.app.url });
  await fillRing(stage, { projectId: project.id }, 30);
  const { body } = await stage.api.trigger(project.apiKey, { env: 'prod' });
  await stage.pass(30);
  const started = { projectId: project.id, apiKey: project.apiKey, id: body.deployment_id, startedAtMs: 0 };
  await story.finish(started);
  const finished = { ...started, finishedAtMs: stage.clock.now() };
  stage.app.metrics = { ...HEALTHY, latency_p95: 200 };
  await story.until(finished, 301);
  const stored = (await story.read(finished)).verdict;
  expect(stored.details[0].evidence.samples_before).toBe(15);
  expect(stored.left_out).toContainEqual(expect.objectContaining({ reason: 'other_baseline', count: 1 }));
  await stage.database.query('truncate seqpulse.baseline_samples');
  await expectSameVerdict(finished);

  // Before and after this one the level is bad: it is judged by the last good baseline and says so.
  const next = await stage.api.trigger(project.apiKey, { env: 'prod' });
  expect(next.body.message).toContain('last good baseline');
  await stage.pass(30);
  const second = { ...finished, id: next.body.deployment_id };
  await story.finish(second);
  await stage.pass(301);
  expect((await story.read(second)).verdict.verdict).toBe('attention');
  await expectSameVerdict(second);
});

test('so has one whose pipeline failed, and says so', async () => {
  const started = await story.triggered();
  await stage.pass(30);
  await story.finish(started, 'failed');
  await stage.pass(301);
  const finished = { ...started, finishedAtMs: stage.clock.now() };
  await expectSameVerdict(finished);
  expect((await rejudge(finished)).body.summary).toContain('the pipeline failed');
});

test('so has one that was superseded, and one whose application answered nothing', async () => {
  const superseded = await story.finished();
  await story.until(superseded, 125);
  await stage.api.trigger(superseded.apiKey, { env: 'prod' });
  await stage.pass(10);
  await expectSameVerdict(superseded);
  expect((await rejudge(superseded)).body.summary).toContain('a newer deployment started');

  const silent = await story.finished();
  stage.app.behaviour = (response) => response.writeHead(500).end();
  await story.until(silent, 900);
  expect((await story.read(silent)).verdict.verdict).toBe('insufficient_data');
  await expectSameVerdict(silent);
});

test('so has one whose application refused the signature: still no verdict on it', async () => {
  const finished = await story.finished();
  await story.until(finished, 185);
  await stage.api.operator('POST', `/projects/${finished.projectId}/hmac`);
  stage.app.behaviour = (response) => response.writeHead(401).end();
  await story.until(finished, 320);
  expect((await story.read(finished)).verdict.summary).toMatch(/refused the signature .* after 4 of 5/);
  await expectSameVerdict(finished);
  expect((await rejudge(finished, { limits: { latency_p95_growth: 0.01 } })).body).toMatchObject({
    verdict: 'insufficient_data',
    confidence: 0,
  });
});

// Latency is compared from 5 ms up: 120 → 200 ms is 80 of 125.
test.each([
  [0.63, 'attention'],
  [0.65, 'ok'],
])('other limits give another verdict: growth of .64 at a limit of %d is %s', async (growth, verdict) => {
  const finished = await judged({ latency_p95: 200 });
  const { body } = await rejudge(finished, { limits: { latency_p95_growth: growth } });
  expect(body.verdict).toBe(verdict);
  expect(body.limits).toMatchObject({ latency_p95_growth: growth, cpu_usage_rise: 0.05 });
  expect(body.limits_set).toEqual(['latency_p95_growth']);
  const latency = body.details.find((finding: { metric: string }) => finding.metric === 'latency_p95');
  expect(latency.evidence.limit).toBeCloseTo(growth * 125, 1);
});

test('limits are put over the project’s own, and null stands for the engine’s', async () => {
  const finished = await judged({ latency_p95: 200 }, { limits: { latency_p95_growth: 1, cpu_usage_rise: 0.2 } });
  expect((await rejudge(finished)).body.verdict).toBe('ok');
  const { body } = await rejudge(finished, { limits: { latency_p95_growth: null } });
  expect(body).toMatchObject({ verdict: 'attention', limits_set: ['cpu_usage_rise'] });
});

test('nothing is stored and nothing counted', async () => {
  const finished = await judged({ latency_p95: 200 });
  const counted = async () =>
    (await stage.api.request('GET', '/metrics')).body
      .split('\n')
      // Not the gauges of the scheduler, which follow the database in the background.
      .filter((line: string) => /^seqpulse_(analysis|metrics|verdict|scheduler)_\w+_(total|count)[ {]/.test(line));
  const stored = async () => [
    await stage.database.query('select * from seqpulse.verdicts'),
    await stage.database.query('select * from seqpulse.deployments'),
    await stage.database.query('select * from seqpulse.projects'),
    await stage.database.query('select count(*) from seqpulse.samples'),
  ];
  const before = [await stored(), await counted()];
  expect((await rejudge(finished, { limits: { latency_p95_growth: 5 } })).body.verdict).toBe('ok');
  expect([await stored(), await counted()]).toEqual(before);
  expect(before[1]?.length).toBeGreaterThan(10);
});

test('a deployment that has no verdict yet is told what it waits for, and an abandoned one that it waits in vain', async () => {
  const started = await story.triggered();
  const running = await rejudge(started);
  expectProblem(running, 'NO_VERDICT');
  expect(running.body.detail).toContain('still running');
  await stage.pass(30);
  await story.finish(started);
  const observed = await rejudge(started);
  expectProblem(observed, 'NO_VERDICT');
  expect(observed.body.detail).toContain('still being observed');

  const abandoned = await story.triggered({ finish_deadline_minutes: 1 });
  await stage.pass(61);
  await stage.sweep();
  const answer = await rejudge(abandoned);
  expectProblem(answer, 'NO_VERDICT');
  expect(answer.body.detail).toContain('abandoned');
});

test.each([
  ['all of them', ''],
  ['one before', "and phase = 'pre' and sequence = 0"],
  ['one after', "and phase = 'post' and sequence = 4"],
])('once samples have been pruned (%s) it is refused, not judged on the rest', async (_, which) => {
  const finished = await judged(HEALTHY);
  await stage.database.query(`delete from seqpulse.samples where deployment_id = $1 ${which}`, [finished.id]);
  const answer = await rejudge(finished);
  expectProblem(answer, 'SAMPLES_GONE');
  expect(answer.body.detail).toContain('SEQPULSE_RETENTION_DAYS');
});

test('another project’s deployment is 404, as is none at all; the admin token opens any', async () => {
  const mine = await judged(HEALTHY);
  const other = await story.triggered();
  expectProblem(await rejudge({ ...mine, apiKey: other.apiKey }), 'NOT_FOUND');
  expectProblem(await rejudge({ ...mine, id: randomUUID() }), 'NOT_FOUND');
  expectProblem(await rejudge({ ...mine, id: 'x' }), 'NOT_FOUND');
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` };
  const byOperator = await stage.api.request('POST', `/deployments/${mine.id}/rejudge`, { headers });
  expect(byOperator.body).toEqual((await rejudge(mine)).body);
});

test('limits with faults are 422 with their names', async () => {
  const finished = await judged(HEALTHY);
  const answer = await rejudge(finished, { limits: { latency_p95_growth: 35, latency: 1 } });
  expectProblem(answer, 'VALIDATION_FAILED');
  expect(answer.body.errors.map((fault: { path: string }) => fault.path).sort()).toEqual([
    'limits',
    'limits.latency_p95_growth',
  ]);
});
