import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { NewProject } from '../../harness/api.ts';
import { until } from '../../harness/until.ts';
import { distributes } from '../support/distributed.ts';
import { expectProblem } from '../support/problem.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';

const DEADLINE_MINUTES = 5;

let stage: ClockedStage;
let serial = 0;
beforeAll(async () => {
  stage = await openClockedStage();
});
afterEach(async () => await stage.reset());
afterAll(async () => await stage[Symbol.asyncDispose]());

/** A project with a deployment that its CI has left alone. */
async function left(more: object = {}): Promise<NewProject & { deploymentId: string }> {
  serial += 1;
  const project = await stage.api.newProject({
    name: `project ${serial}`,
    endpoint: stage.app.url,
    finish_deadline_minutes: DEADLINE_MINUTES,
    ...more,
  });
  const answer = await stage.api.trigger(project.apiKey, { env: 'prod', idempotency_key: 'first' });
  expect(answer.body.status).toBe('created');
  return { ...project, deploymentId: answer.body.deployment_id };
}

const untilDeadline = async (offsetSeconds: number) => await stage.pass(DEADLINE_MINUTES * 60 + offsetSeconds);

async function stateOf(project: { apiKey: string; deploymentId: string }): Promise<string> {
  return (await stage.api.deployment(project.apiKey, project.deploymentId)).body.state;
}

test('the sweep abandons what has passed its deadline, a minute late at the most, and nothing before', async () => {
  const project = await left();
  const longer = await left({ finish_deadline_minutes: DEADLINE_MINUTES + 10 });
  await untilDeadline(-1);
  await stage.sweep();
  expect(await stateOf(project)).toBe('running');
  await stage.pass(1);
  for (let second = 0; second < 65 && (await stateOf(project)) === 'running'; second += 5) await stage.tick(5);
  expect(await stateOf(project)).toBe('abandoned');
  expect(await stateOf(longer)).toBe('running');
});

test('an abandoned deployment has no verdict, reads nothing more and counts as no failure', async () => {
  const project = await left({ finish_deadline_minutes: 1 });
  stage.app.behaviour = (response) => response.writeHead(500).end();
  await stage.pass(61);
  await stage.sweep();
  expect(
    await stage.database.query(`select state, count(*)::int from pgboss.job where name = 'pre_collect' group by state`),
  ).toContainEqual({ state: 'cancelled', count: 5 });
  const reads = stage.app.requests.length;
  await stage.pass(900);
  expect(stage.app.requests.length).toBe(reads);
  const answer = await stage.api.deployment(project.apiKey, project.deploymentId);
  expect(answer.body).toMatchObject({ state: 'abandoned', verdict: null, finished_at: null, analyzed_at: null });
  const query = 'select from seqpulse.job_failures where deployment_id = $1';
  expect(await stage.database.query(query, [project.deploymentId])).toEqual([]);
});

test('a finish just before the deadline is accepted, one at the deadline is ignored also before the sweep', async () => {
  const inTime = await left();
  const late = await left();
  const finish = async (project: { apiKey: string; deploymentId: string }) =>
    (await stage.api.finish(project.apiKey, { deployment_id: project.deploymentId, result: 'success' })).body;
  await untilDeadline(-0.001);
  expect((await finish(inTime)).status).toBe('accepted');
  await stage.clock.setTime(stage.clock.now() + 1);
  expect(await finish(late)).toEqual({ status: 'ignored', message: expect.stringContaining('abandoned') });
  expect(await stateOf(late)).toBe('abandoned');
});

test('a trigger does not wait for the sweep: the overdue deployment gives way to a new one', async () => {
  const project = await left();
  await untilDeadline(0);
  const answer = await stage.api.trigger(project.apiKey, { env: 'prod' });
  expect(answer.body.status).toBe('created');
  expect(answer.body.deployment_id).not.toBe(project.deploymentId);
  expect(await stateOf(project)).toBe('abandoned');
});

test('20 triggers at once over an overdue deployment all get the one new deployment', async () => {
  const project = await left();
  await untilDeadline(0);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => stage.api.trigger(project.apiKey, { env: 'prod' })),
  );
  const ids = new Set(answers.map((answer) => answer.body.deployment_id));
  expect(ids.size).toBe(1);
  expect(ids).not.toContain(project.deploymentId);
  expect(answers.filter((answer) => answer.body.status === 'created')).toHaveLength(1);
});

test('a trigger that meets the sweep at work waits for it, and does not hand out the deployment that goes', async () => {
  const project = await left();
  await untilDeadline(0);
  const sweep = new pg.Client({ connectionString: stage.database.url });
  await sweep.connect();
  try {
    await sweep.query('begin');
    await sweep.query(`update seqpulse.deployments set state = 'abandoned' where id = $1`, [project.deploymentId]);
    let answered = false;
    const triggered = stage.api.trigger(project.apiKey, { env: 'prod' }).finally(() => {
      answered = true;
    });
    // On a cluster it waits on a node, and the coordinator for that.
    const held = distributes ? `state = 'active' and pid <> pg_backend_pid()` : `wait_event_type = 'Lock'`;
    const waiting = `select from pg_stat_activity where datname = current_database() and ${held} and query like '%abandoned%'`;
    await until('the trigger waits, or has answered', 10, async () => {
      return answered || (await stage.database.query(waiting)).length > 0;
    });
    await sweep.query('commit');
    expect((await triggered).body).toMatchObject({ status: 'created' });
  } finally {
    await sweep.end();
  }
});

test('a trigger over an overdue deployment tries the signature like any other', async () => {
  const project = await left();
  await stage.api.operator('POST', `/projects/${project.id}/hmac`);
  await untilDeadline(0);
  stage.app.behaviour = (response) => response.writeHead(401).end();
  const answer = await stage.api.trigger(project.apiKey, { env: 'prod' });
  expectProblem(answer, 'HMAC_REFUSED');
});

test('the deadline is 120 minutes unless the project says otherwise', async () => {
  const project = await stage.api.newProject({ name: 'default deadline', endpoint: stage.app.url });
  const { deployment_id } = (await stage.api.trigger(project.apiKey, { env: 'prod' })).body;
  const [row] = await stage.database.query<{ minutes: string }>(
    'select extract(epoch from finish_deadline_at - started_at) / 60 as minutes from seqpulse.deployments where id = $1',
    [deployment_id],
  );
  expect(Number(row?.minutes)).toBe(120);
});

test('a deployment’s key stays its own after it was abandoned', async () => {
  const project = await left();
  await untilDeadline(0);
  await stage.sweep();
  const answer = await stage.api.trigger(project.apiKey, { env: 'prod', idempotency_key: 'first' });
  expect(answer.body).toMatchObject({ status: 'existing', deployment_id: project.deploymentId });
});
