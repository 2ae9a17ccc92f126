import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateHistory } from '../../bench/history/generate-history.ts';
import { expandSql, queriesOf, type TimeRange } from '../../harness/dashboard-queries.ts';
import { createKpiFacts } from '../../src/db/kpi-facts.ts';
import { createKpiTallies } from '../../src/db/kpi-tallies.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openSession } from '../support/session.ts';
import { committedDashboards } from './committed-dashboards.ts';
import { CHANGES } from './kpi-changes.ts';
import { PLAIN_PANELS } from './plain-panels.ts';

/** Panels over what was added up against the plain views, on a made-up past that changes under them. */

const NOW = Date.parse('2024-03-01T12:00:00Z');
const DAYS = 25;
const HOUR_MS = 3_600_000;
/** What percentiles are told of, the view that has it, and its time. */
const DURATIONS = [
  ['seconds_to_verdict', 'deployments', 'started_at'],
  ['lead_time_seconds', 'dora_deployments', 'finished_at'],
  ['seconds_to_restore', 'dora_deployments', 'finished_at'],
  ['seconds_to_recover', 'recoveries', 'broken_at'],
] as const;
/** Of drawn changes, some seconds; more by hand. */
const RUNS = Number(process.env.SEQPULSE_KPI_RUNS ?? 6);

let database: TestDatabase;
/** In a time zone whose midnight is at half past. */
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = await openSession(database, { timezone: 'Asia/Kolkata' });
  const projects = ['checkout', 'search', "people's choice"];
  const shape = { endsAt: new Date(NOW), days: DAYS, sampleDays: 12, seed: 7 };
  await generateHistory(client, { projects, deployments: 300, ...shape });
});
afterAll(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

const panels = committedDashboards()
  .flatMap(({ dashboard }) => queriesOf(dashboard))
  .flatMap(({ place, text }) => {
    const title = place.replace(/^panel (.*) A$/, '$1');
    const plain = PLAIN_PANELS[title];
    return plain === undefined ? [] : [{ title, text, plain }];
  });

const ALL = { project: 'project', env: 'env' };
const SOME = { project: `'search','people''s choice'`, env: `'prod'` };

/** Floating point adds up in another order: to twelve digits. */
const rounded = (rows: readonly Record<string, unknown>[]) =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'number' ? Number(value.toPrecision(12)) : value,
      ]),
    ),
  );

async function expectEqual(range: TimeRange, compared = panels): Promise<void> {
  for (const { title, text, plain } of compared) {
    for (const chosen of [ALL, SOME]) {
      const { rows } = await client.query(expandSql(text, chosen, range));
      const { rows: told } = await client.query(expandSql(plain, chosen, range));
      expect(rounded(rows), `${title} of ${chosen.project}, ${JSON.stringify(range)}`).toEqual(rounded(told));
    }
  }
  if (compared === panels) await expectEqualSums(range);
}

/** Where a median would not move: how many values there are, and the sum of their buckets. */
async function expectEqualSums({ from, to }: TimeRange): Promise<void> {
  for (const [measure, view, time] of DURATIONS) {
    const { rows: told } = await client.query(
      `select count(${measure})::integer, sum(seqpulse.seconds_bucket(${measure}))::integer from kpi.${view}
       where ${time} >= $1 and ${time} < $2`,
      [from, to],
    );
    const { rows } = await client.query(
      `select coalesce(sum(u.count), 0)::integer as count, sum(u.bucket * u.count)::integer as sum
       from seqpulse.tallies($3, $1, $2, true) t cross join unnest(t.buckets, t.counts) u (bucket, count)`,
      [from, to, measure],
    );
    expect(rows, measure).toEqual(told);
  }
}

async function addUpOnce(): Promise<boolean> {
  await client.query('begin');
  const more = await createKpiTallies(client).addUpSome();
  const moreFacts = await createKpiFacts(client).addUpSome();
  await client.query('commit');
  return more || moreFacts;
}
async function addUpAll(): Promise<void> {
  while (await addUpOnce());
}
const rowsOf = async (table: string) =>
  Number((await client.query(`select count(*) from seqpulse.${table}`)).rows[0].count);

