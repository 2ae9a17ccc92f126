import { expect, test } from 'vitest';
import { BROKEN, HEALTHY, type Metrics } from '../../harness/observed-app.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { fillRing } from '../support/ring.ts';

const stage = useClockedStage();

test('a deployment says which readings it is compared with, and with which deployment their state began', async () => {
  const { id: projectId, apiKey } = await stage.api.newProject({ name: 'baselines', endpoint: stage.app.url });
  const read = async (id: string) => (await stage.api.deployment(apiKey, id)).body;
  const quiet = async (minutes: number) => {
    const nowMs = stage.clock.now();
    await fillRing(stage.running, { projectId, url: stage.app.url, fromMs: nowMs, count: minutes });
    await stage.clock.setTime(nowMs + minutes * 60_000);
  };
  const deploy = async (metrics: Metrics) => {
    const { body } = await stage.api.trigger(apiKey, { env: 'prod' });
    const id: string = body.deployment_id;
    await stage.pass(40);
    stage.app.metrics = metrics;
    await stage.api.finish(apiKey, { deployment_id: id, result: 'success' });
    const observed = await read(id);
    await stage.pass(301);
    stage.app.metrics = HEALTHY;
    return { observed, ended: await read(id) };
  };

  const first = await deploy(HEALTHY);
  expect(first.ended.baseline).toMatchObject({ source: 'at_trigger', samples: 5, good_since: null, note: null });
  const startedMs = Date.parse(first.ended.started_at);
  expect(Date.parse(first.ended.baseline.from)).toBeGreaterThanOrEqual(startedMs);
  expect(Date.parse(first.ended.baseline.until)).toBeLessThanOrEqual(startedMs + 30_000);

  await quiet(16);
  const second = await deploy(BROKEN);
  const since = { id: first.ended.id, number: first.ended.number };
  expect(second.ended.verdict.verdict).toBe('rollback_recommended');
  expect(second.ended.baseline).toMatchObject({ source: 'continuous', samples: 15, good_since: since, note: null });

  const third = await deploy(HEALTHY);
  expect(third.ended.baseline).toMatchObject({ source: 'last_good', samples: 15, good_since: since });
  expect(third.ended.baseline.note).toMatch(/^this environment is in a bad state since deployment 2/);
  expect(Date.parse(third.ended.baseline.until)).toBeLessThan(Date.parse(second.ended.started_at));

  // While it is observed, the limits that will hold.
  expect(first.observed.limits).toMatchObject({ error_rate_rise: 0.004, latency_p95_growth: 0.35 });
  expect(first.ended.limits).toBeNull();
  await stage.api.operator('PATCH', `/projects/${projectId}`, { limits: { error_rate_rise: 0.02 } });
  const { body } = await stage.api.trigger(apiKey, { env: 'prod' });
  expect((await read(body.deployment_id)).limits).toMatchObject({ error_rate_rise: 0.02, latency_p95_growth: 0.35 });
});
