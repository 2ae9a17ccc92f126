import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { startMessageReceiver } from '../support/message-receiver.ts';
import { expectProblem } from '../support/problem.ts';
import { startTestService } from '../support/service.ts';
import { createStory } from '../support/story.ts';

const stage = useClockedStage();

const operator: typeof stage.api.operator = async (...request) => await stage.api.operator(...request);
const as = (token: string) => async (method: string, path: string, body?: object) =>
  await stage.api.request(method, path, { headers: { Authorization: `Bearer ${token}` }, ...(body && { body }) });
const audit = async () => (await operator('GET', '/audit?limit=200')).body.items;

test('a token of one’s own is shown once, kept as a digest, and ends when it is replaced or its operator removed', async () => {
  const made = (await operator('POST', '/operators', { name: 'release train', role: 'admin' })).body;
  expect(made.token).toMatch(/^spo_[0-9a-f]{64}$/);
  expect(JSON.stringify((await operator('GET', '/operators')).body)).not.toContain(made.token);
  expect(JSON.stringify(await stage.database.query('select * from seqpulse.operators'))).not.toContain(made.token);
  expect((await operator('GET', '/operators')).body.items[0].last_used_at).toBeNull();
  expect((await as(made.token)('GET', '/projects')).status).toBe(200);
  expect((await operator('GET', '/operators')).body.items[0].last_used_at).toMatch(/^2030-/);

  const replaced = (await operator('POST', `/operators/${made.id}/token`)).body;
  expectProblem(await as(made.token)('GET', '/projects'), 'UNAUTHORIZED');
  expect((await as(replaced.token)('GET', '/projects')).status).toBe(200);
  expect((await operator('DELETE', `/operators/${made.id}`)).status).toBe(204);
  expectProblem(await as(replaced.token)('GET', '/projects'), 'UNAUTHORIZED');
});

test('a viewer reads everything and gives feedback, and changes nothing else', async () => {
  const story = createStory(stage);
  const finished = await story.finished();
  await story.until(finished, 301);
  const { token, id } = (await operator('POST', '/operators', { name: 'looks on' })).body;
  const viewer = as(token);
  for (const path of ['/projects', `/deployments/${finished.id}`, '/operators', '/audit', '/notifications']) {
    expect((await viewer('GET', path)).status, path).toBe(200);
  }
  expect((await viewer('POST', `/deployments/${finished.id}/feedback`, { correct: true })).status).toBe(200);
  expect((await viewer('POST', `/deployments/${finished.id}/rejudge`, {})).status).toBe(200);
  for (const [method, path] of [
    ['POST', '/projects'],
    ['PATCH', `/projects/${finished.projectId}`],
    ['DELETE', `/projects/${finished.projectId}`],
    ['POST', `/projects/${finished.projectId}/api-key`],
    ['PUT', `/projects/${finished.projectId}/source`],
    ['POST', '/operators'],
    ['PATCH', `/operators/${id}`],
    ['POST', '/notifications'],
    ['POST', '/erasures'],
  ] as const) {
    expectProblem(await viewer(method, path, { name: 'mine', role: 'admin' }), 'FORBIDDEN');
  }
  await operator('PATCH', `/operators/${id}`, { role: 'admin' });
  expect((await viewer('POST', '/projects', { name: 'now mine to make' })).status).toBe(201);
});

