import { afterAll, beforeAll, expect, test } from 'vitest';
import { expandSql, queriesOf } from '../../harness/dashboard-queries.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { committedDashboards } from './committed-dashboards.ts';
import { kpiHistory } from './kpi-history.ts';

const RANGE = { from: new Date('2030-01-01T00:00:00Z'), to: new Date('2030-02-01T00:00:00Z') };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => await database[Symbol.asyncDispose]());

const sql = committedDashboards()
  .flatMap(({ dashboard }) => queriesOf(dashboard))
  .find(({ place }) => place === 'panel Alarm Precision A')?.text;

test('alarm precision says how many marks it rests on, and nothing but that while they are fewer than five', async () => {
  const history = kpiHistory(database);
  const project = await history.project('checkout', '2030-01-01T00:00:00Z');
  const mark = async (day: number, verdict: 'ok' | 'attention', correct: boolean) =>
    await history.deployment(project, {
      startedAt: `2030-01-${String(day).padStart(2, '0')}T10:00:00Z`,
      verdict,
      feedback: { correct },
    });
  const tile = async () =>
    (await database.query(expandSql(sql ?? '', { project: 'project', env: 'env' }, RANGE))) as unknown[];

  expect(await tile()).toEqual([{ correct: null, 'alarms marked': '0' }]);
  await mark(2, 'attention', false);
  expect(await tile()).toEqual([{ correct: null, 'alarms marked': '1' }]);
  for (const day of [3, 4, 5]) await mark(day, 'attention', true);
  await mark(6, 'ok', false);
  expect(await tile()).toEqual([{ correct: null, 'alarms marked': '4' }]);
  await mark(7, 'attention', true);
  expect(await tile()).toEqual([{ correct: 0.8, 'alarms marked': '5' }]);
});
