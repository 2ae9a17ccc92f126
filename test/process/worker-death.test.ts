import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { startObservedApp } from '../../harness/observed-app.ts';
import { type ServiceProcess, startServiceProcess } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { createTestDatabase } from '../support/database.ts';

/** Real time: pg-boss notices a dead worker by its heartbeat (10 s) and two monitor passes (5 s each); more under load. */
const TAKE_OVER_SECONDS = 60;

const env = (databaseUrl: string) => ({
  DATABASE_URL: databaseUrl,
  SEQPULSE_PRE_INTERVAL_SECONDS: '0.1',
  SEQPULSE_POST_INTERVAL_SECONDS: '0.5',
});

test.concurrent('kill -9 during a post collect: after a restart nothing is lost, nothing is there twice, and there is one verdict', async () => {
  await using database = await createTestDatabase();
  await using app = await startObservedApp();
  await using first = await startServiceProcess(env(database.url));
  const project = await first.api.newProject({ name: 'shop', endpoint: app.url });
  const id = await startObservation(first, project.apiKey, database);

  // The second post collect hangs in the application; that is when the worker dies.
  await until('one post sample', 10, async () => (await countSamples(database, 'post')) >= 1);
  const held: ServerResponse[] = [];
  app.behaviour = (response) => held.push(response);
  await until('a read under way', 10, () => held.length > 0);
  first.kill('SIGKILL');
  expect((await first.exited).code).toBeNull();
  app.behaviour = null;

  await using second = await startServiceProcess(env(database.url));
  const deployment = await until('a verdict', TAKE_OVER_SECONDS, async () => {
    const { body } = await second.api.deployment(project.apiKey, id);
    return body.state === 'analyzed' ? body : null;
  });
  expect(deployment.verdict.verdict).toBe('ok');
  expect(await countSamples(database, 'post')).toBe(5);
  expect(await countSamples(database, 'pre')).toBe(5);
  expect(await database.query('select 1 from seqpulse.verdicts')).toHaveLength(1);
  // A death uses up no try, and is no failure of the job.
  expect(await database.query('select 1 from seqpulse.job_failures')).toHaveLength(0);
  expect(await database.query("select data from pgboss.job where (data->>'attempt')::int > 0")).toHaveLength(0);
});

test.concurrent('a second replica takes over the jobs of one that was killed', async () => {
  await using database = await createTestDatabase();
  await using app = await startObservedApp();
  await using survivor = await startServiceProcess(env(database.url));
  const project = await survivor.api.newProject({ name: 'shop', endpoint: app.url });
  const held: ServerResponse[] = [];
  app.behaviour = (response) => held.push(response);
  await using victim = await startServiceProcess(env(database.url));
  // Stopped, the survivor can fetch nothing: all five reads are the victim's.
  process.kill(survivor.pid, 'SIGSTOP');
  const { body } = await victim.api.trigger(project.apiKey, { env: 'prod' });
  await until('all five reads under way', 10, () => held.length >= 5);
  victim.kill('SIGKILL');
  app.behaviour = null;
  process.kill(survivor.pid, 'SIGCONT');
  await until('all pre samples', TAKE_OVER_SECONDS, async () => (await countSamples(database, 'pre')) === 5);
  const { body: finished } = await survivor.api.finish(project.apiKey, {
    deployment_id: body.deployment_id,
    result: 'success',
  });
  expect(finished.status).toBe('accepted');
});

type Database = Awaited<ReturnType<typeof createTestDatabase>>;

async function startObservation(service: ServiceProcess, apiKey: string, database: Database): Promise<string> {
  const { body } = await service.api.trigger(apiKey, { env: 'prod' });
  await until('all pre samples', 10, async () => (await countSamples(database, 'pre')) === 5);
  await service.api.finish(apiKey, { deployment_id: body.deployment_id, result: 'success' });
  return body.deployment_id;
}

async function countSamples(database: Database, phase: 'pre' | 'post'): Promise<number> {
  const rows = await database.query('select 1 from seqpulse.samples where phase = $1', [phase]);
  return rows.length;
}
