import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createFindKeyOwner } from '../../src/batching/find-key-owner.ts';
import { createFindTriggerContext } from '../../src/batching/find-trigger-context.ts';
import type { TriggerQuestion } from '../../src/model/deployment-start.ts';
import { sha256 } from '../../src/model/digest.ts';
import { useStage } from '../support/fixtures.ts';

/** What requests of one moment ask is asked by one statement; each has its own answer. */

const stage = useStage();

const QUESTION = { env: 'prod', idempotencyKey: null, found: null } satisfies Partial<TriggerQuestion>;

test('keys that are asked for together each find their own project, and those that are none find none', async () => {
  const { api, app, running, database } = stage;
  const { db } = running.service.lifecycle;
  const first = await api.newProject({ name: 'first', endpoint: app.url });
  const second = await api.newProject({ name: 'second', endpoint: app.url });
  const expired = await api.newProject({ name: 'expired', endpoint: app.url });
  await database.query('update seqpulse.api_keys set expires_at = now() where project_id = $1', [expired.id]);
  let statements = 0;
  const apiKeys = {
    ...db.apiKeys,
    findProjects: async (...asked: Parameters<typeof db.apiKeys.findProjects>) => {
      statements += 1;
      return await db.apiKeys.findProjects(...asked);
    },
  };
  const findKeyOwner = createFindKeyOwner({ apiKeys }, Date.now);
  const keys = [second.apiKey, `SP_${'0'.repeat(32)}`, first.apiKey, expired.apiKey, second.apiKey];
  const owners = await Promise.all(keys.map(async (key) => await findKeyOwner(sha256(key))));
  expect(owners).toEqual([second.id, null, first.id, null, second.id]);
  expect(statements).toBe(1);
});

test('what triggers must know is told to each of its own place', async () => {
  const { api, app, running } = stage;
  const { db } = running.service.lifecycle;
  const quiet = await api.newProject({ name: 'quiet', endpoint: app.url });
  const busy = await api.newProject({ name: 'busy', endpoint: app.url, envs: ['prod', 'test'] });
  const blind = await api.newProject({ name: 'blind' });
  const running1 = (await api.trigger(busy.apiKey, { env: 'prod', idempotency_key: 'one' })).body.deployment_id;
  const find = createFindTriggerContext(db);
  const asked: TriggerQuestion[] = [
    { ...QUESTION, projectId: busy.id, idempotencyKey: 'one' },
    { ...QUESTION, projectId: quiet.id },
    { ...QUESTION, projectId: busy.id, env: 'test', idempotencyKey: 'one' },
    { ...QUESTION, projectId: quiet.id, env: 'nowhere' },
    { ...QUESTION, projectId: blind.id },
    { ...QUESTION, projectId: randomUUID() },
  ];
  const together = await Promise.all(asked.map(find));
  expect(
    together.map(({ envKnown, running, sameKey, hasHistory }) => [envKnown, running?.id, sameKey?.id, hasHistory]),
  ).toEqual([
    [true, running1, running1, true],
    [true, undefined, undefined, false],
    [true, undefined, undefined, false],
    [false, undefined, undefined, false],
    [true, undefined, undefined, false],
    [false, undefined, undefined, false],
  ]);
  expect(together.map(({ source }) => source?.projectId)).toEqual([
    busy.id,
    quiet.id,
    busy.id,
    undefined,
    undefined,
    undefined,
  ]);
  for (const [index, question] of asked.entries()) expect(await find(question)).toEqual(together[index]);
});

test('a question that PostgreSQL refuses fails alone', async () => {
  const { api, app, running } = stage;
  const project = await api.newProject({ name: 'refused', endpoint: app.url });
  const find = createFindTriggerContext(running.service.lifecycle.db);
  const [good, bad] = await Promise.allSettled([
    find({ ...QUESTION, projectId: project.id }),
    // PostgreSQL keeps no NUL in a text.
    find({ ...QUESTION, projectId: project.id, idempotencyKey: '\u0000' }),
  ]);
  expect(good).toMatchObject({ status: 'fulfilled', value: { envKnown: true } });
  expect(bad).toMatchObject({ status: 'rejected' });
});
