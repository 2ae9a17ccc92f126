import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateHistory } from '../../bench/history/generate-history.ts';
import { expandSql, queriesOf, type TimeRange } from '../../harness/dashboard-queries.ts';
import { createKpiTallies } from '../../src/db/kpi-tallies.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openSession } from '../support/session.ts';
import { committedDashboards } from './committed-dashboards.ts';
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

async function expectEqual(range: TimeRange): Promise<void> {
  for (const { title, text, plain } of panels) {
    for (const chosen of [ALL, SOME]) {
      const { rows } = await client.query(expandSql(text, chosen, range));
      const { rows: told } = await client.query(expandSql(plain, chosen, range));
      expect(rounded(rows), `${title} of ${chosen.project}, ${JSON.stringify(range)}`).toEqual(rounded(told));
    }
  }
  await expectEqualSums(range);
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
  await client.query('commit');
  return more;
}
async function addUpAll(): Promise<void> {
  while (await addUpOnce());
}
const rowsOf = async (table: string) =>
  Number((await client.query(`select count(*) from seqpulse.${table}`)).rows[0].count);

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

/** About every sixteenth deployment, or what belongs to it. */
const SIXTEENTH = `like $1 || '%'`;
const CHANGES = {
  'people’s words': `insert into seqpulse.verdict_feedback select deployment_id, verdict = 'ok', null, now() from seqpulse.verdicts
    where deployment_id::text ${SIXTEENTH} on conflict (deployment_id) do update set correct = not verdict_feedback.correct`,
  'words taken back': `delete from seqpulse.verdict_feedback where deployment_id::text ${SIXTEENTH}`,
  'verdicts that are ok now': `update seqpulse.verdicts set verdict = 'ok' where deployment_id::text ${SIXTEENTH}`,
  'verdicts that are rollbacks now': `update seqpulse.verdicts set verdict = 'rollback_recommended' where deployment_id::text ${SIXTEENTH}`,
  'verdicts that are gone': `delete from seqpulse.verdicts where deployment_id::text ${SIXTEENTH}`,
  'verdicts that came late': `insert into seqpulse.verdicts (deployment_id, verdict, confidence, summary, details, created_at)
    select id, case when md5(id::text) < '8' then 'ok' else 'rollback_recommended' end, 1, '', '[]', started_at + interval '20 minutes'
    from seqpulse.deployments where id::text ${SIXTEENTH} on conflict do nothing`,
  'abandoned ones': `update seqpulse.deployments set state = 'abandoned' where id::text ${SIXTEENTH}`,
  'another environment': `update seqpulse.deployments set env = case env when 'prod' then 'staging' else 'prod' end where id::text ${SIXTEENTH}`,
  'later starts': `update seqpulse.deployments set started_at = started_at + interval '5 hours' where id::text ${SIXTEENTH}`,
  'earlier finishes': `update seqpulse.deployments set finished_at = finished_at - interval '3 hours' where id::text ${SIXTEENTH}`,
  'later analyses': `update seqpulse.deployments set analyzed_at = analyzed_at + interval '1 hour' where id::text ${SIXTEENTH}`,
  'other commits': `update seqpulse.deployments set commit_time = started_at - interval '7 hours' where id::text ${SIXTEENTH}`,
  'failed pipelines': `update seqpulse.deployments set pipeline_result = 'failed' where id::text ${SIXTEENTH}`,
  'more samples asked for': `update seqpulse.deployments set post_expected = post_expected + 1 where id::text ${SIXTEENTH}`,
  'deployments that are deleted': `delete from seqpulse.deployments where id::text ${SIXTEENTH} || '8'`,
  'deployments told of later': `insert into seqpulse.deployments (id, project_id, env, number, state, pipeline_result, metrics_endpoint,
      started_at, finish_deadline_at, finished_at, analyzed_at, pre_expected, post_expected)
    select gen_random_uuid(), project_id, env, number + 10000, state, 'success', '', started_at - interval '90 minutes',
           finish_deadline_at, finished_at - interval '1 minute', analyzed_at, 5, 5
    from seqpulse.deployments where id::text ${SIXTEENTH} on conflict do nothing`,
  'samples that are pruned': `delete from seqpulse.samples where collected_at < (
    select min(collected_at) + interval '1 hour' * (ascii($1) - 40) from seqpulse.samples)`,
} satisfies Readonly<Record<string, string>>;

test('right after whatever changes it is told, and after the next adding up', async () => {
  const hours = fc.integer({ min: 0, max: DAYS * 24 * 60 });
  const change = fc.record({
    what: fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[])),
    digit: fc.constantFrom(...'0123456789abcdef'),
    ends: fc.tuple(hours, hours),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (drawn) => {
      await addUpAll();
      expect(await rowsOf('kpi_tally_changes')).toBe(0);
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
  await client.query('insert into seqpulse.kpi_tally_changes select distinct hour from seqpulse.kpi_tally_hours');
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
  await createKpiTallies(other).addUpSome();
  expect(await createKpiTallies(client).addUpSome()).toBe(false);
  await other.query('rollback');
});