/** Where changes are marked. */
const CHANGED = ['kpi_tally_changes', 'kpi_fact_changes'] as const;
const WHOLE = { from: new Date('2023-01-01'), to: new Date('2025-01-01') };
const MONTH = { from: new Date('2024-01-30T12:34:56.789Z'), to: new Date(NOW) };
const DAY = { from: new Date('2024-02-21T23:59:59.999Z'), to: new Date('2024-02-22T18:29:00Z') };

test('every panel that reads what was added up is compared', () => {
  expect(panels.map(({ title }) => title).sort()).toEqual(Object.keys(PLAIN_PANELS).sort());
});

test('an installation that has not added up anything yet tells the same, and each week that it adds up as well', async () => {
  for (let more = true; more; more = await addUpOnce()) {
    for (const range of [WHOLE, MONTH, DAY]) await expectEqual(range);
  }
  for (const range of [WHOLE, MONTH, DAY]) await expectEqual(range);
  expect(await rowsOf('kpi_tally_hours')).toBeGreaterThan(300);
  expect(await rowsOf('kpi_tally_days')).toBeGreaterThan(300);
  expect(await rowsOf('kpi_project_facts')).toBeGreaterThan(30);
});

test('what has been added up is read', async () => {
  await client.query('begin');
  await client.query(`update seqpulse.kpi_tally_days set counts = array[1000] where measure = 'dora'`);
  await client.query(`update seqpulse.kpi_tally_hours set counts = array[2000] where measure = 'dora'`);
  const counts = async (from: string, to: string) =>
    (await client.query('select distinct deployments from kpi.dora_hours($1, $2, $3)', [from, to, [null]])).rows;
  expect(await counts('2024-02-12T00:00:00Z', '2024-02-15T00:00:00Z')).toEqual([{ deployments: 1000 }]);
  expect(await counts('2024-02-12T01:00:00Z', '2024-02-13T01:00:00Z')).toEqual([{ deployments: 2000 }]);
  await client.query('rollback');
});

test('what has been gathered is read, of the very span', async () => {
  await client.query('begin');
  await client.query(`update seqpulse.kpi_project_facts set kinds = array_fill(3, array[cardinality(kinds)])`);
  const of = async (from: string, to: string) =>
    (
      await client.query(
        `select verdict, count(*)::integer, min(started_at), max(started_at)
         from kpi.busiest_deployments($1, $2, array[null], array[null]) group by 1`,
        [from, to],
      )
    ).rows;
  const [month] = await of('2024-02-06T00:00:00Z', '2024-03-01T12:00:00Z');
  expect(month).toMatchObject({ verdict: 'rollback_recommended' });
  expect(month.count).toBeGreaterThan(100);
  // Both ends belong to the range.
  expect(await of(month.min.toISOString(), month.max.toISOString())).toHaveLength(1);
  const { rows } = await client.query<{ first: string; last: string; count: number }>(
    `select min(started_at)::text as first, max(started_at)::text as last, count(*)::integer as count from (
       select started_at from seqpulse.deployments order by started_at limit 50 offset 20) fifty`,
  );
  const [fifty] = rows;
  expect(await of(fifty?.first ?? '', fifty?.last ?? '')).toMatchObject([{ count: 50 }]);
  await client.query('rollback');
});

test('what came while nobody gathered is gathered, over more than four weeks too', async () => {
  await addUpAll();
  await client.query(`update seqpulse.kpi_gathered set gathered_until = '2024-02-20T05:00:00Z'`);
  await client.query(`delete from seqpulse.kpi_project_facts where period > '2024-02-20T05:00:00Z'`);
  await expectEqual(WHOLE);
  await addUpAll();
  await expectEqual(WHOLE);
});

