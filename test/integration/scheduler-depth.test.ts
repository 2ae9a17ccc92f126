import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectSession } from '../../src/db/connection/session-client.ts';
import { NEAR_DEPTH, readSchedulerDepth } from '../../src/health/scheduler-depth.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = await connectSession({ connectionString: database.url, applicationName: 'depth', timeoutMs: 10_000 });
});
afterAll(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

const NOW = new Date('2030-01-01T00:00:00Z');

/** Jobs that wait, `lateSeconds` after their time (before it: negative), and what pg-boss last wrote of them. */
async function fill(jobs: { waiting: number; lateSeconds: number }, monitor: { ageSeconds: number; due: number }) {
  await client.query('delete from pgboss.job');
  await client.query(
    `insert into pgboss.job (name, state, start_after)
     select (array['pre_collect', 'post_collect', 'analysis', 'retention'])[1 + n % 4],
            (array['created', 'retry'])[1 + n / 4 % 2]::pgboss.job_state, $2::timestamptz - interval '1 second' * $3
     from generate_series(0, $1::integer * 4 / 3 - 1) n`,
    [jobs.waiting, NOW, jobs.lateSeconds],
  );
  await client.query('vacuum analyze pgboss.job');
  await client.query(
    `update pgboss.queue set monitor_on = $1::timestamptz - interval '1 second' * $2, ready_count = $3::integer / 3,
       queued_count = (select count(*) from pgboss.job where job.name = queue.name)`,
    [NOW, monitor.ageSeconds, monitor.due],
  );
}

test('a few are counted one by one, whatever pg-boss knows of them', async () => {
  await fill({ waiting: 900, lateSeconds: 31 }, { ageSeconds: 3_600, due: 0 });
  expect(await readSchedulerDepth(client, NOW)).toEqual({ pending: 900, overdue: 900, walked: 0 });
  await fill({ waiting: 900, lateSeconds: 29 }, { ageSeconds: 1, due: 0 });
  expect(await readSchedulerDepth(client, NOW)).toEqual({ pending: 900, overdue: 0, walked: 0 });
});

test('of many, what pg-boss counted at its last pass is told, and none is walked over', async () => {
  await fill({ waiting: 3_000, lateSeconds: -3_600 }, { ageSeconds: 10, due: 0 });
  expect(await readSchedulerDepth(client, NOW)).toEqual({ pending: 3_000, overdue: 0, walked: 0 });
  await fill({ waiting: 3_000, lateSeconds: 60 }, { ageSeconds: 10, due: 2_700 });
  expect(await readSchedulerDepth(client, NOW)).toEqual({ pending: 3_000, overdue: 2_700, walked: 0 });
  // Its pass was before most of them fell due: still more than a few are late.
  await fill({ waiting: 3_000, lateSeconds: 60 }, { ageSeconds: 10, due: 30 });
  expect(await readSchedulerDepth(client, NOW)).toEqual({ pending: 3_000, overdue: 1_001, walked: 0 });
});

test('where nobody has made that pass for long, or many came since, all are counted', async () => {
  await fill({ waiting: 3_000, lateSeconds: 60 }, { ageSeconds: 31, due: 0 });
  expect(await readSchedulerDepth(client, NOW)).toEqual({ pending: 3_000, overdue: 3_000, walked: 3_000 });
  await fill({ waiting: 3_000, lateSeconds: 60 }, { ageSeconds: 1, due: 0 });
  await client.query('update pgboss.queue set queued_count = 10');
  expect(await readSchedulerDepth(client, NOW)).toEqual({ pending: 3_000, overdue: 3_000, walked: 3_000 });
});

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Jobs that a plan has walked over. */
function jobsWalked(node: PlanNode): number {
  const own = node['Relation Name']?.startsWith('job')
    ? node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)
    : 0;
  return (node.Plans ?? []).reduce((sum, plan) => sum + jobsWalked(plan), own);
}

test.each([
  ['not yet due', -3_600, 0],
  ['overdue', 3_600, 1_001],
])('of 6,000 that wait and are %s, few or none are walked over', async (_name, lateSeconds, most) => {
  await fill({ waiting: 6_000, lateSeconds }, { ageSeconds: 1, due: 0 });
  const values = [['pre_collect', 'post_collect', 'analysis'], new Date(NOW.getTime() - 30_000), new Date(0)];
  const { rows } = await client.query(`explain (analyze, format json) ${NEAR_DEPTH}`, values);
  expect(jobsWalked(rows[0]['QUERY PLAN'][0].Plan)).toBe(most);
});
