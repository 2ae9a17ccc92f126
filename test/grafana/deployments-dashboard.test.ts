import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deployments } from '../../grafana/deployments/dashboard.ts';
import { dashboardJson } from '../../grafana/kit/dashboard.ts';
import { DEFAULT_LINK_BASES } from '../../grafana/kit/links.ts';
import { ensureReaderRole } from '../../grafana/role/reader-role.ts';
import { expandSql, queriesOf } from '../../harness/dashboard-queries.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type DeploymentRow, kpiHistory } from './kpi-history.ts';

/** As the role of Grafana: what it may not read fails here. */
const role = `reader_${randomBytes(4).toString('hex')}`;
const RANGE = { from: new Date('2026-05-01T00:00:00Z'), to: new Date('2026-05-02T00:00:00Z') };
const ALL = { project: 'project', env: 'env' };
const queries = queriesOf(JSON.parse(dashboardJson(deployments, DEFAULT_LINK_BASES)));

let database: TestDatabase;
let reader: pg.Client;
let history: ReturnType<typeof kpiHistory>;
beforeEach(async () => {
  database = await createTestDatabase();
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await ensureReaderRole(owner, { role, password: 'only for this test', salt: randomBytes(16) });
  await owner.end();
  const url = Object.assign(new URL(database.url), { username: role, password: 'only for this test' });
  reader = new pg.Client({ connectionString: url.href });
  await reader.connect();
  history = kpiHistory(database);
});
afterEach(async () => {
  await reader.end();
  await database.query(`drop owned by ${role}`);
  await database.query(`drop role ${role}`);
  await database[Symbol.asyncDispose]();
});

const quoted = (name: string) => pg.escapeLiteral(name);

async function ask(place: string, chosen: Record<string, string> = ALL) {
  const query = queries.find((one) => one.place === place);
  if (query === undefined) throw new Error(`no query of ${place}`);
  return (await reader.query(expandSql(query.text, chosen, RANGE))).rows;
}

const at = (time: string) => `2026-05-01T${time}:00Z`;

async function deployed(project: string, row: Partial<DeploymentRow> & { startedAt: string }) {
  const finishedAt = new Date(Date.parse(row.startedAt) + 120_000).toISOString();
  return await history.deployment(project, { finishedAt, result: 'success', ...row });
}

describe('the state', () => {
  const state = async (chosen = ALL) => (await ask('panel State A', chosen))[0]?.state;

  test('is nothing known without a deployment, without a verdict, and where the data did not suffice', async () => {
    expect(await state()).toBeNull();
    const project = await history.project('p', at('00:00'));
    await history.deployment(project, { startedAt: at('01:00'), state: 'running' });
    expect(await state()).toBeNull();
    await deployed(project, { startedAt: at('02:00'), verdict: 'insufficient_data' });
    expect(await state()).toBeNull();
  });

  test.each([
    ['ok', 0],
    ['attention', 1],
    ['rollback_recommended', 2],
  ] as const)('is that of the newest judged deployment: %s', async (verdict, expected) => {
    const project = await history.project('p', at('00:00'));
    await deployed(project, { startedAt: at('01:00'), verdict: verdict === 'ok' ? 'rollback_recommended' : 'ok' });
    await deployed(project, { startedAt: at('02:00'), verdict });
    await history.deployment(project, { startedAt: at('03:00'), state: 'running' });
    expect(await state()).toBe(expected);
  });

  test('of several environments is the worst, and of one that alone; what is out of the range is not in it', async () => {
    const project = await history.project('p', '2026-04-01T00:00:00Z');
    await deployed(project, { startedAt: '2026-04-30T23:59:59Z', env: 'old', verdict: 'rollback_recommended' });
    await deployed(project, { startedAt: at('01:00'), env: 'staging', verdict: 'attention' });
    await deployed(project, { startedAt: at('02:00'), verdict: 'ok' });
    expect(await state()).toBe(1);
    expect(await state({ project: `'p'`, env: `'prod'` })).toBe(0);
  });
});

test('the tiles count what started in the range', async () => {
  const project = await history.project('p', at('00:00'));
  expect(await ask('panel Deployments A')).toEqual([{ deployments: '0' }]);
  for (const [hour, verdict] of (['ok', 'attention', 'rollback_recommended', 'insufficient_data'] as const).entries()) {
    await deployed(project, { startedAt: at(`0${hour}:00`), verdict });
  }
  await history.deployment(project, { startedAt: at('05:00'), state: 'abandoned' });
  await deployed(project, { startedAt: '2026-05-02T00:00:01Z', verdict: 'attention' });
  expect(await ask('panel Deployments A')).toEqual([{ deployments: '5' }]);
  expect(await ask('panel Rollbacks Recommended A')).toEqual([{ rollbacks: '1' }]);
  expect(await ask('panel To Look At A')).toEqual([{ attention: '1', 'not judged': '2' }]);
});

/** Readings with numbers of their own, a minute apart. */
async function readings(number: number, phase: 'pre' | 'post', from: string, values: readonly (number | null)[]) {
  await database.query(
    `insert into seqpulse.samples (project_id, deployment_id, phase, sequence, due_at, collected_at, requests_per_sec, latency_p95,
       error_rate, cpu_usage, memory_usage)
     select d.project_id, d.id, $2, n, at, at, value, value, value / 1000, value / 1000, value / 1000
     from seqpulse.deployments d,
       lateral (select n, value, $3::timestamptz + (n - 1) * interval '1 minute' as at
         from unnest($4::float8[]) with ordinality as v (value, n)) readings
     where d.number = $1`,
    [number, phase, from, values],
  );
}

