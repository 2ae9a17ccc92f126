import { expect, test } from 'vitest';
import { HEALTHY, type Metrics } from '../../harness/observed-app.ts';
import type { Database } from '../../src/db/database.ts';
import { lookLate, scheduleLateChecks } from '../../src/lifecycle/late-checks.ts';
import { derived } from '../support/derived.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { fillRing } from '../support/ring.ts';
import { openSession } from '../support/session.ts';

const stage = useClockedStage();
const HOUR_MS = 3_600_000;
const SLOW: Metrics = { ...HEALTHY, error_rate: 0.02 };

interface Judged {
  readonly projectId: string;
  readonly apiKey: string;
  readonly id: string;
  readonly atMs: number;
}

/** Ok, after twelve quiet hours. */
async function judgedOk(name = 'late'): Promise<Judged> {
  const { id: projectId, apiKey } = await stage.api.newProject({ name, endpoint: stage.app.url });
  const deploy = async (): Promise<string> => {
    const { body } = await stage.api.trigger(apiKey, { env: 'prod' });
    await stage.pass(40);
    await stage.api.finish(apiKey, { deployment_id: body.deployment_id, result: 'success' });
    await stage.pass(301);
    return body.deployment_id;
  };
  await deploy();
  const fromMs = stage.clock.now();
  await fillRing(stage.running, { projectId, url: stage.app.url, fromMs, count: 720 });
  await stage.clock.setTime(fromMs + 12 * HOUR_MS);
  const id = await deploy();
  const judged = { projectId, apiKey, id, atMs: stage.clock.now() };
  expect((await read(judged)).verdict.verdict).toBe('ok');
  return judged;
}

const read = async ({ apiKey, id }: Judged) => (await stage.api.deployment(apiKey, id)).body;
const look = async () => await lookLate(stage.running.service.lifecycle);

/** So many hours after the verdict; in the last one `metrics` were read. */
async function later({ projectId, atMs }: Judged, hours: number, metrics: Metrics): Promise<void> {
  const fromMs = atMs + (hours - 1) * HOUR_MS;
  await fillRing(stage.running, { projectId, url: stage.app.url, fromMs, count: 60, metrics });
  await stage.clock.setTime(fromMs + HOUR_MS);
}

const toCome = async ({ id }: Judged) =>
  await stage.database.query('select hours from seqpulse.late_looks where deployment_id = $1 order by hours', [id]);
const told = async ({ id }: Judged) =>
  (
    await stage.database.query<{ event: string }>(
      'select event from seqpulse.notification_outbox where deployment_id = $1',
      [id],
    )
  ).map(({ event }) => event);

async function channel({ projectId }: Judged): Promise<void> {
  const body = { type: 'webhook', url: `${stage.app.url}/hook` };
  expect((await stage.api.operator('POST', `/projects/${projectId}/notifications`, body)).status).toBe(201);
}

test('what got worse within an hour is a row beside the verdict, told once; a day later it is looked at again', async () => {
  const judged = await judgedOk();
  await channel(judged);
  expect(await toCome(judged)).toEqual([{ hours: 1 }, { hours: 24 }]);
  const { verdict } = await read(judged);
  await later(judged, 1, SLOW);
  expect(await look()).toBe(1);
  const after = await read(judged);
  expect(after.verdict).toEqual(verdict);
  expect(after.late_checks).toEqual([
    {
      at: expect.stringMatching(/Z$/),
      hours: 1,
      verdict: 'attention',
      confidence: 0.95,
      summary: expect.stringMatching(/^An hour later: Error rate was 2.* % over the last half hour, 0.2.* % before/),
      details: [
        expect.objectContaining({ metric: 'error_rate', severity: 'attention' }),
        expect.objectContaining({ metric: 'latency_p95', severity: 'none' }),
        expect.objectContaining({ metric: 'memory_usage', severity: 'none' }),
      ],
    },
  ]);
  expect(await told(judged)).toEqual(['late_attention']);
  await later(judged, 24, SLOW);
  expect(await look()).toBe(1);
  expect((await read(judged)).late_checks.map(({ verdict: said }: { verdict: string }) => said)).toEqual([
    'attention',
    'attention',
  ]);
  expect(await told(judged)).toEqual(['late_attention']);
  expect(await toCome(judged)).toEqual([]);
});

