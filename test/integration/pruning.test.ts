import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prune } from '../../src/lifecycle/prune.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';
import { createStory } from '../support/story.ts';

const DAY_MS = 86_400_000;

let stage: ClockedStage;
beforeAll(async () => {
  stage = await openClockedStage({ SEQPULSE_RETENTION_DAYS: '7' });
});
afterAll(async () => await stage[Symbol.asyncDispose]());

const count = async (table: string) =>
  Number((await stage.database.query<{ count: string }>(`select count(*) from seqpulse.${table}`))[0]?.count);

test('samples older than the retention go within the hour, younger ones, deployments and verdicts stay', async () => {
  const story = createStory(stage);
  const finished = await story.finished();
  await story.until(finished, 301);
  const lastSampleMs = Math.max(...(await story.samples(finished)).map((sample) => Date.parse(sample.collected_at)));

  await stage.clock.setTime(lastSampleMs + 7 * DAY_MS);
  await prune(stage.running.service.lifecycle, { retentionDays: 7, auditDays: 365 });
  // Exactly seven days old is not older than seven days.
  expect(await story.samples(finished)).toHaveLength(1);
  // The scheduled job runs at 17 minutes past each hour.
  const soon = new Date(lastSampleMs + 7 * DAY_MS + 3_600_000);
  await stage.clock.setTime(soon.setUTCMinutes(16, 50, 0));
  for (let step = 0; step < 20 && (await count('samples')) > 0; step += 1) await stage.tick(10);
  expect(await count('samples')).toBe(0);
  expect(await story.read(finished)).toMatchObject({ state: 'analyzed', verdict: { verdict: 'ok' } });
});

test('more rows than one batch go too, old failure records and expired keys with them', async () => {
  const { lifecycle } = stage.running.service;
  const { id } = await stage.api.newProject({ name: 'old', endpoint: stage.app.url });
  const deploymentId = randomUUID();
  const youngerId = randomUUID();
  const old = new Date(stage.clock.now() - 8 * DAY_MS);
  await stage.database.query(
    `insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at, finish_deadline_at, pre_expected)
     values ($1, $2, 'prod', 1, 'analyzed', 'http://x.example', $3, $3, 5)`,
    [deploymentId, id, old],
  );
  await stage.database.query(
    `insert into seqpulse.samples (project_id, deployment_id, phase, sequence, due_at, collected_at)
     select $3, $1, 'post', n, $2, $2 from generate_series(1, 12000) n`,
    [deploymentId, old, id],
  );
  await stage.database.query(
    `insert into seqpulse.job_failures (job_id, job_type, reason, failed_at) values
     (gen_random_uuid(), 'analysis', 'x', $1), (gen_random_uuid(), 'analysis', 'x', $2)`,
    [old, new Date(stage.clock.now())],
  );
  await stage.api.operator('POST', `/projects/${id}/api-key`, { keep_old_hours: 0 });
  const keys = await count('api_keys');
  await stage.clock.setTime(stage.clock.now() + 1);
  // Judged by nothing any more: its newest sample is as old as theirs. That of the other is a minute too young.
  await stage.database.query(
    `insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at, finish_deadline_at, pre_expected)
     values ($1, $2, 'prod', 2, 'analyzed', 'http://x.example', $3, $3, 5)`,
    [youngerId, id, old],
  );
  await stage.database.query(
    `insert into seqpulse.deployment_baselines (project_id, deployment_id, newest_at, collected_at, requests_per_sec, latency_p95, error_rate, cpu_usage, memory_usage)
     select $5, id, newest, array[newest], '{1}', '{1}', '{0}', '{0}', '{0}'
     from (values ($1::uuid, $2::timestamptz), ($3, $4)) as baseline (id, newest)`,
    [deploymentId, old, youngerId, new Date(stage.clock.now() - 7 * DAY_MS + 60_000), id],
  );
  expect(await prune(lifecycle, { retentionDays: 7, auditDays: 365 })).toBe(12_000);
  expect(await count('samples')).toBe(0);
  expect(await stage.database.query('select deployment_id from seqpulse.deployment_baselines')).toEqual([
    { deployment_id: youngerId },
  ]);
  expect(await count('job_failures')).toBe(1);
  expect(await count('api_keys')).toBe(keys - 1);
  expect(await prune(lifecycle, { retentionDays: 7, auditDays: 365 })).toBe(0);
});
