import { expect, test } from 'vitest';
import { scraped } from '../support/exposition.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { expectProblem } from '../support/problem.ts';
import { createStory, type Started } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);

const remove = async ({ projectId }: Started) => {
  expect((await stage.api.operator('DELETE', `/projects/${projectId}`)).status).toBe(204);
};

/** Log lines at `warn` and above since `from`. */
const complaints = (from: number) => stage.running.logged.slice(from).filter((line) => Number(line.level) >= 40);

const waitingJobs = async () =>
  await stage.database.query(
    `select id from pgboss.job where state in ('created', 'retry', 'active')
     and name in ('pre_collect', 'post_collect', 'analysis', 'dead_letter')`,
  );

test('a project deleted while its deployment runs: the jobs settle quietly and read nothing', async () => {
  const started = await story.triggered();
  await remove(started);
  const [lines, reads] = [stage.running.logged.length, stage.app.requests.length];
  await stage.pass(60);
  expect(await waitingJobs()).toEqual([]);
  expect(stage.app.requests.length).toBe(reads);
  expect(complaints(lines)).toEqual([]);
});

test('a project deleted while its deployment is observed: the analysis ends as not_found, without a verdict', async () => {
  const series = 'seqpulse_analysis_duration_seconds_count{outcome="not_found"}';
  const before = (await scraped(stage, series)) ?? 0;
  const finished = await story.finished();
  await story.until(finished, 70);
  await remove(finished);
  const [lines, reads] = [stage.running.logged.length, stage.app.requests.length];
  await story.until(finished, 301);
  expect(await waitingJobs()).toEqual([]);
  expect(stage.app.requests.length).toBe(reads);
  expect(complaints(lines)).toEqual([]);
  expect(await scraped(stage, series)).toBe(before + 1);
  expect(await stage.database.query('select from seqpulse.verdicts')).toEqual([]);
});

test.each(['pre', 'post'])(
  'a project deleted during a %s reading: the sample is dropped without a complaint',
  async (phase) => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const started = phase === 'pre' ? await story.triggered() : await story.finished();
    stage.app.behaviour = (response) => {
      asked.resolve();
      void answer.promise.then(() => response.end(JSON.stringify({ metrics: stage.app.metrics })));
    };
    const lines = stage.running.logged.length;
    const passing = stage.pass(1);
    await asked.promise;
    await remove(started);
    answer.resolve();
    await passing;
    await stage.pass(301);
    expect(complaints(lines)).toEqual([]);
    expect(await waitingJobs()).toEqual([]);
    expect(await stage.database.query('select from seqpulse.samples')).toEqual([]);
  },
);

test('a project deleted during the last try of a collect: its failure is recorded without the deployment', async () => {
  const finished = await story.finished();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  await story.until(finished, 200);
  let tries = 0;
  stage.app.behaviour = (response) => {
    tries += 1;
    if (tries < 4) response.writeHead(500).end();
    else {
      asked.resolve();
      void answer.promise.then(() => response.writeHead(500).end());
    }
  };
  const passing = story.until(finished, 695);
  await asked.promise;
  await remove(finished);
  answer.resolve();
  await passing;
  expect(await stage.database.query('select deployment_id, job_type from seqpulse.job_failures')).toContainEqual({
    deployment_id: null,
    job_type: 'post_collect',
  });
  await stage.pass(200);
  expect(await waitingJobs()).toEqual([]);
});

test('the key of a deleted project opens nothing any more', async () => {
  const started = await story.triggered();
  await remove(started);
  expectProblem(await story.finish(started), 'UNAUTHORIZED');
  expectProblem(await stage.api.deployment(started.apiKey, started.id), 'UNAUTHORIZED');
});

test('an environment removed in the middle of a deployment: that one goes on to its verdict, new ones are refused', async () => {
  const started = await story.triggered({ envs: ['prod', 'staging'] });
  await stage.pass(30);
  await stage.api.operator('PATCH', `/projects/${started.projectId}`, { envs: ['staging'] });
  expect((await story.finish(started)).body.status).toBe('accepted');
  expectProblem(await stage.api.trigger(started.apiKey, { env: 'prod' }), 'ENV_UNKNOWN');
  await stage.pass(301);
  expect(await story.read(started)).toMatchObject({ env: 'prod', state: 'analyzed', verdict: { verdict: 'ok' } });
});

test('an environment that comes back has its history and its numbers, not its old endpoint', async () => {
  const started = await story.triggered({ envs: ['prod', 'staging'] });
  const path = `/projects/${started.projectId}`;
  const own = `${stage.app.url}?env=staging`;
  await stage.api.operator('PUT', `${path}/endpoint`, { url: own, env: 'staging' });
  await stage.api.operator('POST', `${path}/endpoint/test`, { env: 'staging' });
  await stage.api.operator('PATCH', path, { envs: ['prod'] });
  await stage.api.operator('PATCH', path, { envs: ['prod', 'staging'] });
  const again = await stage.api.trigger(started.apiKey, { env: 'staging', metrics_endpoint: stage.app.url });
  expect(again.body.status).toBe('created');
  expect((await stage.api.deployment(started.apiKey, again.body.deployment_id)).body.number).toBe(2);
});

test('a deployment is read where it was triggered, also when the endpoint changes under it', async () => {
  const started = await story.triggered();
  const path = `/projects/${started.projectId}/endpoint`;
  await stage.api.operator('PUT', path, { url: `${stage.app.url}?new=1` });
  expect((await stage.api.operator('POST', `${path}/test`, {})).status).toBe(200);
  const [row] = await stage.database.query('select metrics_endpoint from seqpulse.deployments where id = $1', [
    started.id,
  ]);
  expect(row).toEqual({ metrics_endpoint: stage.app.url });
  await stage.pass(30);
  expect(await story.samples(started)).toHaveLength(5);
});
