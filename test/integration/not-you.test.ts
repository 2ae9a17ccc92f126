import { afterAll, beforeAll, expect, test } from 'vitest';
import { HEALTHY, type Metrics } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { type MessageReceiver, startMessageReceiver } from '../support/message-receiver.ts';
import { fillRing } from '../support/ring.ts';
import { ADMIN_TOKEN } from '../support/service.ts';
import { createStory } from '../support/story.ts';

const stage = useClockedStage({ SEQPULSE_PUBLIC_REPORTS: 'open' });
const story = createStory(stage);
const MINUTE_MS = 60_000;

let receiver: MessageReceiver;
beforeAll(async () => {
  receiver = await startMessageReceiver();
});
afterAll(async () => await receiver?.[Symbol.asyncDispose]());

/** Another project of `prod`, and what the ring holds of it: twenty minutes before now, and six after. */
async function neighbour(name: string, metrics: Metrics): Promise<void> {
  const { id: projectId } = await stage.api.newProject({ name, endpoint: stage.app.url });
  const nowMs = stage.clock.now() - 10_000;
  const place = { projectId, url: stage.app.url };
  await fillRing(stage.running, { ...place, fromMs: nowMs - 19 * MINUTE_MS, count: 20 });
  await fillRing(stage.running, { ...place, fromMs: nowMs + MINUTE_MS, count: 6, metrics });
}

async function signedIn(): Promise<string> {
  const { url } = stage.running.service;
  const answer = await fetch(`${url}/ui/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: new URL(url).origin },
    body: new URLSearchParams({ token: ADMIN_TOKEN, next: '/' }),
  });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

const WORSE = { ...HEALTHY, error_rate: 0.5, latency_p95: 2_000 };
const FAILING = { ...HEALTHY, error_rate: 0.2 };

test('a rollback that another project explains is told as attention; its name is for operators alone', async () => {
  const started = await story.triggered();
  const hook = { type: 'webhook', url: `${receiver.url}/hook`, events: ['attention'] };
  expect((await stage.api.operator('POST', `/projects/${started.projectId}/notifications`, hook)).status).toBe(201);
  await neighbour('payments', WORSE);
  await neighbour('search', HEALTHY);
  await stage.pass(30);
  await story.finish(started);
  const finished = { ...started, finishedAtMs: stage.clock.now() };
  stage.app.metrics = FAILING;
  await story.until(finished, 301);
  const { verdict, preliminary } = await story.read(finished);
  // 20 % of errors call a deployment back early; what others explain waits.
  expect(preliminary).toBeNull();
  expect(verdict).toMatchObject({
    verdict: 'attention',
    summary: expect.stringContaining('perhaps not this deployment: 1 of 2 other projects of this environment'),
    others: { looked_at: 2, worse: 1, suspects: 1, lowered: true, since: expect.any(String), projects: null },
  });
  const path = `/deployments/${finished.id}`;
  const operator = (await stage.api.operator('GET', path)).body;
  const { since } = verdict.others;
  expect(operator.verdict.others.projects).toEqual([
    { id: expect.any(String), name: 'payments', since, suspect: true },
  ]);
  const listed = (await stage.api.operator('GET', '/deployments')).body.items;
  expect(listed.find(({ id }: { id: string }) => id === finished.id).verdict.others).toEqual(operator.verdict.others);
  const headers = { 'X-API-Key': finished.apiKey };
  const own = [
    await stage.api.request('GET', path, { headers }),
    await stage.api.request('GET', '/deployments', { headers }),
    await stage.api.request('POST', `${path}/rejudge`, { headers, body: { limits: {} } }),
  ];
  expect(own.map(({ status }) => status)).toEqual([200, 200, 200]);
  for (const { body } of own) expect(JSON.stringify(body)).not.toContain('payments');
  // What others did then is kept with the verdict: judged again it is the same.
  expect(own[2]?.body).toMatchObject({ verdict: 'attention', summary: verdict.summary, others: verdict.others });
  // Whoever is told by a message or has the link knows how many they are, whoever is signed in which ones.
  await until('it is told', 10, async () => {
    await stage.tick(0.5);
    await stage.running.service.sender.idle();
    return receiver.received.length > 0;
  });
  const [message] = receiver.received;
  expect(message?.body).toContain('perhaps not this deployment: 1 of 2 other projects');
  expect(message?.body).not.toContain('payments');
  for (const form of ['', '.md', '.json', '.svg']) {
    const answer = await fetch(`${stage.running.service.url}/ui/deployments/${finished.id}${form}`);
    const text = await answer.text();
    expect(answer.status, form).toBe(200);
    if (!['.json', '.svg'].includes(form))
      expect(text).toContain('Perhaps not this deployment: in the same minutes 1 of 2 other projects of prod');
    expect(text, form).not.toContain('payments');
    const seen = await fetch(answer.url, { headers: { Cookie: await signedIn() } });
    if (form !== '.svg') expect(await seen.text(), form).toContain('payments');
  }
});

test('a project that is deployed in the same minutes is seen by its own samples, one of another environment never', async () => {
  const atMs = stage.clock.now();
  const { db } = stage.running.service.lifecycle;
  const [own, ledger, stray] = [
    await stage.api.newProject({ name: 'own', endpoint: stage.app.url }),
    await stage.api.newProject({ name: 'ledger', endpoint: stage.app.url }),
    await stage.api.newProject({ name: 'stray', envs: ['staging'], endpoint: stage.app.url }),
  ];
  for (const [id, env] of [
    [own.id, 'prod'],
    [ledger.id, 'prod'],
    [stray.id, 'staging'],
  ]) {
    await stage.database.query(
      `with deployed as (
         insert into seqpulse.deployments (id, project_id, env, number, state, metrics_endpoint, started_at, finish_deadline_at, pre_expected)
         values (gen_random_uuid(), $1, $2, 1, 'abandoned', 'http://x.example', $3, $3, 5) returning id)
       insert into seqpulse.samples (project_id, deployment_id, phase, sequence, due_at, collected_at, requests_per_sec, latency_p95, error_rate, cpu_usage, memory_usage)
       select $1, id, 'post', minute, $3, $3::timestamptz + minute * interval '1 minute', minute, 120, 0, 0.3, 0.5
       from deployed, generate_series(0, 3) minute`,
      [id, env, new Date(atMs)],
    );
  }
  await fillRing(stage.running, { projectId: own.id, url: stage.app.url, fromMs: atMs, count: 3 });
  const found = await db.neighbours.listOf(own.id, 'prod', { fromMs: atMs, toMs: atMs + 3 * MINUTE_MS }, 5);
  expect(found).toMatchObject([{ id: ledger.id, name: 'ledger' }]);
  expect(found[0]?.samples.map(({ requests_per_sec: rps, collectedAtMs }) => [rps, collectedAtMs - atMs])).toEqual([
    [0, 0],
    [1, MINUTE_MS],
    [2, 2 * MINUTE_MS],
  ]);
  // Of more hours than are named one by one the same, and never of more projects than were asked for.
  const days = { fromMs: atMs - 60 * 60 * MINUTE_MS, toMs: atMs + 3 * MINUTE_MS };
  expect(await db.neighbours.listOf(own.id, 'prod', days, 5)).toEqual(found);
  expect(await db.neighbours.listOf(own.id, 'prod', days, 0)).toEqual([]);
});
