import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { HEALTHY } from '../../harness/observed-app.ts';
import { BY_PROJECT } from '../../src/db/shards/tied-by-project.ts';
import { unjudged } from '../../src/verdict/judge.ts';
import { distributes } from '../support/distributed.ts';
import { openSession } from '../support/session.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';
import { createStory, type Started, type Story } from '../support/story.ts';

/** What belongs to a deployment says itself whose it is (docs/decisions/0017). */

/** What had no column for it before: stored as by a replica that knows of none. */
const BY_AN_EARLIER_RELEASE = {
  samples: `(deployment_id, phase, sequence, due_at, collected_at) values ($1, 'post', 9, now(), now())`,
  deployment_baselines: `(deployment_id, newest_at, collected_at, requests_per_sec, latency_p95, error_rate, cpu_usage, memory_usage)
    values ($1, now(), '{}', '{}', '{}', '{}', '{}', '{}')`,
  verdicts: `(deployment_id, verdict, confidence, summary, details, created_at) values ($1, 'ok', 1, '', '[]', now())`,
  verdict_feedback: `(deployment_id, correct, given_at) values ($1, true, now())`,
  failed_reads: `(deployment_id, tries, last_phase, last_error, last_error_at) values ($1, 1, 'post', '', now())`,
  preliminary_verdicts: `(deployment_id, verdict, confidence, summary, details, shape, minute, created_at)
    values ($1, 'rollback_recommended', 1, '', '[]', 1, 1, now())`,
  late_looks: `(deployment_id, hours, due_at, day_before) values ($1, 1, now(), '{}')`,
  late_checks: `(deployment_id, hours, verdict, confidence, summary, details, shape, created_at)
    values ($1, 1, 'ok', 1, '', '[]', 1, now())`,
};
const CHILDREN = Object.keys(BY_AN_EARLIER_RELEASE);
const FILL = readFileSync(fileURLToPath(new URL('../../deploy/citus/fill.sql', import.meta.url)), 'utf8');

let stage: ClockedStage;
let story: Story;
beforeAll(async () => {
  stage = await openClockedStage();
  story = createStory(stage);
});
afterEach(async () => await stage.reset());
afterAll(async () => await stage[Symbol.asyncDispose]());

/** There are rows in each table, and all name their deployment's project. */
async function expectAllOfTheirProject(): Promise<void> {
  for (const table of CHILDREN) {
    const rows = await stage.database.query<{ named: string | null; of: string }>(
      `select c.project_id as named, d.project_id as of
       from seqpulse.${table} c join seqpulse.deployments d on d.id = c.deployment_id`,
    );
    expect(rows.length, table).toBeGreaterThan(0);
    expect(
      rows.map(({ named }) => named),
      table,
    ).toEqual(rows.map(({ of }) => of));
  }
}

/** A row of each table, by the functions that store it. */
async function storeAll({ id, projectId }: Pick<Started, 'id' | 'projectId'>): Promise<void> {
  const { db } = stage.running.service.lifecycle;
  const at = new Date(stage.clock.now());
  const key = { id, projectId };
  const sample = { ...HEALTHY, collectedAtMs: at.getTime(), lateSeconds: 0 };
  const judgement = { ...unjudged('Nothing is known.', 'nothing'), hints: [], others: null };
  const early = { verdict: 'rollback_recommended', confidence: 0.9, summary: 'Errors.', details: [] } as const;
  const late = { verdict: 'ok', confidence: 0.9, summary: 'Fine.', details: [] } as const;
  const [post] = await db.samples.storePosts([
    {
      ...{ deploymentId: id, phase: 'post', sequence: 9, dueAt: at, collectedAt: at },
      reading: { numbers: HEALTHY, missing: {} },
    },
  ]);
  expect(post?.outcome).toBe('stored');
  await db.deploymentBaselines.keep(new Map([[key, [sample]]]));
  await db.failedReads.count(id, { phase: 'post', error: 'answered 503', at });
  expect(await db.preliminaries.insert(key, early, 1, at)).toBe(true);
  expect(await db.verdicts.insert(key, judgement, at)).toBe(true);
  await db.lateChecks.schedule(key, {}, at);
  await db.lateChecks.insert({ deploymentId: id, hours: 1 }, projectId, late, at);
  await db.feedback.give(key, { correct: true, note: null, givenAt: at });
}

test('they are all that is distributed by project but what named its project before', () => {
  expect([...CHILDREN, 'deployments', 'detections', 'otlp_points'].sort()).toEqual([...BY_PROJECT].sort());
});

// On a cluster there are no triggers, and nothing is left to be filled.
test.skipIf(distributes)('every row of a deployment is stored with its project', async () => {
  const finished = await story.finished();
  // What stores a row says so itself: the triggers that fill it in are for replicas of an earlier release.
  await using _quiet = await withoutTriggers();
  await storeAll(finished);
  await expectAllOfTheirProject();
});

async function withoutTriggers(): Promise<AsyncDisposable> {
  const all = async (word: 'disable' | 'enable') => {
    for (const table of CHILDREN) {
      await stage.database.query(`alter table seqpulse.${table} ${word} trigger fill_project_id`);
    }
  };
  await all('disable');
  return { [Symbol.asyncDispose]: async () => await all('enable') };
}

test.skipIf(distributes)('what a replica of the release before stores gets its project', async () => {
  const finished = await story.finished();
  for (const [table, row] of Object.entries(BY_AN_EARLIER_RELEASE)) {
    await stage.database.query(`insert into seqpulse.${table} ${row}`, [finished.id]);
  }
  await expectAllOfTheirProject();
});

test.skipIf(distributes)(
  'what was stored before there were projects is filled in, a step at a time, and again changes nothing',
  async () => {
    const one = await story.finished();
    const other = await story.finished();
    for (const finished of [one, other]) await storeAll(finished);
    for (const table of CHILDREN) await stage.database.query(`update seqpulse.${table} set project_id = null`);
    await using session = await openSession(stage.database);
    for (const _time of [1, 2]) {
      await session.query(FILL);
      await expectAllOfTheirProject();
    }
  },
);
