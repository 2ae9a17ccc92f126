import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PATIENCE, until } from '../../harness/until.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  type MailReceiver,
  type MessageReceiver,
  startMailReceiver,
  startMessageReceiver,
} from '../support/message-receiver.ts';
import { expectProblem } from '../support/problem.ts';
import { startTestService, type TestService } from '../support/service.ts';

/** Of all services on this database. */
const SECRET_KEY = Buffer.alloc(32, 7);

let database: TestDatabase;
let mails: MailReceiver;
let receiver: MessageReceiver;
let running: TestService;
beforeAll(async () => {
  database = await createTestDatabase();
  mails = await startMailReceiver('seqpulse');
  receiver = await startMessageReceiver();
  running = await startTestService({
    databaseUrl: database.url,
    secretKey: SECRET_KEY,
    env: { SEQPULSE_SMTP_URL: mails.url, SEQPULSE_MAIL_FROM: 'SeqPulse <seqpulse@example.com>' },
  });
});
afterEach(async () => {
  await running.service.sender.idle();
  await database.query('delete from seqpulse.notification_channels');
  await database.query('delete from seqpulse.notification_outbox');
  receiver.behaviour = null;
  receiver.received.length = 0;
  mails.refusal = null;
  mails.mails.length = 0;
});
afterAll(async () => {
  // Held answers end first: the service waits for them.
  await receiver[Symbol.asyncDispose]();
  await running[Symbol.asyncDispose]();
  await mails[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const post = async (path: string, body?: object) => await running.api.operator('POST', path, body);
const channel = async (body: object): Promise<string> => (await post('/notifications', body)).body.id;

/** What the verdict's transaction stores, past the verdict. */
async function tell(channelId: string, count = 1): Promise<void> {
  await database.query(
    `insert into seqpulse.notification_outbox (id, channel_id, event, facts, occurred_at, due_at)
     select gen_random_uuid(), $1, 'test', '{}', now(), now() from generate_series(1, $2)`,
    [channelId, count],
  );
}

test('a mail arrives through a real server, signed in, to everybody, under one Message-ID', async () => {
  const id = await channel({ type: 'mail', to: ['one@example.com', 'two@example.com'] });
  const { status, body } = await post(`/notifications/${id}/test`);
  expect({ status, body }).toEqual({ status: 200, body: { delivered: true, message_id: expect.any(String) } });
  const [mail] = mails.mails;
  expect(mail).toMatchObject({
    from: 'seqpulse@example.com',
    to: ['one@example.com', 'two@example.com'],
    user: 'seqpulse',
  });
  expect(mail?.raw).toContain(`Message-ID: <${body.message_id}@example.com>`);
  expect(mail?.raw).toMatch(/^Subject: Test of SeqPulse: This is where the messages/m);
  expect(mail?.raw).toContain('Auto-Submitted: auto-generated');
});

test('a server that refuses a mail gets it again, the same', async () => {
  mails.refusal = 451;
  const id = await channel({ type: 'mail', to: ['one@example.com'] });
  await tell(id);
  const stored = async () => (await running.api.operator('GET', `/notifications/${id}/deliveries`)).body.items[0];
  await until('the first attempt', 10, async () => (await stored()).failed_attempts === 1);
  expect(await stored()).toMatchObject({ state: 'waiting', last_error: 'the mail server answered 451 to DATA' });
  mails.refusal = null;
  await database.query(`update seqpulse.notification_outbox set due_at = now()`);
  await until('the second', 10, () => mails.mails.length === 1);
  await until('that is stored', 10, async () => (await stored()).state === 'delivered');
  expect(mails.mails[0]?.raw).toContain(`Message-ID: <${(await stored()).id}@example.com>`);
});

test('a wrong password is said, without it', async () => {
  const url = mails.url.replace('pass%20word', 'wrong%20word');
  await using other = await startTestService({
    databaseUrl: database.url,
    secretKey: SECRET_KEY,
    env: { SEQPULSE_SMTP_URL: url, SEQPULSE_MAIL_FROM: 'seqpulse@example.com' },
  });
  const { body } = await other.api.operator('POST', '/notifications', { type: 'mail', to: ['one@example.com'] });
  const answer = await other.api.operator('POST', `/notifications/${body.id}/test`);
  expectProblem(answer, 'NOTIFICATION_TEST_FAILED');
  expect(answer.body.detail).toContain('the mail server refused to let us in: see SEQPULSE_SMTP_URL');
  expect(JSON.stringify(other.logged)).not.toContain('wrong word');
});

test('a mail server inside is reached only when it is allowed', async () => {
  await using other = await startTestService({
    databaseUrl: database.url,
    secretKey: SECRET_KEY,
    env: { SEQPULSE_SMTP_URL: mails.url, SEQPULSE_MAIL_FROM: 'seqpulse@example.com', SEQPULSE_TARGET_ALLOW: 'none' },
  });
  const { body } = await other.api.operator('POST', '/notifications', { type: 'mail', to: ['one@example.com'] });
  const answer = await other.api.operator('POST', `/notifications/${body.id}/test`);
  expect(answer.body.detail).toContain('address is not public: set SEQPULSE_TARGET_ALLOW');
  expect(mails.mails).toEqual([]);
});

test('one of the two settings of mail alone stops the start, and says so', async () => {
  const alone = startTestService({
    databaseUrl: database.url,
    secretKey: SECRET_KEY,
    env: { SEQPULSE_SMTP_URL: mails.url },
  });
  await expect(alone).rejects.toThrow('SEQPULSE_SMTP_URL and SEQPULSE_MAIL_FROM belong together');
});

test('receivers that hang hold up their own messages, and another’s by less than a second', async () => {
  const held: ServerResponse[] = [];
  receiver.behaviour = (response, { path }) => {
    if (path.startsWith('/hangs')) held.push(response);
    else response.end();
  };
  const hanging = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => await channel({ type: 'webhook', url: `${receiver.url}/hangs/${at}` })),
  );
  const fine = await channel({ type: 'webhook', url: `${receiver.url}/fine` });
  for (const one of hanging) await tell(one, 50);
  const arrived = (path: string) => receiver.received.filter((message) => message.path.startsWith(path));
  await until('all that hang hold their share', 10, () => arrived('/hangs').length === 20 * 4);

  const delays: number[] = [];
  for (let round = 1; round <= 10; round += 1) {
    const toldAtMs = performance.now();
    await tell(fine);
    await until('it arrives', 5, () => arrived('/fine').length === round);
    delays.push((arrived('/fine').at(-1)?.atMs ?? Number.NaN) - toldAtMs);
  }
  // On a machine that does nothing else below 1 s: the outbox is looked at every half second.
  expect(Math.max(...delays)).toBeLessThan(1_000 * PATIENCE);
  // Nothing more of it, and the end of what is on its way.
  await database.query('delete from seqpulse.notification_outbox');
  for (const response of held) response.end();
  if (process.env.MEASURE !== undefined) console.log(`held up by ${delays.map(Math.round).join(', ')} ms`);
});