test('what is changed is kept with who changed it and what, and nothing secret', async () => {
  const { token, id } = (await operator('POST', '/operators', { name: 'keeps house', role: 'admin' })).body;
  // The trail is in the order of time.
  const admin: ReturnType<typeof as> = async (...request) => {
    await stage.clock.setTime(stage.clock.now() + 1_000);
    return await as(token)(...request);
  };
  const { body: project } = await admin('POST', '/projects', { name: 'kept', metrics_endpoint: stage.app.url });
  await admin('PATCH', `/projects/${project.id}`, { limits: { error_rate_rise: 0.01 } });
  await admin('PUT', `/projects/${project.id}/source`, {
    type: 'prometheus',
    url: 'https://prometheus.example/secretpath',
    selector: 'job="kept"',
    auth: { type: 'bearer', token: 'topsecret' },
  });
  await admin('POST', `/projects/${project.id}/api-key`, {});
  await admin('POST', '/notifications', { type: 'slack', url: 'https://hooks.example/topsecret' });
  await admin('POST', '/projects', { name: 'kept' });
  const entries = (await audit()).filter(({ actor }: { actor: { id: string } }) => actor.id === id);
  expect(entries.map(({ action, status, changes }: Record<string, unknown>) => [action, status, changes])).toEqual([
    ['POST /projects', 409, expect.objectContaining({ name: 'kept' })],
    ['POST /notifications', 201, expect.objectContaining({ type: 'slack', url: 'set' })],
    ['POST /projects/{id}/api-key', 200, { keep_old_hours: 24 }],
    ['PUT /projects/{id}/source', 200, expect.anything()],
    ['PATCH /projects/{id}', 200, { limits: { error_rate_rise: 0.01 } }],
    ['POST /projects', 201, expect.objectContaining({ name: 'kept', metrics_endpoint: 'set' })],
  ]);
  const source = entries.find(({ action }: { action: string }) => action === 'PUT /projects/{id}/source');
  expect(source).toMatchObject({
    changes: { kind: 'prometheus', selector: 'job="kept"', source: 'set' },
    before: { env: null, kind: 'pull' },
  });
  expect(entries.at(-1)).toMatchObject({
    actor: { kind: 'operator', name: 'keeps house' },
    subject: { made: project.id },
  });
  expect(JSON.stringify(await audit())).not.toMatch(/topsecret|secretpath|spo_/);
  await stage.clock.setTime(stage.clock.now() + 1_000);
  // Removed, an operator stays in what it did.
  await operator('DELETE', `/operators/${id}`);
  expect((await audit())[1].actor).toEqual({ kind: 'operator', id, name: 'keeps house' });
});

test('what a change took the place of stands beside it, and of what was removed all of it', async () => {
  const trailOf = async (id: string) =>
    (await audit())
      .filter(({ subject }: { subject: Record<string, string> }) => Object.values(subject).includes(id))
      .map(({ action, changes, before }: Record<string, unknown>) => ({ action, changes, before }));
  const step = async (...request: Parameters<typeof operator>) => {
    await stage.clock.setTime(stage.clock.now() + 1_000);
    return await operator(...request);
  };
  const { id } = (await step('POST', '/projects', { name: 'was', metrics_endpoint: stage.app.url })).body;
  await step('PATCH', `/projects/${id}`, { name: 'is', limits: { error_rate_rise: 0.01 } });
  await step('PATCH', `/projects/${id}`, { limits: { error_rate_rise: 0.02 }, baseline: 'at_trigger' });
  await step('DELETE', `/projects/${id}`);
  expect(await trailOf(id)).toMatchObject([
    { action: 'DELETE /projects/{id}', changes: {}, before: { name: 'is', baseline: 'at_trigger' } },
    {
      changes: { limits: { error_rate_rise: 0.02 }, baseline: 'at_trigger' },
      before: { limits: { error_rate_rise: 0.01 }, baseline: 'continuous' },
    },
    { changes: { name: 'is' }, before: { name: 'was', limits: { error_rate_rise: 0.004 } } },
    { action: 'POST /projects', before: {} },
  ]);
  const second = (await trailOf(id))[1];
  expect(Object.keys(second.before).toSorted()).toEqual(['baseline', 'limits']);
  expect(Object.keys(second.before.limits)).toEqual(['error_rate_rise']);

  const channel = (await step('POST', '/notifications', { type: 'slack', url: 'https://hooks.example/topsecret' }))
    .body;
  await step('PATCH', `/notifications/${channel.id}`, { enabled: false, url: 'https://hooks.example/other' });
  await step('DELETE', `/notifications/${channel.id}`);
  expect(await trailOf(channel.id)).toMatchObject([
    { before: { enabled: false, kind: 'slack', events: expect.any(Array) } },
    { changes: { enabled: false, url: 'set' }, before: { enabled: true } },
    {},
  ]);
  const person = (await step('POST', '/operators', { name: 'was a viewer', role: 'viewer' })).body;
  await step('PATCH', `/operators/${person.id}`, { role: 'admin' });
  await step('DELETE', `/operators/${person.id}`);
  expect(await trailOf(person.id)).toMatchObject([
    { before: { name: 'was a viewer', role: 'admin' } },
    { changes: { role: 'admin' }, before: { role: 'viewer' } },
    {},
  ]);
  await step('DELETE', '/operators/none');
  expect(JSON.stringify(await audit())).not.toMatch(/topsecret|sealed|sha256|spo_/);
});

