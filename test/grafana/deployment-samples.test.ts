import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { evidenceOf } from '../../src/baseline/evidence.ts';
import { createDeploymentBaselines } from '../../src/db/baselines/kept.ts';
import { createSamples } from '../../src/db/samples.ts';
import { ONE_DATABASE } from '../../src/db/shards/shards.ts';
import type { BaselineSource } from '../../src/model/level.ts';
import { METRICS, type Sample } from '../../src/verdict/types.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { kpiHistory } from './kpi-history.ts';

const STARTED_AT = '2026-01-02T00:00:00Z';
const MINUTE_MS = 60_000;

let database: TestDatabase;
let connection: pg.Client;
beforeEach(async () => {
  database = await createTestDatabase();
  connection = new pg.Client({ connectionString: database.url });
  await connection.connect();
});
afterEach(async () => {
  await connection.end();
  await database[Symbol.asyncDispose]();
});

/** As many readings as asked for, a minute apart, the newest so many minutes before the trigger. */
function kept(count: number, newestMinutesBefore: number): Sample[] {
  const newestMs = Date.parse(STARTED_AT) - newestMinutesBefore * MINUTE_MS;
  return Array.from({ length: count }, (_, index) => ({
    collectedAtMs: newestMs - (count - 1 - index) * MINUTE_MS,
    lateSeconds: 0,
    requests_per_sec: 10 + index,
    latency_p95: index === 0 ? null : 200,
    error_rate: 0,
    cpu_usage: null,
    memory_usage: 0.5,
  }));
}

/** A deployment with five samples from its trigger and five from after it, and that baseline. */
async function deployed(source: BaselineSource, baseline: readonly Sample[]): Promise<string> {
  const history = kpiHistory(database);
  const project = await history.project('p', '2026-01-01T00:00:00Z');
  await history.deployment(project, { startedAt: STARTED_AT, verdict: 'attention', pre: 5, post: 5 });
  const [row] = await database.query<{ id: string }>(
    'update seqpulse.deployments set baseline_source = $1 returning id',
    [source],
  );
  const id = row?.id ?? '';
  await createDeploymentBaselines(connection, ONE_DATABASE).keep(new Map([[{ id, projectId: project }, baseline]]));
  return id;
}

const COLUMNS = ['collected_at', ...METRICS].join(', ');
const read = async (phase: 'before' | 'after') =>
  await database.query(`select ${COLUMNS} from kpi.deployment_samples where phase = $1 order by collected_at`, [phase]);

describe('the readings before are those that the verdict is based on', () => {
  test.each([
    ['at_trigger', 'none is kept ready', kept(0, 1), 5],
    ['continuous', 'enough are kept ready', kept(15, 1), 15],
    ['continuous', 'enough are kept ready, just fresh', kept(15, 10), 15],
    ['continuous', 'they are stale', kept(15, 11), 20],
    ['continuous', 'they are few', kept(14, 1), 19],
    ['continuous', 'there are none', kept(0, 1), 5],
    ['last_good', 'they are from a day before', kept(15, 1_440), 15],
    ['last_good', 'they are few', kept(3, 1_440), 3],
  ] as const)('%s: %s', async (source, _, baseline, count) => {
    const id = await deployed(source, baseline);
    const samples = await createSamples(connection, connection, ONE_DATABASE).listOf(id);
    const context = { baselineSource: source, startedAt: new Date(STARTED_AT), preExpected: 5 };
    const { pre, post } = evidenceOf(samples, context);
    const rowsOf = (used: readonly Sample[]) =>
      used.map((sample) => ({
        collected_at: new Date(sample.collectedAtMs),
        ...Object.fromEntries(METRICS.map((metric) => [metric, sample[metric]])),
      }));
    expect(await read('before')).toEqual(rowsOf(pre));
    expect(await read('before')).toHaveLength(count);
    expect(await read('after')).toEqual(rowsOf(post));
  });
});

test('a reading says whose it is, and what that deployment was judged to be', async () => {
  await deployed('at_trigger', []);
  const rows = await database.query(
    'select distinct project, env, number, started_at, verdict, phase from kpi.deployment_samples order by phase',
  );
  const whose = { project: 'p', env: 'prod', number: 1, started_at: new Date(STARTED_AT), verdict: 'attention' };
  expect(rows).toEqual([
    { ...whose, phase: 'after' },
    { ...whose, phase: 'before' },
  ]);
});
