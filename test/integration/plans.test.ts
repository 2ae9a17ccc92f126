import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Queryable } from '../../src/db/connection/pool.ts';
import { createDeployments } from '../../src/db/deployments/table.ts';
import { createLateChecks } from '../../src/db/late-checks.ts';
import { createPreliminaries } from '../../src/db/preliminaries.ts';
import { createSamples } from '../../src/db/samples.ts';
import { ONE_DATABASE } from '../../src/db/shards/shards.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { distributes } from '../support/distributed.ts';
import { openSession } from '../support/session.ts';

/**
 * A prepared statement keeps the plan that was made when its tables were empty and without statistics: on the first
 * minute of an installation, and there a partial index of no pages looks as good as the key. Whatever looks for one
 * deployment, or one environment's, must find it by an index condition even so, or it walks over all of them later.
 */

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = await openSession(database, { plan_cache_mode: 'force_generic_plan' });
});
afterAll(async () => {
  await client.end();
  await database[Symbol.asyncDispose]();
});

const ID = '00000000-0000-4000-8000-000000000000';
const AT = new Date(0);
const METRICS = { requests_per_sec: 1, latency_p95: 1, error_rate: 0, cpu_usage: 0, memory_usage: 0 };
const SAMPLE = {
  deploymentId: ID,
  phase: 'post',
  sequence: 0,
  dueAt: AT,
  collectedAt: AT,
  reading: { numbers: METRICS, missing: {} },
} as const;
const FINISH = { id: ID, outcome: 'success', finishedAt: AT, windowEndsAt: AT, postExpected: 5, facts: {} } as const;

type Step = (
  deployments: ReturnType<typeof createDeployments>,
  samples: ReturnType<typeof createSamples>,
  preliminaries: ReturnType<typeof createPreliminaries>,
  lateChecks: ReturnType<typeof createLateChecks>,
) => Promise<unknown>;

const STEPS: [string, Step][] = [
  [
    'the look before a trigger',
    (deployments) =>
      deployments.findTriggerContexts([{ projectId: ID, env: 'prod', idempotencyKey: 'key', found: null }]),
  ],
  ['storing deployments', (deployments) => deployments.insertRunning([], false)],
  ['storing one that waits', (deployments) => deployments.insertRunning([], true)],
  ['how long pipelines take', (deployments) => deployments.pipelineSeconds(ID, 'prod', 20)],
  ['a later failure', (deployments) => deployments.keepLaterFailure(ID, 'failed')],
  ['the look before a finish', (deployments) => deployments.findFinishContext(ID, ID)],
  ['finish', (deployments) => deployments.finish(FINISH)],
  ['a sample from after', (_deployments, samples) => samples.storePosts([SAMPLE])],
  ['a collect that gave up', (deployments) => deployments.settlePostCollect(ID, 0)],
  ['the end of collecting', (deployments) => deployments.endCollection(ID, 'hmac_refused')],
  ['the analysis’ look', (deployments) => deployments.lockForAnalysis(ID)],
  ['the early look', (_deployments, _samples, preliminaries) => preliminaries.findLook(ID)],
  [
    'the late look',
    (_deployments, _samples, _preliminaries, lateChecks) => lateChecks.take({ deploymentId: ID, hours: 1 }),
  ],
  ['a look without a lock', (deployments) => deployments.findAnalysisContext(ID, ID)],
  ['the end of an analysis', (deployments) => deployments.markAnalyzed(ID, AT)],
  ['abandoning one', (deployments) => deployments.abandonOne(ID, AT)],
];

// On a cluster the plans are the nodes’.
describe.skipIf(distributes).each([
  ['planned on empty tables', []],
  ['planned on empty tables that were analysed', ['analyze']],
])('%s', (_when, preparation) => {
  beforeAll(async () => {
    for (const statement of preparation) await client.query(statement);
  });

  test.each(STEPS)('%s finds its deployments by an index condition', async (_name, step) => {
    const texts: string[] = [];
    const recorder = {
      query: async (text: string) => {
        texts.push(text);
        return { rows: [], rowCount: 0 };
      },
    } as unknown as Queryable;
    const tables = [
      createDeployments(recorder, recorder, ONE_DATABASE, () => {}),
      createSamples(recorder, recorder, ONE_DATABASE),
      createPreliminaries(recorder, ONE_DATABASE, () => {}),
      createLateChecks(recorder, ONE_DATABASE),
    ] as const;
    await step(...tables).catch(() => {});
    expect(texts).toHaveLength(1);
    // As a statement that stays prepared is planned: for no values in particular.
    const parameters = Math.max(0, ...Array.from(String(texts[0]).matchAll(/\$(\d+)/g), ([, place]) => Number(place)));
    const values = parameters === 0 ? '' : `(${Array(parameters).fill('null').join(', ')})`;
    await client.query(`prepare step as ${texts[0]}`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (costs off) execute step${values}`);
    await client.query('deallocate step');
    const plan = rows.map((row) => row['QUERY PLAN']);
    const looks = plan.flatMap((line, index) =>
      / on deployments( |$)/.test(line) && line.includes('Scan') ? [`${line}\n${plan[index + 1]}`] : [],
    );
    expect(looks).not.toEqual([]);
    for (const look of looks) expect(look).toMatch(/(Index Cond|Recheck Cond): /);
  });
});
