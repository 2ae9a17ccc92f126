import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Answer, NewProject } from '../../harness/api.ts';
import { expectProblem } from '../support/problem.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';

let stage: ClockedStage;
let serial = 0;
beforeAll(async () => {
  stage = await openClockedStage();
});
afterEach(async () => await stage.reset());
afterAll(async () => await stage[Symbol.asyncDispose]());

async function newProject(more: object = {}): Promise<NewProject> {
  serial += 1;
  const about = { name: `project ${serial}`, endpoint: stage.app.url, baseline: 'at_trigger', ...more };
  return await stage.api.newProject(about);
}

const trigger = async ({ apiKey }: NewProject, idempotency_key: string | null, more: object = {}) =>
  await stage.api.trigger(apiKey, { env: 'prod', idempotency_key, ...more });
const finish = async ({ apiKey }: NewProject, deployment_id: string) =>
  (await stage.api.finish(apiKey, { deployment_id, result: 'success' })).body;
const read = async ({ apiKey }: NewProject, id: string) => (await stage.api.deployment(apiKey, id)).body;
const idOf = (answer: Answer): string => answer.body.deployment_id;

/** Deployments that took this many seconds from trigger to finish, one after the other. */
async function history(project: NewProject, seconds: readonly number[]): Promise<void> {
  for (const [index, taken] of seconds.entries()) {
    const answer = await trigger(project, `history ${index}`);
    await stage.clock.setTime(stage.clock.now() + taken * 1000);
    expect(await finish(project, idOf(answer))).toMatchObject({ status: 'accepted' });
  }
}

const later = async (seconds: number) => await stage.clock.setTime(stage.clock.now() + Math.round(seconds * 1000));

describe('with supersede', () => {
  test('a dead run’s deployment gives way: abandoned, without a verdict, named after its successor; its late finish is ignored', async () => {
    const project = await newProject();
    const dead = idOf(await trigger(project, 'run 1', { branch: 'never-deployed' }));
    const answer = await trigger(project, 'run 2', { branch: 'main', supersede: true });
    expect(answer.body).toEqual({
      deployment_id: expect.not.stringMatching(dead),
      status: 'created',
      message: expect.stringMatching(/Deployment 1 of branch "never-deployed" .*"run 1".* abandoned/),
    });
    const gone = { state: 'abandoned', verdict: null, superseded_by: idOf(answer), finished_at: null };
    expect(await read(project, dead)).toMatchObject(gone);
    expect(await finish(project, dead)).toEqual({
      status: 'ignored',
      message: expect.stringContaining(`a newer run took its place (deployment ${idOf(answer)})`),
    });
    expect(await finish(project, idOf(answer))).toMatchObject({ status: 'accepted' });
    await stage.pass(400);
    expect(await read(project, idOf(answer))).toMatchObject({ branch: 'main', number: 2, state: 'analyzed' });
    expect(await read(project, dead)).toMatchObject(gone);
  });

  test('the dead run reads nothing more', async () => {
    const project = await newProject();
    const dead = idOf(await trigger(project, 'run 1'));
    await trigger(project, 'run 2', { supersede: true });
    await stage.pass(60);
    const samples = await stage.database.query('select from seqpulse.samples where deployment_id = $1', [dead]);
    expect(samples).toEqual([]);
    const states = await stage.database.query(
      `select distinct state from pgboss.job where name = 'pre_collect' and data->>'deploymentId' = $1`,
      [dead],
    );
    expect(states).toEqual([{ state: 'cancelled' }]);
  });

  test('the same key starts a new deployment once the first has ended; the key moves to it', async () => {
    const project = await newProject();
    const first = idOf(await trigger(project, 'key'));
    await finish(project, first);
    await stage.pass(400);
    const again = await trigger(project, 'key');
    expect(again.body).toMatchObject({ deployment_id: first, status: 'existing' });
    expect(again.body.message).toMatch(/Deployment 1 .* has ended and is analyzed: nothing is watched/);
    const second = await trigger(project, 'key', { supersede: true });
    expect(second.body.status).toBe('created');
    expect((await trigger(project, 'key')).body).toMatchObject({ deployment_id: idOf(second), status: 'existing' });
    expect(await read(project, first)).toMatchObject({ state: 'analyzed', superseded_by: null });
  });

  test('the same key takes over from its own dead run, too', async () => {
    const project = await newProject();
    const first = idOf(await trigger(project, 'key'));
    const second = await trigger(project, 'key', { supersede: true });
    expect(second.body.status).toBe('created');
    expect(await read(project, first)).toMatchObject({ state: 'abandoned', superseded_by: idOf(second) });
  });

  test('the same request sent again, or many times at once, makes one deployment', async () => {
    const project = await newProject();
    const dead = idOf(await trigger(project, 'dead'));
    const triggers = Array.from({ length: 12 }, () => trigger(project, 'key', { supersede: true }));
    const answers = await Promise.all(triggers);
    expect(new Set(answers.map(idOf)).size).toBe(1);
    expect(answers.filter((answer) => answer.body.status === 'created')).toHaveLength(1);
    expect(await read(project, dead)).toMatchObject({ superseded_by: idOf(answers[0] as Answer) });
    await later(59);
    expect((await trigger(project, 'key', { supersede: true })).body.status).toBe('existing');
    await later(2);
    expect((await trigger(project, 'key', { supersede: true })).body.status).toBe('created');
  });

  test('one that takes over is observed as the last, one that is observed ends as ever', async () => {
    const project = await newProject();
    const observed = idOf(await trigger(project, 'a'));
    await finish(project, observed);
    const running = idOf(await trigger(project, 'b'));
    const third = await trigger(project, 'a', { supersede: true });
    expect(third.body.status).toBe('created');
    expect(await read(project, running)).toMatchObject({ state: 'abandoned', superseded_by: idOf(third) });
    expect(await read(project, observed)).toMatchObject({ superseded_by: running });
  });

  test('a refused signature leaves the running one as it is', async () => {
    const project = await newProject();
    const running = idOf(await trigger(project, 'run 1'));
    await stage.api.operator('POST', `/projects/${project.id}/hmac`);
    stage.app.behaviour = (response) => response.writeHead(401).end();
    expectProblem(await trigger(project, 'run 2', { supersede: true }), 'HMAC_REFUSED');
    expect(await read(project, running)).toMatchObject({ state: 'running', superseded_by: null });
  });

  test('another environment’s deployment, and another project’s, go on', async () => {
    const project = await newProject({ envs: ['prod', 'staging'] });
    const other = await newProject();
    const ids = [
      idOf(await stage.api.trigger(project.apiKey, { env: 'staging', idempotency_key: 'key' })),
      idOf(await trigger(other, 'key')),
    ];
    await trigger(project, 'key', { supersede: true });
    expect(await read(project, ids[0] as string)).toMatchObject({ state: 'running' });
    expect(await read(other, ids[1] as string)).toMatchObject({ state: 'running' });
  });

  test.each(['yes', 1, {}])('supersede: %j is refused', async (supersede) => {
    expectProblem(await trigger(await newProject(), 'key', { supersede }), 'VALIDATION_FAILED');
  });
});

