import { expect, test } from 'vitest';
import { HEALTHY } from '../../harness/observed-app.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { fillRing } from '../support/ring.ts';
import { createStory } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);

const own = async (apiKey: string) => await stage.api.request('GET', '/project', { headers: { 'X-API-Key': apiKey } });

test('a key is told whose it is, which environments there are, and that none is read yet', async () => {
  const { id, apiKey } = await stage.api.newProject({ name: 'mine', envs: ['staging', 'prod'] });
  const answer = await own(apiKey);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    id,
    name: 'mine',
    envs: ['prod', 'staging'],
    observation_window_minutes: 5,
    finish_deadline_minutes: 120,
    baseline: 'continuous',
    hmac_enabled: false,
    limits: { error_rate_rise: 0.004 },
    limits_set: [],
  });
  const unread = { source_active: false, source_type: null, last_read_at: null, last_reading: null, last_error: null };
  expect(answer.body.environments).toEqual([
    { env: 'prod', ...unread },
    { env: 'staging', ...unread },
  ]);
  expect((await stage.api.operator('GET', '/project')).status).toBe(401);
});

test('a source’s test is the first reading; one that fails is the last error, and where it is read is not told', async () => {
  const { id, apiKey } = await stage.api.newProject({ name: 'tested', endpoint: stage.app.url });
  const [tested] = (await own(apiKey)).body.environments;
  const testedAt = new Date(stage.clock.now()).toISOString();
  expect(tested).toMatchObject({ source_active: true, source_type: 'pull', last_read_at: testedAt, last_error: null });
  await stage.leap(60);
  stage.app.behaviour = (response) => void response.writeHead(502).end();
  await stage.api.operator('POST', `/projects/${id}/endpoint/test`, {});
  const { body } = await own(apiKey);
  expect(body.environments[0]).toMatchObject({
    source_active: true,
    last_error: { error: expect.stringContaining('502'), at: new Date(stage.clock.now()).toISOString() },
  });
  expect(JSON.stringify(body)).not.toContain(stage.app.url);
});

test('the newest reading is shown, of a deployment as of the ring, however long ago', async () => {
  const finished = await story.finished();
  const [deployed] = (await own(finished.apiKey)).body.environments;
  expect(deployed.last_reading).toEqual({ collected_at: deployed.last_read_at, ...HEALTHY });
  const fromMs = stage.clock.now() - 60_000 * 4;
  const metrics = { ...HEALTHY, cpu_usage: 0.25 };
  await fillRing(stage.running, { projectId: finished.projectId, url: stage.app.url, fromMs, count: 8, metrics });
  await stage.clock.setTime(stage.clock.now() + 5 * 3_600_000);
  const [later] = (await own(finished.apiKey)).body.environments;
  expect(later.last_read_at).toBe(new Date(fromMs + 7 * 60_000).toISOString());
  expect(later.last_reading).toMatchObject({ collected_at: later.last_read_at, cpu_usage: 0.25 });
});

test('tries of deployments and readings between them that fail are the last error, whichever came last', async () => {
  const started = await story.triggered();
  stage.app.behaviour = (response) => void response.writeHead(500).end();
  await stage.pass(3);
  const [failing] = (await own(started.apiKey)).body.environments;
  expect(failing.last_error.error).toContain('500');
  const at = new Date(stage.clock.now() + 1_000);
  await stage.running.service.lifecycle.db.environmentReads.recordError(started.projectId, 'prod', 'no answer', at);
  const [between] = (await own(started.apiKey)).body.environments;
  expect(between.last_error).toEqual({ error: 'no answer', at: at.toISOString() });
});