const percentiles = async (measure: string, range: TimeRange, step: number | null, exactUpTo: number) =>
  (
    await client.query<{ step: Date | null; seconds: number[] }>(
      'select * from kpi.percentiles($1, $2, $3, array[null], array[null], array[0, 0.05, 0.5, 0.95, 1], $4, $5) order by 1',
      [measure, range.from, range.to, step, exactUpTo],
    )
  ).rows;

test.each(DURATIONS)('percentiles of many %s are within 1 % of the exact ones', async (measure) => {
  for (const [range, step] of [
    [WHOLE, null],
    [MONTH, null],
    [DAY, null],
    [MONTH, 86_400],
    [DAY, 3_600],
  ] as const) {
    const exact = await percentiles(measure, range, step, 1_000_000);
    const near = await percentiles(measure, range, step, -1);
    expect(near.map((row) => row.step)).toEqual(exact.map((row) => row.step));
    for (const [index, { seconds }] of near.entries()) {
      for (const [place, value] of seconds.entries()) {
        const truth = exact[index]?.seconds[place] ?? Number.NaN;
        expect(Math.abs(value - truth), `${value} for ${truth}`).toBeLessThanOrEqual(Math.abs(truth) * 0.01);
      }
    }
  }
});

test('a bucket’s middle is within 1 % of whatever is in it, a longer time is never in an earlier one', async () => {
  const times = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 2, maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(times, async (drawn) => {
      const { rows } = await client.query<{ given: number; bucket: number; middle: number }>(
        `select x as given, seqpulse.seconds_bucket(x) as bucket, seqpulse.bucket_seconds(seqpulse.seconds_bucket(x)) as middle
         from unnest($1::float8[]) x order by x`,
        [drawn],
      );
      for (const [index, { given, bucket, middle }] of rows.entries()) {
        expect(Math.abs(middle - given)).toBeLessThanOrEqual(Math.max(0.001, Math.abs(given) * 0.01));
        expect(bucket).toBeGreaterThanOrEqual(rows[index - 1]?.bucket ?? bucket);
      }
    }),
    { numRuns: 30 },
  );
});

test(
  'right after whatever changes it is told, and after the next adding up',
  async () => {
    const hours = fc.integer({ min: 0, max: DAYS * 24 * 60 });
    const change = fc.record({
      what: fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[])),
      digit: fc.constantFrom(...'0123456789abcdef'),
      ends: fc.tuple(hours, hours),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (drawn) => {
        await addUpAll();
        for (const table of CHANGED) expect(await rowsOf(table)).toBe(0);
        for (const { what, digit, ends } of drawn) {
          await client.query(CHANGES[what], [digit]);
          const [first = 0, last = 0] = ends.toSorted((a, b) => a - b);
          const at = (minutes: number) => new Date(NOW - DAYS * 24 * HOUR_MS + minutes * 60_000);
          await expectEqual({ from: at(first), to: at(last) });
        }
        await expectEqual(WHOLE);
        await addUpAll();
        await expectEqual(WHOLE);
      }),
      { numRuns: RUNS },
    );
  },
  180_000 + RUNS * 30_000,
);

test.each(['other confidences', 'words given again', 'another project'] as const)(
  'right after %s, which only tables by project tell',
  async (what) => {
    await addUpAll();
    for (const digit of '37b') await client.query(CHANGES[what], [digit]);
    expect(await rowsOf('kpi_fact_changes')).toBeGreaterThan(0);
    await expectEqual(WHOLE);
    await addUpAll();
    await expectEqual(WHOLE);
  },
);

test('the worst of the newest verdicts, over any range', async () => {
  const state = panels.filter(({ title }) => title === 'State');
  const minutes = fc.integer({ min: 0, max: DAYS * 24 * 60 });
  await fc.assert(
    fc.asyncProperty(minutes, fc.integer({ min: 0, max: 3 * 24 * 60 }), async (first, long) => {
      const from = new Date(NOW - DAYS * 24 * HOUR_MS + first * 60_000);
      await expectEqual({ from, to: new Date(from.getTime() + long * 60_000) }, state);
    }),
    { numRuns: 200 },
  );
});

