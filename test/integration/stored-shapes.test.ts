import { expect, test } from 'vitest';
import { STORED_SHAPES } from '../../src/db/stored-shapes.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory } from '../support/story.ts';

/** JSON of yesterday, of tomorrow, and of nobody: each row reads as what it is, and ends nothing but itself. */

const stage = useClockedStage();
const story = createStory(stage);

test('what is stored now carries the version of its shape', async () => {
  const finished = await story.finished();
  stage.app.behaviour = (response) =>
    void response.end(JSON.stringify({ metrics: { ...stage.app.metrics, cpu_usage: 2 } }));
  await story.until(finished, 301);
  const [stored] = await stage.database.query(
    `select v.shape, p.limits_shape, s.missing
     from seqpulse.deployments d join seqpulse.verdicts v on v.deployment_id = d.id
     join seqpulse.projects p on p.id = d.project_id
     join seqpulse.samples s on s.deployment_id = d.id and s.phase = 'post' and s.sequence = 1
     where d.id = $1`,
    [finished.id],
  );
  expect(stored).toEqual({
    shape: STORED_SHAPES.verdict,
    limits_shape: STORED_SHAPES.limits,
    missing: { shape: STORED_SHAPES.missing, cpu_usage: 'out_of_range' },
  });
  const jobs = `select min((data->>'shape')::int) as shape from pgboss.job where data->>'deploymentId' = $1::text`;
  expect(await stage.database.query(jobs, [finished.id])).toEqual([{ shape: STORED_SHAPES.job }]);
});

test.each([
  ['yesterday, without a version', { cpu_usage: 'out_of_range' }, { cpu_usage: 'out_of_range' }],
  ['tomorrow', { shape: 9, cpu_usage: 'stolen', latency_p95: 'no_requests' }, { latency_p95: 'no_requests' }],
  ['nobody', [7], undefined],
])('why a number is missing, as %s wrote it', async (_who, missing, shown) => {
  const started = await story.triggered();
  await stage.pass(1);
  await stage.database.query('update seqpulse.samples set missing = $2 where deployment_id = $1', [
    started.id,
    JSON.stringify(missing),
  ]);
  expect((await story.samples(started))[0]).toMatchObject({ phase: 'pre' });
  expect(((await story.samples(started))[0] as { missing?: object }).missing).toEqual(shown);
});

test.each([
  ['yesterday', { shape: 1, windowSeconds: 60, latencyMean: 80 }, { window_seconds: 60, latency_mean: 80 }],
  ['tomorrow', { shape: 9, requests: 7, versions: [7], control: { numbers: { cpu_usage: 'much' } } }, { requests: 7 }],
  [
    'today, with metrics of a team’s own,',
    { shape: 3, custom: { depth: { value: 7, events: 9 }, share: { value: null, reason: 'no_requests' } } },
    { custom: { depth: 7, share: null }, custom_missing: { share: 'no_requests' }, custom_events: { depth: 9 } },
  ],
  [
    'somebody else, those of their own,',
    { shape: 9, custom: { depth: { value: 'deep', reason: 'bored' }, odd: 7 } },
    { custom: { depth: null, odd: null }, custom_missing: { depth: 'not_measured', odd: 'not_measured' } },
  ],
  ['nobody', 'much', {}],
])('what a source knew of a sample, as %s wrote it', async (_who, facts, shown) => {
  const started = await story.triggered();
  await stage.pass(1);
  await stage.database.query('update seqpulse.samples set facts = $2 where deployment_id = $1', [
    started.id,
    JSON.stringify(facts),
  ]);
  const [sample] = (await story.samples(started)) as [object];
  expect(sample).toMatchObject(shown);
  expect(sample).not.toHaveProperty('versions');
});

test.each([
  ['yesterday', '{"cpuRise": 0.2}', { cpu_usage_rise: 0.2 }],
  ['tomorrow', '{"cpuRise": 0.2, "soundRise": 3}', { cpu_usage_rise: 0.2 }],
  ['nobody', '{"cpuRise": "much"}', {}],
  ['null', 'null', {}],
  ['a list', '[1]', {}],
])('limits as %s wrote them are read, in lists too, and judged by', async (who, limits, own) => {
  const finished = await story.finished();
  await stage.database.query('update seqpulse.projects set limits = $2::jsonb where id = $1', [
    finished.projectId,
    limits,
  ]);
  const { body } = await stage.api.operator('GET', `/projects/${finished.projectId}`);
  for (const [name, value] of Object.entries(own)) expect(body.limits[name], who).toBe(value);
  expect((await stage.api.operator('GET', '/projects')).status).toBe(200);
  await story.until(finished, 301);
  expect((await story.read(finished)).verdict).not.toBeNull();
});

test('jobs of yesterday, without a version, run as they always did', async () => {
  const finished = await story.finished();
  await stage.database.query(
    `update pgboss.job set data = data - 'shape' where data->>'deploymentId' = $1 and state = 'created'`,
    [finished.id],
  );
  await story.until(finished, 301);
  expect(await story.read(finished)).toMatchObject({ state: 'analyzed', verdict: { verdict: 'ok' } });
  expect(await story.samples(finished)).toHaveLength(10);
});
