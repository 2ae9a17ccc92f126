import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateHistory } from '../../bench/history/generate-history.ts';
import { createKpiHours, KPI_COUNTS } from '../../src/db/kpi-hours.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openSession } from '../support/session.ts';

/** `kpi.deployment_hours` against the plain views, on a made-up past that changes under it. */

const NOW = new Date('2024-03-01T12:00:00Z');
const RANGES: readonly (readonly [string, string])[] = [
  ['2023-01-01T00:00:00Z', '2025-01-01T00:00:00Z'],
  ['2024-01-30T12:34:56.789Z', '2024-03-01T12:00:00Z'],
  ['2024-02-09T00:00:00Z', '2024-02-11T00:00:00Z'],
  ['2024-02-09T00:00:00Z', '2024-02-10T23:59:59.999Z'],
  ['2024-02-09T23:59:59.999Z', '2024-02-10T18:29:00Z'],
  ['2024-02-10T08:10:00Z', '2024-02-10T08:50:00Z'],
];

let database: TestDatabase;
/** In a time zone whose midnight is at half past. */
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = await openSession(database, { timezone: 'Asia/Kolkata' });
  const projects = ['checkout', 'search', "people's choice"];
  await generateHistory(client, { projects, deployments: 300, endsAt: NOW, days: 25, sampleDays: 0, seed: 7 });
});
afterAll(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

const DAY_MS = 86_400_000;
const PLAIN = `
  select date_trunc($4, d.started_at, 'UTC') as step, d.env, count(*)::integer as deployments,
    (count(*) filter (where state = 'abandoned'))::integer as abandoned,
    (count(*) filter (where d.verdict = 'ok'))::integer as ok,
    (count(*) filter (where d.verdict = 'attention'))::integer as attention,
    (count(*) filter (where d.verdict = 'rollback_recommended'))::integer as rollback_recommended,
    (count(*) filter (where d.verdict = 'insufficient_data'))::integer as insufficient_data,
    count(f.deployment_id)::integer as marked,
    (count(f.deployment_id) filter (where f.alarmed))::integer as alarms_marked,
    (count(*) filter (where f.alarmed and f.correct))::integer as alarms_correct
  from kpi.deployments d left join kpi.feedback f on f.deployment_id = d.deployment_id
  where d.started_at between $1 and $2 and ($3::text[] is null or d.project = any($3))
  group by 1, 2 order by 1, 2`;

/** Both ways say the same of every range, of all projects and of some. */
async function expectEqual(): Promise<void> {
  for (const [from, to] of RANGES) {
    for (const chosen of [null, ['search', "people's choice"]]) {
      // In two days and more the hours of a whole day may come as one.
      const step = Date.parse(to) - Date.parse(from) < 2 * DAY_MS ? 'hour' : 'day';
      const { rows: plain } = await client.query(PLAIN, [from, to, chosen, step]);
      const { rows } = await client.query(
        `select date_trunc($4, hour, 'UTC') as step, env, ${KPI_COUNTS.map((name) => `sum(${name})::integer as ${name}`)}
         from kpi.deployment_hours($1, $2, $3) group by 1, 2 order by 1, 2`,
        [from, to, chosen ?? [null], step],
      );
      expect(rows, `${from} to ${to} of ${chosen}`).toEqual(plain);
    }
  }
}

async function addUpAll(): Promise<void> {
  for (let more = true; more; ) {
    await client.query('begin');
    more = await createKpiHours(client).addUpSome();
    await client.query('commit');
  }
}

const rowsOf = async (table: string) =>
  Number((await client.query(`select count(*) from seqpulse.${table}`)).rows[0].count);
const someone = `(select id from seqpulse.deployments where state = 'analyzed' order by id limit 1)`;

test('an installation that has not added up anything yet tells the same, and each week that it adds up as well', async () => {
  await expectEqual();
  for (let more = true; more; ) {
    await client.query('begin');
    more = await createKpiHours(client).addUpSome();
    await client.query('commit');
    await expectEqual();
  }
  expect(await rowsOf('kpi_hours')).toBeGreaterThan(100);
  expect(await rowsOf('kpi_changed_hours')).toBe(0);
});

test('what has been added up is read, by the day where the range has two', async () => {
  await addUpAll();
  await client.query('begin');
  await client.query('update seqpulse.kpi_hours set deployments = 1000');
  await client.query('update seqpulse.kpi_days set deployments = 5000');
  const counts = async (from: string, to: string) =>
    (await client.query('select distinct deployments from kpi.deployment_hours($1, $2, $3)', [from, to, [null]])).rows;
  expect(await counts('2024-02-12T01:00:00Z', '2024-02-13T01:00:00Z')).toEqual([{ deployments: 1000 }]);
  expect(await counts('2024-02-12T00:00:00Z', '2024-02-15T00:00:00Z')).toEqual([{ deployments: 5000 }]);
  await client.query('rollback');
});

test.each([
  [
    'late feedback on half of the verdicts',
    `insert into seqpulse.verdict_feedback select deployment_id, true, null, now() from seqpulse.verdicts
     where deployment_id::text < '8' on conflict (deployment_id) do update set correct = not verdict_feedback.correct`,
  ],
  ['feedback taken back', `delete from seqpulse.verdict_feedback where deployment_id::text < '4'`],
  ['another verdict', `update seqpulse.verdicts set verdict = 'attention' where deployment_id = ${someone}`],
  ['a verdict that is gone', `delete from seqpulse.verdicts where deployment_id = ${someone}`],
  [
    'a verdict that came late',
    `insert into seqpulse.verdicts (deployment_id, verdict, confidence, summary, details, created_at)
     select id, 'ok', 1, '', '[]', now() from seqpulse.deployments d
     where state = 'abandoned' and not exists (select from seqpulse.verdicts v where v.deployment_id = d.id)`,
  ],
  ['an abandoned one', `update seqpulse.deployments set state = 'abandoned' where id = ${someone}`],
  ['another environment', `update seqpulse.deployments set env = 'canary' where id = ${someone}`],
  [
    'starts that move by days',
    `update seqpulse.deployments set started_at = started_at - interval '40 days' where id::text < '2'`,
  ],
  ['a project’s name', `update seqpulse.projects set name = 'seek' where name = 'search'`],
  ['a name back', `update seqpulse.projects set name = 'search' where name = 'seek'`],
  ['deployments that are deleted', `delete from seqpulse.deployments where id::text > 'e'`],
  ['a project that is deleted', `delete from seqpulse.projects where name = 'checkout'`],
])('right after %s it is told, and after the next adding up', async (_name, change) => {
  await addUpAll();
  await client.query(change);
  await expectEqual();
  await addUpAll();
  await expectEqual();
  expect(await rowsOf('kpi_changed_hours')).toBe(0);
});

test('what is not committed yet while its hour is added up counts once it is', async () => {
  await using other = await openSession(database);
  await other.query('begin');
  await other.query(`update seqpulse.deployments set state = 'abandoned' where id = ${someone}`);
  await client.query('insert into seqpulse.kpi_changed_hours select distinct hour from seqpulse.kpi_hours');
  await addUpAll();
  await expectEqual();
  await other.query('commit');
  await expectEqual();
  await addUpAll();
  await expectEqual();
});

test('while one replica adds up, another leaves it alone', async () => {
  await using other = await openSession(database);
  await other.query('begin');
  await createKpiHours(other).addUpSome();
  expect(await createKpiHours(client).addUpSome()).toBe(false);
  await other.query('rollback');
});

test('what happens to a deployment within half an hour of its start marks nothing', async () => {
  await addUpAll();
  await client.query(
    `insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at, finish_deadline_at, pre_expected)
     select gen_random_uuid(), id, 'prod', 100000, 'running', '', now(), now(), 5 from seqpulse.projects order by name limit 1`,
  );
  await client.query(`update seqpulse.deployments set state = 'analyzed', analyzed_at = now() where number = 100000`);
  await client.query(
    `insert into seqpulse.verdicts (deployment_id, verdict, confidence, summary, details, created_at)
     select id, 'ok', 1, '', '[]', now() from seqpulse.deployments where number = 100000`,
  );
  expect(await rowsOf('kpi_changed_hours')).toBe(0);
  const fresh = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000), [null]];
  const { rows } = await client.query('select ok from kpi.deployment_hours($1, $2, $3)', fresh);
  expect(rows).toEqual([{ ok: 1 }]);
});
