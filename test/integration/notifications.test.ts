import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BROKEN } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { type MessageReceiver, startMessageReceiver } from '../support/message-receiver.ts';
import { expectProblem } from '../support/problem.ts';
import { type ClockedStage, openClockedStage } from '../support/stage.ts';
import { createStory, type Finished } from '../support/story.ts';

let stage: ClockedStage;
let receiver: MessageReceiver;
beforeAll(async () => {
  stage = await openClockedStage({ SEQPULSE_RETRY_DELAYS_SECONDS: 'none', SEQPULSE_EARLY_ROLLBACK: 'false' });
  receiver = await startMessageReceiver();
});
afterEach(async () => {
  await stage.reset();
  await stage.database.query('delete from seqpulse.notification_channels');
  await stage.database.query('delete from seqpulse.notification_outbox');
  receiver.behaviour = null;
  receiver.received.length = 0;
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

const operator: ClockedStage['api']['operator'] = async (...request) => await stage.api.operator(...request);

async function channel(path: string, body: object) {
  const answer = await operator('POST', path, { type: 'webhook', url: `${receiver.url}/hook`, ...body });
  expect(answer.status).toBe(201);
  return answer.body;
}

/** A deployment whose application is broken after it, judged. */
async function judgedBad(
  more: object = {},
  channelBody: object | null = {},
): Promise<Finished & { channel: { id: string; secret: string } }> {
  const story = createStory({ ...stage });
  const started = await story.triggered({ name: `bad ${Math.random()}`, ...more });
  const made = channelBody === null ? null : await channel(`/projects/${started.projectId}/notifications`, channelBody);
  await stage.pass(30);
  stage.app.metrics = BROKEN;
  await story.finish(started);
  const finished = { ...started, finishedAtMs: stage.clock.now() };
  await story.until(finished, 301);
  expect((await story.read(started)).verdict.verdict).toBe('rollback_recommended');
  return { ...finished, channel: made };
}

/** Lets the sender look, and what it sends arrive. */
async function sent(count: number) {
  await until(`${count} messages`, 1, async () => {
    await stage.tick(0.5);
    await stage.running.service.sender.idle();
    return receiver.received.length >= count;
  });
  await stage.tick(0.5);
  await stage.running.service.sender.idle();
  expect(receiver.received).toHaveLength(count);
  return receiver.received;
}

const deliveries = async (projectId: string, id: string) =>
  (await operator('GET', `/projects/${projectId}/notifications/${id}/deliveries`)).body.items;

test('a bad verdict reaches a webhook once, signed as Standard Webhooks asks for', async () => {
  const judged = await judgedBad();
  const [message] = await sent(1);
  const headers = { ...(message?.headers as Record<string, string>) };
  // The library goes by the real clock, which this test's is years ahead of: signed anew for now, as a receiver would see it.
  const { secret } = judged.channel;
  const [version, signature] = (headers['webhook-signature'] ?? '').split(',');
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${message?.body}`;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  expect([version, signature]).toEqual(['v1', createHmac('sha256', key).update(text).digest('base64')]);
  expect(Number(headers['webhook-timestamp'])).toBeCloseTo(stage.clock.now() / 1000, -1);
  expect(headers['webhook-id']).toMatch(/^msg_[0-9a-f]{32}$/);

  const body = JSON.parse(message?.body ?? '');
  expect(body).toMatchObject({
    type: 'deployment.verdict',
    timestamp: expect.stringMatching(/^2030-.*Z$/),
    data: {
      event: 'rollback_recommended',
      title: expect.stringMatching(/^Rollback: bad .* #1 in prod$/),
      text: expect.stringContaining('p95 latency rose from 120 ms to 900 ms'),
      project: { id: judged.projectId },
      env: 'prod',
      environment: { state: 'bad', changed: true },
      deployment: { id: judged.id, verdict: { verdict: 'rollback_recommended' } },
    },
  });
  const [delivery] = await deliveries(judged.projectId, judged.channel.id);
  expect(delivery).toMatchObject({
    state: 'delivered',
    event: 'rollback_recommended',
    failed_attempts: 0,
    last_error: null,
  });
  // What names people is kept no longer than it takes.
  expect(await stage.database.query('select 1 from seqpulse.notification_outbox where body is not null')).toEqual([]);
});

test('the library of Standard Webhooks accepts what is sent, with the old secret and the new one while both are in force', async () => {
  const { clock } = stage;
  const before = clock.now();
  await clock.setTime(Date.now());
  const { id, secret } = await channel('/notifications', { name: 'all' });
  const rotated = (await operator('POST', `/notifications/${id}/secret`, { keep_old_hours: 2 })).body;
  expect(rotated.secret).toMatch(/^whsec_/);
  expect(rotated.old_secret_until).toMatch(/Z$/);
  expect((await operator('POST', `/notifications/${id}/test`)).body).toMatchObject({ delivered: true });
  const [message] = receiver.received;
  const verify = (key: string) =>
    new Webhook(key).verify(message?.body ?? '', message?.headers as Record<string, string>);
  expect(verify(secret)).toMatchObject({ type: 'notification.test' });
  expect(verify(rotated.secret)).toMatchObject({ type: 'notification.test' });
  expect(() => verify(`whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow();

  await clock.setTime(clock.now() + 2 * 3_600_000 + 1_000);
  await operator('POST', `/notifications/${id}/test`);
  expect(String(receiver.received[1]?.headers['webhook-signature']).split(' ')).toHaveLength(1);
  await clock.setTime(before);
});

test('a receiver that fails is tried again, with the same id and the same body, until it takes it', async () => {
  receiver.behaviour = (response) => response.writeHead(503).end();
  const judged = await judgedBad();
  await sent(1);
  const waiting = await until('the failure is stored', 5, async () => {
    const [one] = await deliveries(judged.projectId, judged.channel.id);
    return one.failed_attempts === 1 ? one : null;
  });
  expect(waiting).toMatchObject({ state: 'waiting', last_error: 'answered 503' });
  expect(Date.parse(waiting.next_attempt_at) - stage.clock.now()).toBeLessThanOrEqual(5_000);
  const [shown] = (await operator('GET', `/projects/${judged.projectId}/notifications`)).body.items;
  expect(shown).toMatchObject({ failing_since: expect.any(String), last_error: 'answered 503' });

  // What is told does not change with what is set meanwhile.
  await operator('PATCH', `/projects/${judged.projectId}`, { name: `renamed ${Math.random()}` });
  receiver.behaviour = null;
  await stage.clock.setTime(stage.clock.now() + 6_000);
  const [first, second] = await sent(2);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(second?.body).toBe(first?.body);
  expect(await deliveries(judged.projectId, judged.channel.id)).toMatchObject([
    { state: 'delivered', failed_attempts: 1 },
  ]);
  expect((await operator('GET', `/projects/${judged.projectId}/notifications`)).body.items).toMatchObject([
    { failing_since: null, last_error: null, last_delivered_at: expect.any(String) },
  ]);
});

test('after a day of tries it is given up, where everybody can see it', async () => {
  receiver.behaviour = (response) => response.writeHead(500).end();
  const judged = await judgedBad();
  const startedAtMs = stage.clock.now();
  for (let attempt = 1; ; attempt += 1) {
    await sent(attempt);
    const [one] = await deliveries(judged.projectId, judged.channel.id);
    if (one.state === 'given_up') {
      expect(one).toMatchObject({ failed_attempts: 11, last_error: 'answered 500', next_attempt_at: null });
      break;
    }
    await stage.clock.setTime(Date.parse(one.next_attempt_at));
  }
  const hours = (stage.clock.now() - startedAtMs) / 3_600_000;
  expect(hours).toBeGreaterThan(23);
  expect(hours).toBeLessThan(27);
  const { body } = await stage.api.request('GET', '/metrics');
  expect(body).toMatch(/^seqpulse_notifications_total\{channel="webhook",outcome="given_up"\} 1$/m);
  expect(stage.running.logged.some(({ event }) => event === 'notification_given_up')).toBe(true);
});

test('a receiver that is gone for good is told nothing more', async () => {
  receiver.behaviour = (response) => response.writeHead(410).end();
  const judged = await judgedBad();
  await sent(1);
  expect(await deliveries(judged.projectId, judged.channel.id)).toMatchObject([{ state: 'given_up' }]);
  expect((await operator('GET', `/projects/${judged.projectId}/notifications`)).body.items).toMatchObject([
    { enabled: false, last_error: 'answered 410' },
  ]);
});

test('channels are told of what they want: an ok verdict by default of nothing, recovery once', async () => {
  const judged = await judgedBad();
  await channel('/notifications', { events: ['environment_bad', 'environment_recovered'], name: 'installation' });
  await channel(`/projects/${judged.projectId}/notifications`, { envs: ['staging'], name: 'elsewhere' });
  await sent(1);
  receiver.received.length = 0;

  stage.app.metrics = { ...BROKEN };
  const again = async () => {
    const { body } = await stage.api.trigger(judged.apiKey, { env: 'prod' });
    await stage.pass(30);
    await stage.api.finish(judged.apiKey, { deployment_id: body.deployment_id, result: 'success' });
    await stage.pass(301);
    return (await stage.api.deployment(judged.apiKey, body.deployment_id)).body.verdict.verdict;
  };
  expect(await again()).toBe('ok');
  const messages = await sent(2);
  expect(messages.map(({ body }) => JSON.parse(body)).map(({ type, data }) => [type, data.title])).toEqual([
    ['environment.recovered', expect.stringMatching(/^Recovered: bad .* #2 in prod$/)],
    ['environment.recovered', expect.stringMatching(/^Recovered: bad .* #2 in prod$/)],
  ]);
});

test('nothing of an address that may be secret is shown, and only the secret’s first answer holds it', async () => {
  const slack = await channel('/notifications', { type: 'slack', url: `${receiver.url}/services/T0/B0/topsecret` });
  expect(slack).not.toHaveProperty('secret');
  const webhook = await channel('/notifications', { url: `${receiver.url}/hook?token=topsecret` });
  const listed = await operator('GET', '/notifications');
  expect(JSON.stringify(listed.body)).not.toMatch(/topsecret|whsec_/);
  expect(listed.body.items.map(({ url }: { url: string }) => url).toSorted()).toEqual(
    [`${receiver.url}/hook?…`, `${receiver.url}/…`].toSorted(),
  );
  const rows = await stage.database.query('select * from seqpulse.notification_channels');
  expect(
    JSON.stringify(rows, (_, value) => (value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value)),
  ).not.toMatch(/topsecret/);
  expect(JSON.stringify(stage.running.logged)).not.toContain('topsecret');
  expect((await operator('DELETE', `/notifications/${webhook.id}`)).status).toBe(204);
  expectProblem(await operator('DELETE', `/notifications/${webhook.id}`), 'NOT_FOUND');
});

test('a channel of one project is none of another, nor of the installation', async () => {
  const one = await stage.api.newProject({ name: `one ${Math.random()}` });
  const other = await stage.api.newProject({ name: `other ${Math.random()}` });
  const { id } = await channel(`/projects/${one.id}/notifications`, {});
  for (const path of [`/projects/${other.id}/notifications/${id}`, `/notifications/${id}`]) {
    expectProblem(await operator('PATCH', path, { enabled: false }), 'NOT_FOUND');
    expectProblem(await operator('POST', `${path}/test`), 'NOT_FOUND');
    expectProblem(await operator('GET', `${path}/deliveries`), 'NOT_FOUND');
  }
  expectProblem(await operator('GET', '/projects/00000000-0000-4000-8000-000000000000/notifications'), 'NOT_FOUND');
});

test('an address that is not public is refused when it is sent to, and the reason is among the deliveries', async () => {
  const { id } = await channel('/notifications', { url: 'http://169.254.169.254/latest/meta-data' });
  expectProblem(await operator('POST', `/notifications/${id}/test`), 'NOTIFICATION_TEST_FAILED');
  expect((await operator('GET', `/notifications/${id}/deliveries`)).body.items).toMatchObject([
    { event: 'test', state: 'given_up', last_error: expect.stringContaining('metadata') },
  ]);
});

test('switched off, nothing that waits is sent any more', async () => {
  receiver.behaviour = (response) => response.writeHead(503).end();
  const judged = await judgedBad();
  await sent(1);
  const path = `/projects/${judged.projectId}/notifications/${judged.channel.id}`;
  expect((await operator('PATCH', path, { enabled: false })).body.enabled).toBe(false);
  expect(await deliveries(judged.projectId, judged.channel.id)).toMatchObject([
    { state: 'given_up', last_error: 'its channel was switched off' },
  ]);
  await operator('PATCH', path, { enabled: true });
  await stage.clock.setTime(stage.clock.now() + 86_400_000);
  await sent(1);
});

test('a source that can not be read is told once, and once that it is back', async () => {
  const project = await stage.api.newProject({ name: `source ${Math.random()}`, endpoint: stage.app.url });
  await channel(`/projects/${project.id}/notifications`, {});
  stage.app.behaviour = (response) => response.writeHead(500).end();
  await stage.leap(240);
  const [failing] = await sent(1);
  expect(JSON.parse(failing?.body ?? '')).toMatchObject({
    type: 'source.failing',
    data: { env: 'prod', text: expect.stringContaining('answered 500'), source: { reason: 'answered 500' } },
  });
  await stage.leap(180);
  await sent(1);
  stage.app.behaviour = null;
  await stage.leap(120);
  const [, back] = await sent(2);
  expect(JSON.parse(back?.body ?? '')).toMatchObject({ type: 'source.recovered' });
  await stage.leap(120);
  await sent(2);
});
