import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Answer } from '../../harness/api.ts';
import { until } from '../../harness/until.ts';
import type { Database } from '../../src/db/database.ts';
import { createWaitingRoom } from '../../src/http/waiting.ts';
import { giveOverdueVerdicts } from '../../src/lifecycle/overdue-verdicts.ts';
import { watchDeploymentEnds } from '../../src/service/deployment-ends.ts';
import { scraped } from '../support/exposition.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { expectProblem } from '../support/problem.ts';
import { dial } from '../support/raw-http.ts';
import { startTestService } from '../support/service.ts';
import { openSession } from '../support/session.ts';
import { createStory, type Started } from '../support/story.ts';

const MOST = 20;

const stage = useClockedStage({ SEQPULSE_MAX_WAITING_REQUESTS: String(MOST) });
const story = createStory(stage);

const wait = async ({ apiKey, id }: Started, query = 'wait=60', api = stage.api): Promise<Answer> =>
  await api.request('GET', `/deployments/${id}?${query}`, { headers: { 'X-API-Key': apiKey } });

const connectionsListening = async () =>
  (
    await stage.database.query(
      `select from pg_stat_activity where datname = current_database() and application_name = 'seqpulse listen'`,
    )
  ).length;

/** As many requests as may, all of which wait by now: the one beyond them has been refused. */
async function waiting(started: Started): Promise<{ answers: Promise<Answer[]>; refused: Answer }> {
  const requests = Array.from({ length: MOST + 1 }, () => wait(started));
  const refused = await Promise.race(requests);
  const answers = Promise.all(requests).then((all) => all.filter((answer) => answer !== refused));
  return { answers, refused };
}

const states = async (answers: Promise<Answer[]>) => new Set((await answers).map(({ body }) => body.state));

test('it answers when the verdict is there, and what it shows is the end', async () => {
  const finished = await story.finished();
  await story.until(finished, 299);
  const { answers } = await waiting(finished);
  await story.until(finished, 302);
  for (const { body } of await answers) expect(body).toMatchObject({ state: 'analyzed', verdict: { verdict: 'ok' } });
});

test('it answers when the deployment is abandoned', async () => {
  const started = await story.triggered({ finish_deadline_minutes: 1 });
  await stage.pass(50);
  const { answers } = await waiting(started);
  await stage.pass(12);
  await stage.sweep();
  expect(await states(answers)).toEqual(new Set(['abandoned']));
});

test('it answers with what there is when its time is over, and at once when there is nothing to wait for', async () => {
  const started = await story.triggered();
  const { answers } = await waiting(started);
  await stage.leap(60);
  expect(await states(answers)).toEqual(new Set(['running']));
  expect((await wait(started, 'wait=0')).body).toMatchObject({ state: 'running' });
  await stage.api.trigger(started.apiKey, { env: 'prod', idempotency_key: 'next', supersede: true });
  expect((await wait(started)).body).toMatchObject({ state: 'abandoned' });
});

test('beyond the most it is TOO_MANY_WAITING with Retry-After, and is counted as no request', async () => {
  const started = await story.triggered();
  const series = 'seqpulse_http_requests_total{method="GET",path="/deployments/{id}",status_code="503"}';
  const { answers, refused } = await waiting(started);
  expectProblem(refused, 'TOO_MANY_WAITING');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await scraped(stage, series)).toBeNull();
  await stage.leap(60);
  for (const answer of await answers) expect(answer.status).toBe(200);
});

test('a client that goes away makes room', async () => {
  const started = await story.triggered();
  const refused = Promise.withResolvers<void>();
  const sockets = await Promise.all(
    Array.from({ length: MOST + 1 }, async () => {
      const socket = await dial(stage.running.service.url);
      socket.on('error', () => {});
      socket.on('data', () => refused.resolve());
      socket.write(
        `GET /deployments/${started.id}?wait=60 HTTP/1.1\r\nHost: t\r\nX-API-Key: ${started.apiKey}\r\n\r\n`,
      );
      return socket;
    }),
  );
  await refused.promise;
  for (const socket of sockets) socket.destroy();
  const answers: Promise<Answer>[] = [];
  await until('there is room', 10, async () => {
    const answer = wait(started);
    const first = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 200))]);
    if (first !== undefined) return false;
    answers.push(answer);
    return true;
  });
  await stage.leap(60);
  for (const answer of answers) expect((await answer).status).toBe(200);
});

test('the time that it waited is no part of how long answers take', async () => {
  const started = await story.triggered();
  const sum = 'seqpulse_http_request_duration_seconds_sum{method="GET",path="/deployments/{id}"}';
  const { answers } = await waiting(started);
  const before = (await scraped(stage, sum)) ?? 0;
  const startedAt = performance.now();
  // Each of them: MOST seconds in all, of which none may be counted.
  await until('a second', 10, () => performance.now() - startedAt > 1_000);
  await stage.leap(60);
  await answers;
  expect(((await scraped(stage, sum)) ?? 0) - before).toBeLessThan(MOST / 2);
});

