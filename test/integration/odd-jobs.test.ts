import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { until } from '../../harness/until.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);

/** `deploymentId` of one that is there: what is odd about the rest must be noticed before it does harm. */
const oddData = (deploymentId: string): readonly unknown[] => {
  const whole = { deploymentId, sequence: 0, dueAtMs: 0, attempt: 0 };
  return [
    null,
    'a word',
    7,
    [],
    {},
    { deploymentId: null },
    { ...whole, deploymentId: 'no id' },
    { ...whole, sequence: 'first' },
    { ...whole, sequence: -1 },
    { ...whole, attempt: 'many', dueAtMs: 'soon' },
    { ...whole, dueAtMs: 1e300 },
    { ...whole, attempt: -1, dueAtMs: -1e300 },
    { ...whole, trace: 'none', triggeredIn: 7 },
    { ...whole, trace: { traceparent: { not: 'text' } } },
  ];
};

test('jobs whose data nobody can read, or whose times are none, end nothing but themselves', async () => {
  const started = await story.triggered();
  for (const queue of ['pre_collect', 'post_collect', 'analysis', 'dead_letter']) {
    // Dead letters are taken one at a time, every two seconds.
    for (const data of queue === 'dead_letter' ? oddData(started.id).slice(0, 2) : oddData(started.id)) {
      await stage.database.query(
        `insert into pgboss.job (id, name, data, start_after, created_on, retry_limit, retry_delay, expire_seconds, heartbeat_seconds, policy, source_name, source_id)
         values ($1, $2, $3, '-infinity', now(), 0, 0, 120, 10, 'standard', 'analysis', $1)`,
        [randomUUID(), queue, JSON.stringify(data)],
      );
    }
  }
  const left = async () =>
    await stage.database.query(
      `select name, data, state from pgboss.job where start_after = '-infinity' and state not in ('completed', 'cancelled')`,
    );
  await until('all of them have ended', 30, async () => {
    await stage.tick(0.5);
    return (await left()).length === 0;
  });
  expect(stage.running.logged.filter((line) => line.event === 'job_unreadable').length).toBeGreaterThan(10);
  // A job that was due before all time would make every figure of how late jobs start endless.
  const { body } = await stage.api.request('GET', '/metrics');
  const sums = [...body.matchAll(/^seqpulse_scheduler_job_start_delay_seconds_sum\S* (\S+)/gm)].map(([, sum]) =>
    Number(sum),
  );
  expect(sums.length).toBeGreaterThan(0);
  for (const sum of sums) expect(sum).toBeLessThan(1e9);
  // Beside them all went on.
  await stage.pass(30);
  expect(await story.samples(started)).toHaveLength(5);
});

test('an analysis that lost its data still gives the verdict: its id is the deployment’s', async () => {
  const finished = await story.finished();
  await stage.database.query(`update pgboss.job set data = '"gone"' where name = 'analysis' and id = $1`, [
    finished.id,
  ]);
  await story.until(finished, 6 * 60);
  expect((await story.read(finished)).verdict).toMatchObject({ verdict: 'ok' });
});
