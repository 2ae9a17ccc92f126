import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ALARM_PRECISION, FAULT_RECALL } from '../../grafana/kpi-lifecycle/sql.ts';
import type { VerdictName } from '../../src/verdict/types.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { kpiHistory } from './kpi-history.ts';

let database: TestDatabase;
let history: ReturnType<typeof kpiHistory>;
beforeEach(async () => {
  database = await createTestDatabase();
  history = kpiHistory(database);
});
afterEach(async () => await database[Symbol.asyncDispose]());

describe('project_first_verdicts', () => {
  const first = async () => (await database.query('select within_72h from kpi.project_first_verdicts'))[0];

  test.each([
    ['after exactly 72 hours counts as within', '2026-01-04T00:00:00Z', true],
    ['a second later does not', '2026-01-04T00:00:01Z', false],
  ])('a first verdict %s', async (_, analyzedAt, within) => {
    const project = await history.project('p', '2026-01-01T00:00:00Z');
    await history.deployment(project, { startedAt: '2026-01-03T23:00:00Z', verdict: 'ok', analyzedAt });
    await history.deployment(project, { startedAt: '2026-01-09T00:00:00Z', verdict: 'ok' });
    expect(await first()).toEqual({ within_72h: within });
  });

  test('insufficient_data is a verdict, an abandoned deployment has none', async () => {
    const project = await history.project('p', '2026-01-01T00:00:00Z');
    await history.deployment(project, { startedAt: '2026-01-01T01:00:00Z', state: 'abandoned' });
    expect(await first()).toEqual({ within_72h: false });
    await history.deployment(project, { startedAt: '2026-01-01T02:00:00Z', verdict: 'insufficient_data' });
    expect(await first()).toEqual({ within_72h: true });
  });

  test('a project without a verdict stays open until it is 72 hours old', async () => {
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    await history.project('young', hoursAgo(71));
    await history.project('old', hoursAgo(73));
    expect(await database.query('select project, within_72h from kpi.project_first_verdicts order by 1')).toEqual([
      { project: 'old', within_72h: false },
      { project: 'young', within_72h: null },
    ]);
  });
});

describe('recoveries', () => {
  const at = (hour: number) => `2026-01-01T0${hour}:00:00Z`;
  const recoveries = async () =>
    await database.query(
      'select env, number, recovered_by_number as by, seconds_to_recover as seconds from kpi.recoveries order by number',
    );

  test('rollbacks in a row are one breakdown, ended by the next ok of the same environment', async () => {
    const project = await history.project('p', at(0));
    const broken = await history.deployment(project, { startedAt: at(1), verdict: 'rollback_recommended' });
    await history.deployment(project, { startedAt: at(2), verdict: 'rollback_recommended' });
    await history.deployment(project, { startedAt: at(3), verdict: 'attention' });
    await history.deployment(project, { startedAt: at(3), verdict: 'ok', env: 'staging' });
    await history.deployment(project, { startedAt: at(4), verdict: 'insufficient_data' });
    const whole = await history.deployment(project, { startedAt: at(5), verdict: 'ok' });
    expect(await recoveries()).toEqual([{ env: 'prod', number: broken, by: whole, seconds: 4 * 3600 }]);
  });

  test('a rollback after an ok is a new breakdown; without an ok after it, it is open', async () => {
    const project = await history.project('p', at(0));
    const first = await history.deployment(project, { startedAt: at(1), verdict: 'rollback_recommended' });
    const whole = await history.deployment(project, { startedAt: at(2), verdict: 'ok' });
    const second = await history.deployment(project, { startedAt: at(3), verdict: 'rollback_recommended' });
    expect(await recoveries()).toEqual([
      { env: 'prod', number: first, by: whole, seconds: 3600 },
      { env: 'prod', number: second, by: null, seconds: null },
    ]);
  });

  test('another project’s ok ends nothing', async () => {
    const broken = await history.project('broken', at(0));
    const sound = await history.project('sound', at(0));
    await history.deployment(broken, { startedAt: at(1), verdict: 'rollback_recommended' });
    await history.deployment(sound, { startedAt: at(2), verdict: 'ok' });
    expect((await recoveries()).map(({ by }) => by)).toEqual([null]);
  });
});

describe('sample_completeness', () => {
  const rows = async () =>
    await database.query(
      'select number, pre_complete as pre, post_complete as post, complete from kpi.sample_completeness order by number',
    );

  test('all samples asked for are complete, one short is not', async () => {
    const project = await history.project('p', '2026-01-01T00:00:00Z');
    const startedAt = '2026-01-01T01:00:00Z';
    const all = await history.deployment(project, { startedAt, verdict: 'ok', pre: 5, post: 5 });
    const lacksPre = await history.deployment(project, { startedAt, verdict: 'ok', pre: 4, post: 5 });
    const lacksPost = await history.deployment(project, { startedAt, verdict: 'ok', pre: 5, post: 4 });
    expect(await rows()).toEqual([
      { number: all, pre: true, post: true, complete: true },
      { number: lacksPre, pre: false, post: true, complete: false },
      { number: lacksPost, pre: true, post: false, complete: false },
    ]);
  });

  test('only judged deployments count, and those whose samples were pruned do not', async () => {
    const project = await history.project('p', '2026-01-01T00:00:00Z');
    await history.deployment(project, { startedAt: '2026-01-01T00:00:00Z', verdict: 'ok' });
    const kept = await history.deployment(project, {
      startedAt: '2026-04-01T00:00:00Z',
      verdict: 'ok',
      pre: 5,
      post: 5,
    });
    const lost = await history.deployment(project, { startedAt: '2026-04-02T00:00:00Z', verdict: 'ok' });
    await history.deployment(project, { startedAt: '2026-04-03T00:00:00Z', state: 'running', env: 'staging' });
    expect((await rows()).map(({ number }) => number)).toEqual([kept, lost]);
  });

  test('where no sample was ever stored, every judged deployment lacks them', async () => {
    const project = await history.project('p', '2026-01-01T00:00:00Z');
    await history.deployment(project, { startedAt: '2026-01-01T00:00:00Z', verdict: 'insufficient_data' });
    expect((await rows()).map(({ complete }) => complete)).toEqual([false]);
  });
});