describe('the five numbers', () => {
  const PANELS = ['Error Rate', 'Latency p95', 'Requests per Second', 'CPU Usage', 'Memory Usage'];

  test('are a point a reading, called after its side and verdict', async () => {
    const project = await history.project('p', at('00:00'));
    const bad = await deployed(project, { startedAt: at('01:05'), verdict: 'rollback_recommended' });
    await readings(bad, 'pre', at('01:00'), [100, null, 120]);
    await readings(bad, 'post', at('01:07'), [400, 420]);
    const young = await deployed(project, { startedAt: at('02:00'), state: 'finished' });
    await readings(young, 'post', at('02:02'), [130]);
    const rows = await ask('panel Latency p95 A');
    expect(rows.map(({ time, metric, value }) => [time.toISOString().slice(11, 16), metric, value])).toEqual([
      ['01:00', 'before', 100],
      ['01:02', 'before', 120],
      ['01:07', 'after: rollback_recommended', 400],
      ['01:08', 'after: rollback_recommended', 420],
      ['02:02', 'after: not judged yet', 130],
    ]);
    for (const panel of PANELS) expect(await ask(`panel ${panel} A`), panel).toHaveLength(5);
  });

  test('of several environments are called after these too, and a reading that two deployments share is one', async () => {
    const project = await history.project('p', at('00:00'));
    for (const env of ['prod', 'staging']) {
      for (const startedAt of [at('01:05'), at('01:10')]) {
        const number = await deployed(project, { startedAt, env, verdict: 'ok' });
        await readings(number, 'pre', at('01:00'), [100]);
      }
    }
    expect((await ask('panel Latency p95 A')).map(({ metric }) => metric)).toEqual([
      'p prod before',
      'p staging before',
    ]);
    const prod = await ask('panel Latency p95 A', { project: `'p'`, env: `'prod'` });
    expect(prod.map(({ metric, value }) => [metric, value])).toEqual([['before', 100]]);
  });

  test('are all that were read in the range, however long before the trigger of their deployment was', async () => {
    const project = await history.project('p', '2026-01-01T00:00:00Z');
    const slow = await deployed(project, { startedAt: '2026-04-18T00:00:00Z', finishedAt: at('01:00'), verdict: 'ok' });
    await readings(slow, 'post', at('01:01'), [100, 100]);
    const later = await deployed(project, { startedAt: '2026-05-02T00:00:30Z', verdict: 'ok' });
    await readings(later, 'pre', at('23:58'), [90, 90, 90, 90]);
    const over = await deployed(project, { startedAt: '2026-04-29T00:00:00Z', verdict: 'ok' });
    await readings(over, 'post', '2026-04-29T00:03:00Z', [1, 2]);
    const rows = await ask('panel Latency p95 A');
    expect(rows.map(({ metric, value }) => `${metric} ${value}`)).toEqual([
      'after: ok 100',
      'after: ok 100',
      'before 90',
      'before 90',
      'before 90',
    ]);
  });
});

test('before and after are medians of the readings; without readings, and without a number, they are empty', async () => {
  const project = await history.project('p', at('00:00'));
  const bad = await deployed(project, { startedAt: at('01:05'), verdict: 'attention' });
  await readings(bad, 'pre', at('01:00'), [100, 110, 900]);
  await readings(bad, 'post', at('01:07'), [null, null]);
  await history.deployment(project, { startedAt: at('02:00'), state: 'running' });
  const rows = await ask('panel Before and After A');
  expect(rows.map((row) => [row.verdict, row['p95 before'], row['p95 after'], row['err before']])).toEqual([
    ['running', null, null, null],
    ['attention', 110, null, 0.11],
  ]);
});

const HOSTILE = [
  `Robert'); drop table kpi.deployments; --`,
  '<script>alert(1)</script>',
  '\u202Eetorp\u202C',
  '🦑'.repeat(60),
  `${'a'.repeat(118)}"\\`,
  '%s {{x}} [[y]] :z',
  'a,b\n\tc',
] as const;

describe.each(HOSTILE)('a project and an environment called %j', (name) => {
  test('are found by every query, are shown as they are, and nobody else’s rows with them', async () => {
    const mine = await history.project(name, at('00:00'));
    const other = await history.project('other', at('00:00'));
    const env = name.slice(0, 64);
    for (const [id, verdict] of [
      [mine, 'rollback_recommended'],
      [other, 'ok'],
    ] as const) {
      const number = await deployed(id, {
        startedAt: at('01:05'),
        env,
        verdict,
        feedback: { correct: false, note: name },
      });
      await database.query('update seqpulse.deployments set version = $2, branch = $2 where number = $1', [
        number,
        name,
      ]);
      await database.query(
        'update seqpulse.verdicts set summary = $2 where deployment_id = (select id from seqpulse.deployments where number = $1)',
        [number, name],
      );
      await readings(number, 'pre', at('01:00'), [100]);
      await readings(number, 'post', at('01:07'), [200]);
    }
    const chosen = { project: quoted(name), env: quoted(env) };
    const [row, ...more] = await ask('panel Deployments and Verdicts A', chosen);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ project: name, env, version: name, summary: name, marked: 'wrong' });
    expect(row?.report).toMatch(/^[0-9a-f-]{36}$/);
    expect((await ask('panel State A', chosen))[0]?.state).toBe(2);
    const names = (await ask('panel Latency p95 A', chosen)).map(({ metric }) => metric);
    expect(names).toEqual(['before', 'after: rollback_recommended']);
    expect((await ask('annotation Deployments', chosen))[0]?.text).toContain(name);
    expect(await ask('annotation Verdict: rollback recommended', chosen)).toHaveLength(1);
    expect(await ask('annotation Verdict: ok', chosen)).toEqual([]);
    expect(await ask('panel Before and After A', chosen)).toHaveLength(1);
  });
});
