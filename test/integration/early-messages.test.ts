import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { BROKEN, HEALTHY } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { lookEarly } from '../../src/lifecycle/early-look.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { type MessageReceiver, startMessageReceiver } from '../support/message-receiver.ts';
import { createStory, type Finished } from '../support/story.ts';

const stage = useClockedStage({ SEQPULSE_RETRY_DELAYS_SECONDS: 'none' });
const story = createStory(stage);

let receiver: MessageReceiver;
beforeAll(async () => {
  receiver = await startMessageReceiver();
});
afterAll(async () => await receiver?.[Symbol.asyncDispose]());
beforeEach(() => {
  stage.app.metrics = HEALTHY;
  receiver.received.length = 0;
});

async function channel(projectId: string, events?: string[]): Promise<void> {
  const body = { type: 'webhook', url: `${receiver.url}/hook`, ...(events === undefined ? {} : { events }) };
  expect((await stage.api.operator('POST', `/projects/${projectId}/notifications`, body)).status).toBe(201);
}

/** Grave errors in the first two of fifteen samples. */
async function gone(events?: string[]): Promise<Finished> {
  const finished = await story.finished({ observation_window_minutes: 15 });
  await channel(finished.projectId, events);
  stage.app.metrics = BROKEN;
  await story.until(finished, 70);
  expect((await story.read(finished)).preliminary).not.toBeNull();
  // Time that goes on while it is on its way would make its sender count as dead, and another one send it again.
  await sent();
  return finished;
}

/** What has been sent once nothing more is to be sent. */
async function sent(): Promise<
  { type: string; data: { event: string; title: string; text: string; notes?: string[] } }[]
> {
  await until('all of it is sent', 10, async () => {
    await stage.tick(0.5);
    await stage.running.service.sender.idle();
    const waiting = `select from seqpulse.notification_outbox where state = 'waiting'`;
    return (await stage.database.query(waiting)).length === 0;
  });
  return receiver.received.map(({ body }) => JSON.parse(body));
}

test('an early rollback is told at once, on what it rests; the verdict that confirms it says so', async () => {
  const finished = await gone();
  const [early, ...others] = await sent();
  expect(others).toEqual([]);
  expect(early).toMatchObject({
    type: 'deployment.preliminary',
    data: {
      event: 'early_rollback',
      title: expect.stringMatching(/^Early rollback: project \d+ #1 in prod$/),
      text: 'Errors rose from 0.2 % to 20.0 %.',
      deployment: { id: finished.id, verdict: null, preliminary: { minute: 1, outcome: null } },
    },
  });
  await story.until(finished, 901);
  const [, verdict, ...more] = await sent();
  expect(more).toEqual([]);
  expect(verdict).toMatchObject({
    type: 'deployment.verdict',
    data: { event: 'rollback_recommended', deployment: { preliminary: { outcome: 'confirmed' } } },
  });
});

test.each([
  ['is told to who was told of it', undefined, ['early_rollback', 'early_not_confirmed']],
  [
    'is part of a message that is sent anyway',
    ['early_rollback', 'early_not_confirmed', 'ok'],
    ['early_rollback', 'ok'],
  ],
  ['is no news to who wants none', ['rollback_recommended'], []],
])('that it was not confirmed %s', async (_, events, told) => {
  const finished = await gone(events);
  stage.app.metrics = HEALTHY;
  await story.until(finished, 901);
  expect((await story.read(finished)).verdict.verdict).toBe('ok');
  const messages = await sent();
  expect(messages.map(({ data }) => data.event)).toEqual(told);
  const last = messages.at(-1);
  if (told.includes('early_not_confirmed')) {
    expect(last?.data.title).toMatch(/^Early rollback not confirmed: project \d+ #1 in prod$/);
    expect(last).toMatchObject({
      type: 'deployment.verdict',
      data: { deployment: { preliminary: { outcome: 'withdrawn' } } },
    });
  }
});

test('replicas that look at once tell it once', async () => {
  const finished = await story.finished({ observation_window_minutes: 15 });
  await channel(finished.projectId);
  await story.until(finished, 70);
  // What the looks will find, without the look that followed each reading.
  await stage.database.query(
    `update seqpulse.samples set error_rate = 0.2 where deployment_id = $1 and phase = 'post'`,
    [finished.id],
  );
  const { lifecycle } = stage.running.service;
  const holder = new pg.Client({ connectionString: stage.database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from seqpulse.deployments where id = $1 for update', [finished.id]);
  const looks = [lookEarly(lifecycle, finished.id), lookEarly(lifecycle, finished.id)];
  const held = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await until(
    'both want to store what they have found',
    10,
    async () => (await stage.database.query(held)).length === 2,
  );
  await holder.query('commit');
  await holder.end();
  await Promise.all(looks);
  expect((await sent()).map(({ data }) => data.event)).toEqual(['early_rollback']);
});
