import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startObservedApp } from '../../harness/observed-app.ts';
import { startServiceProcess } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { VERDICTS } from '../../src/verdict/types.ts';
import { createTestDatabase } from '../support/database.ts';
import { startMessageReceiver } from '../support/message-receiver.ts';

const DEPLOYMENTS = 100;
const KILLS = 12;
/** So that a run that failed can be run again. */
const SEED = Number(process.env.SEED ?? 20_260_504);

/** Mulberry32: numbers in [0, 1) that depend on the seed alone. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test(`${DEPLOYMENTS} verdicts, the service killed ${KILLS} times while it sends: every message arrives, each id with one body`, async () => {
  const random = seeded(SEED);
  await using database = await createTestDatabase();
  await using app = await startObservedApp();
  await using receiver = await startMessageReceiver();
  // Slow enough that a kill meets messages that were sent and not answered, answered and not stored.
  receiver.behaviour = (response) =>
    void sleep(random() * 400).then(() => response.writeHead(random() < 0.1 ? 503 : 204).end());
  const env = {
    DATABASE_URL: database.url,
    SEQPULSE_PRE_SAMPLES: '1',
    SEQPULSE_PRE_INTERVAL_SECONDS: '0.1',
    SEQPULSE_POST_INTERVAL_SECONDS: '0.2',
    SEQPULSE_RETRY_DELAYS_SECONDS: 'none',
    LOG_LEVEL: 'warn',
  };
  let service = await startServiceProcess({ ...env, LOG_LEVEL: 'info' });
  const envs = Array.from({ length: DEPLOYMENTS }, (_, at) => `env-${at}`);
  const project = await service.api.newProject({ name: 'shop', endpoint: app.url, envs, baseline: 'at_trigger' });
  const events = [...VERDICTS];
  for (const path of [`/projects/${project.id}/notifications`, '/notifications']) {
    const made = await service.api.operator('POST', path, {
      type: 'webhook',
      url: `${receiver.url}/${path.length}`,
      events,
    });
    expect(made.status).toBe(201);
  }
  for (const one of envs) {
    const { body } = await service.api.trigger(project.apiKey, { env: one });
    await service.api.finish(project.apiKey, { deployment_id: body.deployment_id, result: 'success' });
  }

  for (let kill = 1; kill <= KILLS; kill += 1) {
    const before = receiver.received.length;
    const enough = before + 1 + Math.floor(random() * 12);
    await until(
      `messages on their way before kill ${kill}`,
      20,
      () => receiver.received.length >= enough || receiver.received.length >= 2 * DEPLOYMENTS,
    );
    await sleep(random() * 300);
    service.kill('SIGKILL');
    await service.exited;
    service = await startServiceProcess({ ...env, LOG_LEVEL: 'info' });
  }
  await using last = service;
  const open = async () => {
    const [row] = await database.query<{ verdicts: number; open: number; given_up: number }>(
      `select (select count(*) from seqpulse.verdicts)::integer as verdicts,
              count(*) filter (where state = 'waiting')::integer as open,
              count(*) filter (where state = 'given_up')::integer as given_up from seqpulse.notification_outbox`,
    );
    return row;
  };
  await until('all verdicts told', 60, async () => {
    const row = await open();
    return row?.verdicts === DEPLOYMENTS && row.open === 0;
  });
  expect(last.pid).toBeGreaterThan(0);
  expect(await open()).toMatchObject({ verdicts: DEPLOYMENTS, given_up: 0 });

  const bodies = new Map<string, Set<string>>();
  for (const { headers, body } of receiver.received) {
    const id = String(headers['webhook-id']);
    bodies.set(id, (bodies.get(id) ?? new Set()).add(body));
  }
  expect([...bodies].filter(([, different]) => different.size > 1)).toEqual([]);
  const stored = await database.query<{ id: string }>(
    `select id from seqpulse.notification_outbox where state = 'delivered'`,
  );
  expect([...bodies.keys()].sort()).toEqual(stored.map(({ id }) => `msg_${id.replaceAll('-', '')}`).sort());
  // Every deployment, to both channels.
  const told = [...bodies.values()].map(
    (different) => JSON.parse([...different][0] ?? '').data.deployment.id as string,
  );
  expect(told).toHaveLength(2 * DEPLOYMENTS);
  expect(new Set(told).size).toBe(DEPLOYMENTS);
  const repeated = receiver.received.length - bodies.size;
  console.log(`seed ${SEED}: ${receiver.received.length} attempts for ${bodies.size} messages, ${repeated} repeated`);
}, 600_000);