describe('without a word, by the usual time', () => {
  test('silent for longer than the p95 of the last deployments: the next run takes over; not before', async () => {
    const project = await newProject();
    // p95 of five: 300 + .8 × (400 − 300) = 380 s.
    await history(project, [100, 200, 300, 400, 100]);
    const dead = idOf(await trigger(project, 'dead', { branch: 'fix' }));
    await later(380);
    const early = await trigger(project, 'next');
    expect(early.body).toMatchObject({ deployment_id: dead, status: 'existing' });
    expect(early.body.message).toMatch(
      /already running in prod. Deployment 6 of branch "fix" \(started 2030-\S+Z, idempotency key "dead"\) has not ended/,
    );
    await later(0.001);
    const next = await trigger(project, 'next');
    expect(next.body.status).toBe('created');
    expect(await read(project, dead)).toMatchObject({ state: 'abandoned', superseded_by: idOf(next), verdict: null });
  });

  test('only the last 20 tell what is usual', async () => {
    const project = await newProject();
    await history(project, [3_000, 3_000, ...Array<number>(20).fill(60)]);
    const dead = idOf(await trigger(project, 'dead'));
    await later(61);
    expect((await trigger(project, 'next')).body.status).toBe('created');
    expect(await read(project, dead)).toMatchObject({ state: 'abandoned' });
  });

  test('fewer than five tell nothing: then the finish deadline holds', async () => {
    const project = await newProject({ finish_deadline_minutes: 30 });
    await history(project, [10, 10, 10, 10]);
    const dead = idOf(await trigger(project, 'dead'));
    await later(30 * 60 - 1);
    expect((await trigger(project, 'next')).body).toMatchObject({ deployment_id: dead, status: 'existing' });
    await later(1);
    expect((await trigger(project, 'next')).body.status).toBe('created');
    expect(await read(project, dead)).toMatchObject({ state: 'abandoned', superseded_by: null });
  });

  test.each([
    ['the same key', 'dead'],
    ['no key', null],
  ])('%s may be the same run, sent again: it gets the running one, however long that was silent', async (_, key) => {
    const project = await newProject();
    await history(project, [10, 10, 10, 10, 10]);
    const dead = idOf(await trigger(project, 'dead'));
    await later(3_600);
    expect((await trigger(project, key)).body).toMatchObject({ deployment_id: dead, status: 'existing' });
  });

  test('what another environment takes does not count', async () => {
    const project = await newProject({ envs: ['prod', 'staging'] });
    await history(project, [10, 10, 10, 10, 10]);
    const staging = async (idempotency_key: string) =>
      await stage.api.trigger(project.apiKey, { env: 'staging', idempotency_key });
    const first = await staging('1');
    await later(3_600);
    expect((await staging('2')).body).toMatchObject({ deployment_id: idOf(first), status: 'existing' });
  });
});