test('an `ok` of today ends the incident of an environment that nothing else has ended, and marks its hour alone', async () => {
  await addUpAll();
  const insert = async (env: string, at: string) => {
    const { rows } = await client.query<{ id: string }>(
      `insert into seqpulse.deployments (id, project_id, env, number, state, pipeline_result, metrics_endpoint, started_at,
         finish_deadline_at, finished_at, analyzed_at, pre_expected, post_expected)
       select gen_random_uuid(), id, $1, 20000 + (select count(*) from seqpulse.deployments), 'analyzed', 'success', '', ${at}, now(),
         ${at} + interval '1 minute', ${at} + interval '5 minutes', 0, 0
       from seqpulse.projects order by name limit 1 returning id`,
      [env],
    );
    return rows[0]?.id ?? '';
  };
  const judge = async (id: string, verdict: string, at: string) =>
    await client.query(
      `insert into seqpulse.verdicts (deployment_id, verdict, confidence, summary, details, created_at)
       values ($1, $2, 1, '', '[]', ${at})`,
      [id, verdict],
    );
  const daysAgo = (days: number) => `date_trunc('hour', now(), 'UTC') - interval '${days} days'`;
  await judge(await insert('new', daysAgo(9)), 'ok', daysAgo(9));
  for (const days of [7, 5]) await judge(await insert('new', daysAgo(days)), 'rollback_recommended', daysAgo(days));
  await addUpAll();
  for (const verdict of ['insufficient_data', 'attention', 'rollback_recommended']) {
    await judge(await insert('new', 'now()'), verdict, 'now()');
  }
  expect(await rowsOf('kpi_tally_changes')).toBe(0);
  await judge(await insert('new', 'now()'), 'ok', 'now()');
  const { rows } = await client.query(
    `select distinct extract(epoch from ${daysAgo(7)} - hour)::integer as seconds from seqpulse.kpi_tally_changes`,
  );
  expect(rows).toEqual([{ seconds: 0 }]);
  await expectEqual({ from: new Date(Date.now() - 8 * 24 * HOUR_MS), to: new Date(Date.now() + HOUR_MS) });
  await client.query('delete from seqpulse.kpi_tally_changes');
  await judge(await insert('new', 'now()'), 'ok', 'now()');
  expect(await rowsOf('kpi_tally_changes')).toBe(0);
});

test('what is not committed yet while its hour is added up counts once it is', async () => {
  await addUpAll();
  await using other = await openSession(database);
  await other.query('begin');
  await other.query(CHANGES['people’s words'], ['7']);
  for (const table of CHANGED) {
    await client.query(`insert into seqpulse.${table} select distinct hour from seqpulse.kpi_tally_hours`);
  }
  await addUpAll();
  await expectEqual(WHOLE);
  await other.query('commit');
  await expectEqual(WHOLE);
  await addUpAll();
  await expectEqual(WHOLE);
});

test('while one replica adds up, another leaves it alone', async () => {
  await using other = await openSession(database);
  await other.query('begin');
  for (const create of [createKpiTallies, createKpiFacts]) {
    await create(other).addUpSome();
    expect(await create(client).addUpSome()).toBe(false);
  }
  await other.query('rollback');
});

test('a project that is called otherwise, and one that is removed, with what was gathered of it', async () => {
  await addUpAll();
  for (const change of [
    `update seqpulse.projects set name = 'seek' where name = 'search'`,
    `delete from seqpulse.projects where name = 'checkout'`,
  ]) {
    await client.query(change);
    await expectEqual(WHOLE);
    await expectEqual(MONTH);
  }
  await addUpAll();
  await expectEqual(WHOLE);
  const { rows } = await client.query(
    'select count(*)::integer from seqpulse.kpi_project_facts where project_id <> all(select id from seqpulse.projects)',
  );
  expect(rows).toEqual([{ count: 0 }]);
});
