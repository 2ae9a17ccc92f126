import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkOutLastRelease } from '../../harness/last-release.ts';
import { BROKEN, startObservedApp } from '../../harness/observed-app.ts';
import { type ServiceProcess, startServiceProcess } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { createTestDatabase } from '../support/database.ts';

/** Short enough that a whole deployment fits into a test, long enough that its readings are moments of their own. */
const SETTINGS = {
  SEQPULSE_PRE_SAMPLES: '5',
  SEQPULSE_PRE_INTERVAL_SECONDS: '1',
  SEQPULSE_POST_INTERVAL_SECONDS: '1',
};

const folder = mkdtempSync(join(tmpdir(), 'seqpulse-upgrade-'));
let release = '';

beforeAll(async () => {
  release = await checkOutLastRelease(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function analyzed(service: ServiceProcess, apiKey: string, id: string) {
  let body: Record<string, unknown> = {};
  await until(`${id} to be analyzed`, 60, async () => {
    body = (await service.api.deployment(apiKey, id)).body;
    return body.state === 'analyzed';
  });
  return body;
}

/** Starts a deployment and waits until its samples from before are there. */
async function started(service: ServiceProcess, apiKey: string, env: string): Promise<string> {
  const { status, body } = await service.api.trigger(apiKey, { env, branch: 'main' });
  expect([status, body.status], JSON.stringify(body)).toEqual([200, 'created']);
  return body.deployment_id;
}

async function readBefore(service: ServiceProcess, apiKey: string, id: string): Promise<void> {
  await until(`the samples before ${id}`, 60, async () => {
    const { body } = await service.api.request('GET', `/deployments/${id}/metrics`, {
      headers: { 'X-API-Key': apiKey },
    });
    return body.samples.filter(({ phase }: { phase: string }) => phase === 'pre').length >= 5;
  });
}

test('what the last release has stored is read, ended and judged by this one', async () => {
  await using database = await createTestDatabase({ empty: true });
  await using app = await startObservedApp();
  const env = { DATABASE_URL: database.url, ...SETTINGS };
  const ids: Record<string, string> = {};
  let key = '';
  let verdictBefore: unknown;
  {
    await using old = await startServiceProcess(env, release);
    const project = await old.api.newProject({ name: 'shop', endpoint: app.url, envs: ['judged', 'running', 'late'] });
    key = project.apiKey;
    ids.judged = await started(old, key, 'judged');
    ids.running = await started(old, key, 'running');
    ids.late = await started(old, key, 'late');
    for (const id of [ids.judged, ids.running, ids.late]) await readBefore(old, key, id);
    app.metrics = BROKEN;
    for (const id of [ids.judged, ids.late]) {
      expect((await old.api.finish(key, { deployment_id: id, result: 'success' })).status).toBeLessThan(300);
      if (id === ids.judged) verdictBefore = (await analyzed(old, key, id)).verdict;
    }
    old.kill('SIGTERM');
    expect((await old.exited).code).toBe(0);
  }
  await using now = await startServiceProcess(env);
  expect(verdictBefore).toMatchObject({ verdict: 'rollback_recommended' });
  expect((await now.api.deployment(key, ids.judged ?? '')).body.verdict).toMatchObject(
    // What it said then is not made again.
    verdictBefore as object,
  );
  await now.api.finish(key, { deployment_id: ids.running, result: 'success' });
  expect((await analyzed(now, key, ids.running ?? '')).verdict).toMatchObject({ verdict: 'rollback_recommended' });
  expect((await analyzed(now, key, ids.late ?? '')).verdict).not.toBeNull();
});

test('beside the last release on one database both serve, and each ends what the other began', async () => {
  await using database = await createTestDatabase({ empty: true });
  await using app = await startObservedApp();
  const env = { DATABASE_URL: database.url, ...SETTINGS };
  await using old = await startServiceProcess(env, release);
  const { apiKey } = await old.api.newProject({ name: 'shop', endpoint: app.url, envs: ['old-new', 'new-old'] });
  await using now = await startServiceProcess(env);
  const byOld = await started(old, apiKey, 'old-new');
  const byNew = await started(now, apiKey, 'new-old');
  await readBefore(now, apiKey, byOld);
  await readBefore(old, apiKey, byNew);
  app.metrics = BROKEN;
  expect((await now.api.finish(apiKey, { deployment_id: byOld, result: 'success' })).status).toBeLessThan(300);
  expect((await old.api.finish(apiKey, { deployment_id: byNew, result: 'success' })).status).toBeLessThan(300);
  for (const id of [byOld, byNew]) {
    const [one, other] = [await analyzed(old, apiKey, id), await analyzed(now, apiKey, id)];
    expect(one.verdict).toMatchObject({ verdict: 'rollback_recommended' });
    expect(other.verdict).toMatchObject({ verdict: 'rollback_recommended' });
  }
  // Whoever stored it: the last release does not know that column.
  for (const table of ['samples', 'verdicts']) {
    const rows = await database.query<{ named: boolean }>(
      `select c.project_id is not distinct from d.project_id as named
       from seqpulse.${table} c join seqpulse.deployments d on d.id = c.deployment_id`,
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ named }) => named)).toBe(true);
  }
});

test('and back: the last release goes on where this one was, and this one after it', async () => {
  await using database = await createTestDatabase({ empty: true });
  await using app = await startObservedApp();
  const env = { DATABASE_URL: database.url, ...SETTINGS };
  const end = async (service: ServiceProcess) => {
    service.kill('SIGTERM');
    expect((await service.exited).code).toBe(0);
  };
  let key = '';
  const ids: string[] = [];
  {
    await using now = await startServiceProcess(env);
    key = (await now.api.newProject({ name: 'shop', endpoint: app.url, envs: ['judged', 'running', 'back'] })).apiKey;
    for (const name of ['judged', 'running']) ids.push(await started(now, key, name));
    for (const id of ids) await readBefore(now, key, id);
    app.metrics = BROKEN;
    await now.api.finish(key, { deployment_id: ids[0], result: 'success' });
    await analyzed(now, key, ids[0] ?? '');
    await end(now);
  }
  {
    await using old = await startServiceProcess(env, release);
    const [judged = '', running = ''] = ids;
    expect((await analyzed(old, key, judged)).verdict).toMatchObject({ verdict: 'rollback_recommended' });
    await old.api.finish(key, { deployment_id: running, result: 'success' });
    expect((await analyzed(old, key, running)).verdict).toMatchObject({ verdict: 'rollback_recommended' });
    ids.push(await started(old, key, 'back'));
    await readBefore(old, key, ids[2] ?? '');
    await end(old);
  }
  await using again = await startServiceProcess(env);
  await again.api.finish(key, { deployment_id: ids[2], result: 'success' });
  for (const id of ids) expect((await analyzed(again, key, id)).verdict).not.toBeNull();
});