test('feedback by a project’s key is kept too; what only reads is not', async () => {
  const story = createStory(stage);
  const finished = await story.finished();
  await story.until(finished, 301);
  const before = (await audit()).length;
  const headers = { 'X-API-Key': finished.apiKey };
  await stage.api.request('POST', `/deployments/${finished.id}/rejudge`, { headers, body: {} });
  await stage.api.request('POST', `/deployments/${finished.id}/feedback`, {
    headers,
    body: { correct: false, note: 'mine' },
  });
  const entries = await audit();
  expect(entries).toHaveLength(before + 1);
  expect(entries[0]).toMatchObject({
    actor: { kind: 'project_key', id: finished.projectId },
    action: 'POST /deployments/{id}/feedback',
    changes: { correct: false, note: 'set' },
  });
});

test('the trail is paged, newest first, and ends after its days', async () => {
  const { items, next_cursor } = (await operator('GET', '/audit?limit=2')).body;
  expect(items).toHaveLength(2);
  const next = (await operator('GET', `/audit?limit=2&cursor=${next_cursor}`)).body.items;
  expect(next.map(({ id }: { id: string }) => id)).not.toEqual(items.map(({ id }: { id: string }) => id));
  expect(await stage.running.service.lifecycle.db.audit.prune(new Date(stage.clock.now() + 1_000))).toBeGreaterThan(3);
  expect(await audit()).toEqual([]);
});

test('actor and note of a deployment can be erased, and an actor wherever it is', async () => {
  const { apiKey } = await stage.api.newProject({
    name: `erased ${Math.random()}`,
    endpoint: stage.app.url,
    envs: ['a', 'b'],
  });
  const trigger = async (env: string) =>
    (await stage.api.trigger(apiKey, { env, actor: 'somebody' })).body.deployment_id;
  const [one, other] = [await trigger('a'), await trigger('b')];
  const actorOf = async (id: string) => (await stage.api.deployment(apiKey, id)).body.actor;
  expect((await operator('POST', '/erasures', { deployment_id: one })).body).toEqual({ actors: 1, notes: 0 });
  expect([await actorOf(one), await actorOf(other)]).toEqual([null, 'somebody']);
  expect((await operator('POST', '/erasures', { actor: 'somebody' })).body).toEqual({ actors: 1, notes: 0 });
  expect(await actorOf(other)).toBeNull();
  expectProblem(await operator('POST', '/erasures', {}), 'VALIDATION_FAILED');
  expect(JSON.stringify((await audit())[0])).not.toContain('somebody');
});

test('the admin token before this one is accepted while it is set', async () => {
  await using database = await createTestDatabase();
  const previousAdminToken = 'the-token-that-was-before';
  await using running = await startTestService({ databaseUrl: database.url, previousAdminToken });
  const list = async (token: string) =>
    (await running.api.request('GET', '/projects', { headers: { Authorization: `Bearer ${token}` } })).status;
  expect([await list(previousAdminToken), (await running.api.operator('GET', '/projects')).status]).toEqual([200, 200]);
  expect(await list('the-token-that-was-never-')).toBe(401);
});

test('with a new secret key beside the old one every secret goes on working, and the old one can go', async () => {
  await using database = await createTestDatabase();
  await using receiver = await startMessageReceiver();
  const [old, fresh] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const start = async (secretKey: Buffer, previousSecretKey?: Buffer) =>
    await startTestService({
      databaseUrl: database.url,
      secretKey,
      ...(previousSecretKey === undefined ? {} : { previousSecretKey }),
    });
  let id = '';
  {
    await using running = await start(old);
    const { body } = await running.api.operator('POST', '/notifications', { type: 'webhook', url: receiver.url });
    id = body.id;
    const project = await running.api.newProject({ name: 'signed', endpoint: stage.app.url });
    await running.api.operator('POST', `/projects/${project.id}/hmac`);
  }
  await expect(start(fresh)).rejects.toThrow('SEQPULSE_SECRET_KEY_PREVIOUS');
  const test = async (running: Awaited<ReturnType<typeof start>>) =>
    (await running.api.operator('POST', `/notifications/${id}/test`)).status;
  {
    await using running = await start(fresh, old);
    expect(await test(running)).toBe(200);
    expect(running.logged.find(({ event }) => event === 'secrets_resealed')).toMatchObject({ count: 2 });
  }
  {
    await using running = await start(fresh);
    expect(await test(running)).toBe(200);
  }
  await expect(start(old)).rejects.toThrow('is not the key');
});