test('feedback has the newest word on each marked verdict, and no row for the others', async () => {
  const project = await history.project('p', '2026-01-01T00:00:00Z');
  const startedAt = '2026-01-01T01:00:00Z';
  const right = await history.deployment(project, { startedAt, verdict: 'attention', feedback: { correct: true } });
  const wrong = await history.deployment(project, {
    startedAt,
    env: 'staging',
    verdict: 'ok',
    feedback: { correct: false, note: 'it was slow' },
  });
  await history.deployment(project, { startedAt, verdict: 'rollback_recommended' });
  expect(
    await database.query('select project, env, number, verdict, correct, note from kpi.feedback order by number'),
  ).toEqual([
    { project: 'p', env: 'prod', number: right, verdict: 'attention', correct: true, note: null },
    { project: 'p', env: 'staging', number: wrong, verdict: 'ok', correct: false, note: 'it was slow' },
  ]);
});

test('the precision of the dashboard is that of the API: marked alarms alone', async () => {
  const project = await history.project('p', '2026-01-01T00:00:00Z');
  const startedAt = '2026-01-01T01:00:00Z';
  const precision = async () =>
    (await database.query(`select ${ALARM_PRECISION} as value, count(*)::integer as marked from kpi.feedback`))[0];
  for (const correct of [true, false]) {
    await history.deployment(project, { startedAt, verdict: 'ok', feedback: { correct } });
    await history.deployment(project, { startedAt, verdict: 'insufficient_data', feedback: { correct } });
  }
  expect(await precision()).toEqual({ value: null, marked: 4 });
  await history.deployment(project, { startedAt, verdict: 'attention', feedback: { correct: false } });
  for (const verdict of ['attention', 'rollback_recommended', 'rollback_recommended'] as const) {
    await history.deployment(project, { startedAt, verdict, feedback: { correct: true } });
  }
  await history.deployment(project, { startedAt, verdict: 'rollback_recommended' });
  expect(await precision()).toEqual({ value: 0.75, marked: 8 });
});

test('the recall of the dashboard is that of the API: missed faults count, confirmed ok and false alarms do not', async () => {
  const project = await history.project('p', '2026-01-01T00:00:00Z');
  const startedAt = '2026-01-01T01:00:00Z';
  const mark = async (verdict: VerdictName, correct: boolean) =>
    await history.deployment(project, { startedAt, verdict, feedback: { correct } });
  const recall = async () => (await database.query(`select ${FAULT_RECALL} as value from kpi.feedback`))[0]?.value;
  await mark('ok', true);
  await mark('attention', false);
  for (const correct of [true, false]) await mark('insufficient_data', correct);
  expect(await recall()).toBeNull();
  for (const verdict of ['attention', 'rollback_recommended', 'rollback_recommended'] as const)
    await mark(verdict, true);
  expect(await recall()).toBe(1);
  await mark('ok', false);
  expect(await recall()).toBe(0.75);
});

test('deployments says how long the verdict took, and null while there is none', async () => {
  const project = await history.project('p', '2026-01-01T00:00:00Z');
  await history.deployment(project, { startedAt: '2026-01-01T01:00:00Z', verdict: 'ok' });
  await history.deployment(project, { startedAt: '2026-01-01T02:00:00Z', state: 'running' });
  const rows = await database.query('select state, seconds_to_verdict from kpi.deployments order by started_at');
  expect(rows).toEqual([
    { state: 'analyzed', seconds_to_verdict: 600 },
    { state: 'running', seconds_to_verdict: null },
  ]);
});

test.each([
  ['a count of', 'count(*)', 1],
  ['the lead times of', 'avg(lead_time_seconds)', 1],
  ['the times to restore of', 'avg(seconds_to_restore)', 3],
])('%s dora_deployments looks for incidents only where it shows one', async (_name, figure, looks) => {
  const plan = await database.query<{ 'QUERY PLAN': string }>(`explain select ${figure} from kpi.dora_deployments`);
  expect(plan.filter((line) => / on deployments /.test(line['QUERY PLAN']))).toHaveLength(looks);
});

test('no view reads a column that holds a secret or may hold one', async () => {
  const used = await database.query<{ name: string }>(
    `select distinct table_name || '.' || column_name as name from information_schema.view_column_usage
     where view_schema = 'kpi' and table_schema = 'seqpulse'`,
  );
  const names = used.map(({ name }) => name);
  expect(names).toContain('deployments.started_at');
  const secrets = /api_keys|endpoint|secret|idempotency|trace_parent|installation|details/;
  expect(names.filter((name) => secrets.test(name))).toEqual([]);
});