test('an end that another replica brings about is told; without the connection that listens it is asked for', async () => {
  await using other = await startTestService({ databaseUrl: stage.database.url, clock: stage.clock });
  for (const cut of [false, true]) {
    const started = await story.triggered();
    await until('both listen', 10, async () => (await connectionsListening()) === 2);
    const { answers } = await waiting(started);
    if (cut) {
      await stage.database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'seqpulse listen'`,
      );
    }
    await other.api.trigger(started.apiKey, { env: 'prod', idempotency_key: 'next', supersede: true });
    expect(await states(answers)).toEqual(new Set(['abandoned']));
  }
});

test('what is told needs no look at the table', async () => {
  const told: string[] = [];
  const room = {
    ...createWaitingRoom({ most: 1, timers: globalThis, read: async () => null, nextTurn: setImmediate }),
    tell: told.push.bind(told),
  };
  const silent = { deploymentReads: { findEnded: async () => [] }, preliminaries: { findOf: async () => [] } };
  await using _watch = watchDeploymentEnds({
    directUrl: stage.database.url,
    db: silent as unknown as Database,
    room,
    log: pino({ level: 'silent' }),
  });
  await until('it listens beside the service', 10, async () => (await connectionsListening()) === 2);
  const started = await story.triggered();
  await stage.api.trigger(started.apiKey, { env: 'prod', idempotency_key: 'next', supersede: true });
  await until('it is told', 10, () => told.includes(started.id));
});

test('every end is told, once, whichever road led to it', async () => {
  await using client = await openSession(stage.database);
  const told: (string | undefined)[] = [];
  client.on('notification', ({ payload }) => told.push(payload));
  await client.query('listen seqpulse_deployment_end');
  const replaced = await story.triggered();
  await stage.api.trigger(replaced.apiKey, { env: 'prod', idempotency_key: 'next', supersede: true });
  const swept = await story.triggered({ finish_deadline_minutes: 1 });
  const met = await story.triggered({ finish_deadline_minutes: 1 });
  await stage.pass(62);
  await story.finish(met);
  await stage.sweep();
  const analyzed = await story.finished();
  await story.until(analyzed, 301);
  // Nobody has a job for this one.
  const overdue = await story.finished();
  await stage.database.query(`delete from pgboss.job where name = 'analysis' and id = $1`, [overdue.id]);
  await story.until(overdue, 1_200);
  await giveOverdueVerdicts(stage.running.service.lifecycle);

  const ends = [replaced, swept, met, analyzed, overdue].map(({ id }) => id);
  await until('all are told', 10, () => ends.every((id) => told.includes(id)));
  expect(told.filter((id) => id !== undefined && ends.includes(id))).toHaveLength(ends.length);
});

test('what is undone is not told, neither by an error nor by a deadlock that has it run again', async () => {
  await using client = await openSession(stage.database);
  const told: (string | undefined)[] = [];
  client.on('notification', ({ payload }) => told.push(payload));
  await client.query('listen seqpulse_deployment_end');
  const { db } = stage.running.service.lifecycle;
  const undone = await story.finished();
  const last = await story.finished();
  const at = new Date(stage.clock.now());
  await expect(
    db.transaction(async (tx) => {
      await tx.deployments.markAnalyzed(undone.id, at);
      throw new Error('undone');
    }),
  ).rejects.toThrow('undone');
  const deadlock = Object.assign(new Error('the victim of a deadlock'), { code: '40P01' });
  let runs = 0;
  await db.transaction(async (tx) => {
    runs += 1;
    await tx.deployments.markAnalyzed(runs === 1 ? undone.id : last.id, at);
    if (runs === 1) throw deadlock;
  });
  await until('the last is told', 10, () => told.includes(last.id));
  expect(told).toEqual([last.id]);
});

test('all are answered when the service stops', async () => {
  const own = await startTestService({
    databaseUrl: stage.database.url,
    clock: stage.clock,
    env: { SEQPULSE_MAX_WAITING_REQUESTS: '1' },
  });
  const started = await story.triggered();
  const requests = [wait(started, 'wait=60', own.api), wait(started, 'wait=60', own.api)];
  // By then the other one waits.
  expectProblem(await Promise.race(requests), 'TOO_MANY_WAITING');
  await own[Symbol.asyncDispose]();
  const answers = await Promise.all(requests);
  expect(answers.filter(({ status }) => status === 200).map(({ body }) => body.state)).toEqual(['running']);
});

test.each(['wait=61', 'wait=-1', 'wait=1.5', 'wait=x', 'wait=1&wait=2', 'waits=1'])('?%s is refused', async (query) => {
  expectProblem(await wait(await story.triggered(), query), 'VALIDATION_FAILED');
});
