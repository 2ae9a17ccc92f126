import { expect, test } from 'vitest';
import { useStage } from '../support/fixtures.ts';

/** However often CI says that a deployment ended: one analysis, and the first result counts. */

const stage = useStage();

async function triggered(name: string): Promise<{ apiKey: string; id: string }> {
  const { apiKey } = await stage.api.newProject({ name, endpoint: stage.app.url });
  const { body } = await stage.api.trigger(apiKey, { env: 'prod' });
  return { apiKey, id: body.deployment_id };
}

async function jobsOf(deploymentId: string): Promise<Record<string, number>> {
  const rows = await stage.database.query<{ name: string; count: string }>(
    `select name, count(*) from pgboss.job where data->>'deploymentId' = $1 group by name`,
    [deploymentId],
  );
  return Object.fromEntries(rows.map((row) => [row.name, Number(row.count)]));
}

test('20 parallel finishes: one is accepted, one analysis and five post collects are enqueued', async () => {
  const { apiKey, id } = await triggered('parallel');
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => await stage.api.finish(apiKey, { deployment_id: id, result: 'success' })),
  );
  const statuses = answers.map((answer) => answer.body.status).sort();
  expect(statuses).toEqual(['accepted', ...Array.from({ length: 19 }, () => 'ignored')]);
  expect(await jobsOf(id)).toMatchObject({ analysis: 1, post_collect: 5 });
});

test('a finish that is sent again later is ignored, and changes neither result nor times', async () => {
  const { apiKey, id } = await triggered('again');
  await stage.api.finish(apiKey, { deployment_id: id, result: 'success' });
  const first = (await stage.api.deployment(apiKey, id)).body;
  const again = await stage.api.finish(apiKey, { deployment_id: id, result: 'success' });
  expect(again.body).toMatchObject({ status: 'ignored', message: expect.any(String) });
  // The samples go on meanwhile.
  expect((await stage.api.deployment(apiKey, id)).body).toEqual({ ...first, samples: expect.anything() });
  expect(await jobsOf(id)).toMatchObject({ analysis: 1, post_collect: 5 });
});
