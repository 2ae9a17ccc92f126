import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateHistory } from '../../bench/history/generate-history.ts';
import { ensureReaderRole } from '../../grafana/role/reader-role.ts';
import { expandSql, queriesOf, rowsWithValues } from '../../harness/dashboard-queries.ts';
import { createDora } from '../../src/db/dora.ts';
import { ONE_DATABASE } from '../../src/db/shards/shards.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { committedDashboards } from './committed-dashboards.ts';

const ENDS_AT = new Date('2030-03-01T12:00:00Z');
const LAST_30_DAYS = { from: new Date('2030-01-30T12:00:00Z'), to: ENDS_AT };
const role = `reader_${randomBytes(4).toString('hex')}`;

let database: TestDatabase;
let reader: pg.Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  const projects = ['checkout', 'search', "people's choice", 'billing', 'identity'];
  await generateHistory(owner, { projects, deployments: 800, endsAt: ENDS_AT, days: 60, sampleDays: 40, seed: 7 });
  await ensureReaderRole(owner, { role, password: 'only for this test', salt: randomBytes(16) });
  await owner.end();
  const url = new URL(database.url);
  url.username = role;
  url.password = 'only for this test';
  reader = new pg.Pool({ connectionString: url.href, max: 2 });
});
afterAll(async () => {
  await reader.end();
  await database.query(`drop owned by ${role}`);
  await database.query(`drop role ${role}`);
  await database[Symbol.asyncDispose]();
});

const queries = committedDashboards().flatMap(({ file, dashboard }) => {
  const all = Object.fromEntries(
    (dashboard.templating?.list ?? []).flatMap(({ name, allValue }) => (name && allValue ? [[name, allValue]] : [])),
  );
  return queriesOf(dashboard)
    .filter(({ kind }) => kind === 'sql')
    .map((query) => ({ title: `${file}: ${query.place}`, sql: query.text, all }));
});

test('the dashboards have SQL to try', () => {
  expect(queries.length).toBeGreaterThanOrEqual(42);
});

test.each(queries)('$title has rows for the role of Grafana, with All chosen', async ({ sql, all }) => {
  const { rows } = await reader.query(expandSql(sql, all, LAST_30_DAYS));
  expect(rowsWithValues(rows)).not.toEqual([]);
});

test.each(queries.filter(({ sql }) => sql.includes('$project')))(
  '$title takes chosen projects, quotes and all',
  async ({ sql }) => {
    const chosen = { project: `'checkout','search','people''s choice','billing','identity'`, env: `'prod','staging'` };
    const { rows } = await reader.query(expandSql(sql, chosen, LAST_30_DAYS));
    expect(rowsWithValues(rows)).not.toEqual([]);
  },
);

const trends = queries.filter(({ sql }) => /\bas time\b/.test(sql) && sql.includes('$project'));

test('the KPI dashboard has trends to try, and the deployments dashboard its five numbers and its marks', () => {
  const countOf = (file: string) => trends.filter(({ title }) => title.startsWith(file)).length;
  expect([countOf('seqpulse-kpi'), countOf('seqpulse-deployments')]).toEqual([7, 10]);
});

test.each(trends.flatMap((query) => [6, 20, 40, 24 * 30].map((hours) => ({ ...query, hours }))))(
  '$title draws no point outside of $hours hours',
  async ({ title, sql, all, hours }) => {
    const range = { from: new Date(ENDS_AT.getTime() - hours * 3_600_000), to: ENDS_AT };
    const { rows } = await reader.query(expandSql(sql, all, range));
    const times = rowsWithValues(rows).map(({ time }) => new Date(time));
    expect(times.filter((time) => time < range.from || time > range.to)).toEqual([]);
    // The generated history deploys a dozen times a day; abandoned ones and new projects are rarer.
    if (hours >= 20 && /panel (Deployments|Verdict Mix|Trigger to Verdict|Complete Samples) per Day/.test(title)) {
      expect(times.length).toBeGreaterThan(hours < 48 ? 2 : 20);
    }
  },
);

test('a step without deployments counts as 0, for bars are as wide as the points are apart', async () => {
  const perDay = trends.find(({ title }) => title.endsWith('panel Deployments per Day A'));
  const chosen = { project: `'billing'`, env: `'staging'` };
  const { rows } = await reader.query(expandSql(perDay?.sql ?? '', chosen, LAST_30_DAYS));
  expect(rows).toHaveLength(31);
  expect(rows.map(({ deployments }) => Number(deployments))).toContain(0);
});

test('DORA by Project says what GET /dora says', async () => {
  const table = queries.find(({ title }) => title.endsWith('panel DORA by Project A'));
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  // Failures in a row, and incidents that go on: a month as bad as the made-up ones never are. Rolled back with the connection.
  await owner.query('begin');
  await owner.query(`update seqpulse.verdicts set verdict = 'rollback_recommended' where created_at > $1`, [
    new Date(ENDS_AT.getTime() - 5 * 86_400_000),
  ]);
  const { rows } = await owner.query(expandSql(table?.sql ?? '', table?.all ?? {}, LAST_30_DAYS));
  const { rows: projects } = await owner.query<{ id: string; name: string }>('select id, name from seqpulse.projects');
  const ids = projects.map(({ id }) => id);
  const figures = await createDora(owner, ONE_DATABASE).ofProjects(ids, { ...LAST_30_DAYS, env: null });
  await owner.end();
  const nameOf = new Map(projects.map(({ id, name }) => [id, name]));
  const said = figures
    .filter(({ env }) => env !== null)
    .map((one) => ({
      project: nameOf.get(one.projectId),
      env: one.env,
      deployments: String(one.deployments),
      'per day': one.deployments / 30,
      'failure rate': one.failed / one.rated,
      failed: String(one.failed),
      open: String(one.open),
      'time to restore': one.restoreSeconds,
      'lead time': one.leadTimeSeconds,
    }));
  const sorted = (list: readonly { project?: string | undefined; env: string | null }[]) =>
    list.toSorted((a, b) => `${a.project}/${a.env}`.localeCompare(`${b.project}/${b.env}`));
  expect(rows.length).toBeGreaterThan(5);
  expect(sorted(rows)).toEqual(sorted(said));
});

test('a project that does not exist leaves the table of projects empty', async () => {
  const projects = queries.find(({ title }) => title.endsWith('panel Projects A'));
  const chosen = { project: `'nobody'`, env: `'prod'` };
  const { rows } = await reader.query(expandSql(projects?.sql ?? '', chosen, LAST_30_DAYS));
  expect(rows).toEqual([]);
});