test('a look that dies leaves nothing behind and keeps no other waiting; replicas that look at once make one row', async () => {
  const other = await judgedOk('other');
  const judged = await judgedOk();
  await channel(judged);
  await later(judged, 1, SLOW);
  // Due after the one that dies.
  await stage.database.query('update seqpulse.late_looks set due_at = $2 where deployment_id = $1', [
    other.id,
    new Date(stage.clock.now()),
  ]);
  const { lifecycle } = stage.running.service;
  const outbox = { add: async () => Promise.reject(new Error('killed')) } as never;
  const db = derived<Database>(lifecycle.db, {
    transaction: async (work) => await lifecycle.db.transaction(async (tx) => await work(derived(tx, { outbox }))),
  });
  const dies = { ...lifecycle, db };
  await expect(lookLate(dies)).rejects.toThrow('killed');
  expect((await read(judged)).late_checks).toEqual([]);
  expect(await toCome(judged)).toEqual([{ hours: 1 }, { hours: 24 }]);
  expect(await toCome(other)).toEqual([]);
  // A replica that has it: nobody waits for it.
  await using client = await openSession(stage.database);
  await client.query('begin');
  await client.query('select from seqpulse.late_looks where deployment_id = $1 and hours = 1 for update', [judged.id]);
  expect(await look()).toBe(0);
  await client.query('rollback');
  await Promise.all([look(), look()]);
  expect((await read(judged)).late_checks).toHaveLength(1);
  expect(await told(judged)).toEqual(['late_attention']);
});

test('what is still well says so and is told to nobody; without readings nothing is known', async () => {
  const judged = await judgedOk();
  await channel(judged);
  await later(judged, 1, HEALTHY);
  await look();
  await stage.clock.setTime(judged.atMs + 24 * HOUR_MS);
  await look();
  expect((await read(judged)).late_checks).toMatchObject([
    { hours: 1, verdict: 'ok', summary: 'An hour later: nothing got worse in error rate, p95 latency and memory.' },
    { hours: 24, verdict: 'insufficient_data', details: [] },
  ]);
  expect(await told(judged)).toEqual([]);
});

test('a newer deployment ends it', async () => {
  const judged = await judgedOk();
  await later(judged, 1, SLOW);
  await stage.clock.setTime(judged.atMs + HOUR_MS - 60_000);
  expect((await stage.api.trigger(judged.apiKey, { env: 'prod' })).body.status).toBe('created');
  await stage.clock.setTime(judged.atMs + 24 * HOUR_MS);
  await look();
  expect((await read(judged)).late_checks).toEqual([]);
  expect(await toCome(judged)).toEqual([]);
});

test('switched off nothing is to come and nothing is looked at', async () => {
  const judged = await judgedOk('off');
  await later(judged, 1, SLOW);
  const { lifecycle } = stage.running.service;
  const off = { ...lifecycle, settings: { ...lifecycle.settings, lateChecks: false } };
  expect(await lookLate(off)).toBe(0);
  expect(await toCome(judged)).toHaveLength(2);

  await stage.database.query('delete from seqpulse.late_looks where deployment_id = $1', [judged.id]);
  const startedAt = new Date(judged.atMs);
  const deployment = { id: judged.id, projectId: judged.projectId, startedAt, verdict: 'ok' } as const;
  const quiet = Array.from({ length: 720 }, (_, i) => ({
    ...HEALTHY,
    collectedAtMs: judged.atMs - (i + 1) * 60_000,
    lateSeconds: 0,
  }));
  await scheduleLateChecks(off, lifecycle.db, deployment, quiet);
  expect(await toCome(judged)).toEqual([]);
  await scheduleLateChecks(lifecycle, lifecycle.db, deployment, quiet);
  expect(await toCome(judged)).toHaveLength(2);
});
