import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { HEALTHY, type Metrics } from '../../harness/observed-app.ts';
import { DEFAULT_LIMITS } from '../../src/verdict/tuning.ts';
import { expectProblem } from '../support/problem.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';
import { createStory, type Story } from '../support/story.ts';

const DEFAULTS = {
  error_rate_rise: 0.004,
  latency_p95_growth: 0.35,
  latency_p95_rise_ms: 4,
  requests_per_sec_drop: 0.26,
  cpu_usage_rise: 0.05,
  memory_usage_rise: 0.06,
};

let stage: ClockedStage;
let story: Story;
let serial = 0;
beforeAll(async () => {
  stage = await openClockedStage();
  story = createStory(stage);
});
afterEach(async () => await stage.reset());
afterAll(async () => await stage[Symbol.asyncDispose]());

async function create(more: object = {}) {
  serial += 1;
  const answer = await stage.api.operator('POST', '/projects', { name: `limits ${serial}`, ...more });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}
const patch = (id: string, limits: unknown) => stage.api.operator('PATCH', `/projects/${id}`, { limits });

test('a project shows the limits that hold for it: the engine’s own while it has set none', async () => {
  const project = await create();
  expect(project).toMatchObject({ limits: DEFAULTS, limits_set: [] });
  expect(Object.values(project.limits).sort()).toEqual(Object.values(DEFAULT_LIMITS).sort());
  const { body } = await stage.api.operator('GET', '/projects');
  expect(body.items[0]).toMatchObject({ limits: DEFAULTS, limits_set: [] });
});

test('limits given at creation hold, the others have their defaults', async () => {
  const { id, limits, limits_set } = await create({ limits: { error_rate_rise: 0.01, cpu_usage_rise: null } });
  expect(limits).toEqual({ ...DEFAULTS, error_rate_rise: 0.01 });
  expect(limits_set).toEqual(['error_rate_rise']);
  expect((await stage.api.operator('GET', `/projects/${id}`)).body).toMatchObject({ limits, limits_set });
});

test('PATCH of one leaves the others, null takes one back to its default, and null for limits all of them', async () => {
  const { id } = await create({ limits: { latency_p95_growth: 0.5, latency_p95_rise_ms: 10 } });
  const changed = await patch(id, { memory_usage_rise: 0.2 });
  expect(changed.body.limits).toEqual({
    ...DEFAULTS,
    latency_p95_growth: 0.5,
    latency_p95_rise_ms: 10,
    memory_usage_rise: 0.2,
  });
  const back = await patch(id, { latency_p95_growth: null });
  expect(back.body).toMatchObject({ limits: { ...DEFAULTS, latency_p95_rise_ms: 10, memory_usage_rise: 0.2 } });
  expect(back.body.limits_set).toEqual(['latency_p95_rise_ms', 'memory_usage_rise']);
  const [stored] = await stage.database.query('select limits from seqpulse.projects where id = $1', [id]);
  expect(stored).toEqual({ limits: { latencyRiseMs: 10, memoryRise: 0.2 } });
  expect((await patch(id, {})).body).toEqual(back.body);
  expect((await stage.api.operator('PATCH', `/projects/${id}`, { finish_deadline_minutes: 60 })).body).toMatchObject({
    limits_set: back.body.limits_set,
  });
  expect((await patch(id, null)).body).toMatchObject({ limits: DEFAULTS, limits_set: [] });
});

test('limits that are patched at the same moment are all kept', async () => {
  const { id } = await create();
  const each = Object.entries(DEFAULTS).map(([name, value]) => ({ [name]: value * 2 }));
  await Promise.all(each.map((limits) => patch(id, limits)));
  const { body } = await stage.api.operator('GET', `/projects/${id}`);
  expect(body.limits).toEqual(Object.assign({}, ...each));
});

test.each([
  ['error_rate_rise', 0.0001, 1],
  ['latency_p95_growth', 0.01, 10],
  ['latency_p95_rise_ms', 0.01, 60_000],
  ['requests_per_sec_drop', 0.01, 1],
  ['cpu_usage_rise', 0.001, 1],
  ['memory_usage_rise', 0.001, 1],
])('%s goes from %d to %d, and what lies beyond is told its unit', async (name, least, most) => {
  const { id } = await create();
  for (const value of [least, most]) expect((await patch(id, { [name]: value })).body.limits[name]).toBe(value);
  for (const value of [least * 0.999, most * 1.001, 0, -1, '0.5', true, [], {}, 1e308]) {
    const answer = await patch(id, { [name]: value });
    expectProblem(answer, 'VALIDATION_FAILED');
    expect(answer.body.errors).toEqual([
      {
        path: `limits.${name}`,
        message: expect.stringMatching(
          new RegExp(`^must be a number from ${least} to ${most} \\(.+\\), or null for the default$`),
        ),
      },
    ]);
  }
  expect((await stage.api.operator('GET', `/projects/${id}`)).body.limits[name]).toBe(most);
});

test.each([
  ['a limit that does not exist', { latency_p95: 0.5 }, /knows error_rate_rise, .*; not "latency_p95"/],
  ['a list', [0.5], /must be an object of error_rate_rise/],
  ['a number', 0.5, /must be an object of error_rate_rise/],
  ['text', 'strict', /must be an object of error_rate_rise/],
])('%s is refused, since a limit believed to hold would be worse', async (_, limits, message) => {
  const { id } = await create();
  for (const answer of [
    await patch(id, limits),
    await stage.api.operator('POST', '/projects', { name: 'refused', limits }),
  ]) {
    expectProblem(answer, 'VALIDATION_FAILED');
    expect(answer.body.errors).toEqual([{ path: 'limits', message: expect.stringMatching(message) }]);
  }
});

async function verdictOf(after: Partial<Metrics>, limits: object) {
  const finished = await story.finished({ limits });
  stage.app.metrics = { ...HEALTHY, ...after };
  await story.until(finished, 301);
  return (await story.read(finished)).verdict;
}

// Latency is compared from 5 ms up: 120 → 200 ms is 80 of 125.
test.each([
  [0.63, 'attention'],
  [0.65, 'ok'],
])('the analysis judges by the project’s limits: growth of .64 at a limit of %d is %s', async (growth, verdict) => {
  const judged = await verdictOf({ latency_p95: 200 }, { latency_p95_growth: growth });
  expect(judged.verdict).toBe(verdict);
  const finding = judged.details.find((one: { metric: string }) => one.metric === 'latency_p95');
  expect(finding.evidence.limit).toBeCloseTo(growth * 125, 1);
});

test('limits changed while a deployment is observed hold for it', async () => {
  const finished = await story.finished();
  stage.app.metrics = { ...HEALTHY, latency_p95: 200 };
  await story.until(finished, 120);
  await patch(finished.projectId, { latency_p95_growth: 1 });
  await story.until(finished, 301);
  expect((await story.read(finished)).verdict.verdict).toBe('ok');
});
