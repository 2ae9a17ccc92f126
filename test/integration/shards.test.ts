import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HEALTHY } from '../../harness/observed-app.ts';
import { openPool } from '../../src/db/connection/pool.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import type { NewDeployment } from '../../src/model/deployment-start.ts';
import { distributes } from '../support/distributed.ts';
import { NO_ORIGIN } from '../support/origin.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';

/** `TEST_DATABASE_URL` names a Citus cluster (test/support/cluster.ts). */
describe.skipIf(!distributes)('where the tables are distributed by project', () => {
  let stage: ClockedStage;
  beforeAll(async () => {
    stage = await openClockedStage();
  });
  afterAll(async () => await stage?.[Symbol.asyncDispose]());

  test('100 deployments of 20 projects at once get their verdicts, and nothing goes wrong', async () => {
    const projects: { readonly apiKey: string; readonly envs: readonly string[] }[] = [];
    // One after the other: each is stored on every node.
    for (let index = 0; index < 20; index += 1) {
      const envs = ['a', 'b', 'c', 'd', 'e'];
      const name = `shop ${index}`;
      const created = await stage.api.newProject({ name, envs, endpoint: stage.app.url, baseline: 'at_trigger' });
      projects.push({ ...created, envs });
    }
    const places = projects.flatMap(({ apiKey, envs }) => envs.map((env) => ({ apiKey, env })));
    const started = await Promise.all(
      places.map(async ({ apiKey, env }) => ({ apiKey, ...(await stage.api.trigger(apiKey, { env })) })),
    );
    expect(new Set(started.map(({ body }) => body.status))).toEqual(new Set(['created']));
    await stage.pass(30);
    for (const { apiKey, body } of started) {
      const finished = await stage.api.finish(apiKey, { deployment_id: body.deployment_id, result: 'success' });
      expect(finished.body.status).toBe('accepted');
    }
    await stage.pass(302);
    const ended = await Promise.all(
      started.map(async ({ apiKey, body }) => (await stage.api.deployment(apiKey, body.deployment_id)).body),
    );
    expect(ended.map(({ state, verdict }) => `${state} ${verdict?.verdict}`)).toEqual(ended.map(() => 'analyzed ok'));
    expect(stage.running.logged.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    const numbers = await stage.database.query<{ numbers: number[] }>(
      'select array_agg(number order by number) as numbers from seqpulse.deployments group by project_id',
    );
    expect(numbers).toEqual(projects.map(() => ({ numbers: [1, 2, 3, 4, 5] })));
  });

  describe('one shard is asked', () => {
    let asked: string[] = [];
    let pool: pg.Pool;
    let db: Database;
    let projectId = '';
    const id = randomUUID();
    beforeAll(async () => {
      pool = openPool({
        ...{ connectionString: stage.database.url, max: 1, applicationName: 'test shards' },
        ...{ connectionTimeoutMs: 5_000, queryTimeoutMs: 5_000, onIdleError: () => {}, pipeline: true },
        // Each command to a worker is told, with the shard's number in the names of its tables.
        settings: { 'citus.log_remote_commands': 'on', client_min_messages: 'notice' },
      });
      pool.on('connect', (client) => {
        client.on('notice', ({ message }) => {
          for (const [, shard = ''] of String(message).matchAll(/\w+_(\d{6,})\b/g)) asked.push(shard);
        });
      });
      db = openDatabase(pool, { distributed: true });
      projectId = (await stage.api.newProject({ name: 'one shard', endpoint: stage.app.url })).id;
    });
    afterAll(async () => await pool?.end());

    /** Of how many groups of shards that lie together; tables that are on every node have none. */
    async function shardsAsked(work: () => Promise<unknown>): Promise<number> {
      asked = [];
      await work();
      const groups = await stage.database.query(
        `select distinct p.colocationid, s.shardminvalue
         from pg_catalog.pg_dist_shard s join pg_catalog.pg_dist_partition p using (logicalrelid)
         where p.partmethod = 'h' and s.shardid = any($1::bigint[])`,
        [asked],
      );
      return groups.length;
    }

    test('by a trigger', async () => {
      const now = new Date();
      const deployment = {
        id,
        projectId,
        env: 'prod',
        origin: NO_ORIGIN,
        bySuperseding: false,
        idempotencyKey: 'k',
        metricsEndpoint: stage.app.url,
        startedAt: now,
        finishDeadlineAt: now,
        preExpected: 1,
        traceParent: null,
        baselineSource: 'continuous',
        baselineNote: null,
        baselineGoodSince: null,
      } satisfies NewDeployment;
      const kept = [{ ...HEALTHY, collectedAtMs: now.getTime(), lateSeconds: 0 }];
      expect(
        await shardsAsked(
          async () =>
            await db.deployments.findTriggerContexts([{ projectId, env: 'prod', idempotencyKey: 'k', found: null }]),
        ),
      ).toBe(1);
      const storing = async () =>
        await db.transaction(async (tx) => {
          const [stored] = await Promise.all([
            tx.deployments.insertRunning([deployment], false),
            tx.deploymentBaselines.keep(new Map([[deployment, kept]])),
          ]);
          expect(stored.numbers).toEqual(new Map([[id, 1]]));
        });
      expect(await shardsAsked(storing)).toBe(1);
    });

    test('by a finish, a reading, an analysis and a report', async () => {
      const at = new Date();
      const finish = { id, outcome: 'success', finishedAt: at, windowEndsAt: at, postExpected: 5, facts: {} } as const;
      const sample = {
        deploymentId: id,
        phase: 'post',
        sequence: 0,
        dueAt: at,
        collectedAt: at,
        reading: { numbers: HEALTHY, missing: {} },
      } as const;
      const steps: Record<string, () => Promise<unknown>> = {
        'the look before a finish': async () => await db.deployments.findFinishContext(id, projectId),
        finish: async () => await db.deployments.finish(finish),
        'the look before a reading': async () => await db.deployments.findCollectContexts([id]),
        'a reading': async () => await db.samples.storePosts([sample]),
        'an early look': async () => await db.preliminaries.findLook(id),
        'an analysis’ look': async () => await db.transaction(async (tx) => await tx.deployments.lockForAnalysis(id)),
        'what it judges': async () => await db.samples.listOf(id),
        'its end': async () => await db.deployments.markAnalyzed(id, at),
        'a report': async () => await db.deploymentReads.find(id, projectId),
        'a report to whoever may see all': async () => await db.deploymentReads.find(id, null),
        'a project’s newest': async () =>
          await db.deploymentReads.list({ projectId, env: 'prod', verdict: null, limit: 50, after: null }),
      };
      const counted: [string, number][] = [];
      for (const [name, step] of Object.entries(steps)) counted.push([name, await shardsAsked(step)]);
      expect(counted).toEqual(Object.keys(steps).map((name) => [name, 1]));
    });
  });
});
