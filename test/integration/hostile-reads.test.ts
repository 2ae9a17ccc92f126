import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { startObservedApp } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import type { WorkerSizing } from '../../src/jobs/queues.ts';
import type { JobType } from '../../src/model/job.ts';
import { serveTcp } from '../sources/pull/loopback-target.ts';
import { createTestDatabase } from '../support/database.ts';
import { startTestService } from '../support/service.ts';

/** So many at once made endpoint tests answer that the database does not, while it did. */
const HOSTILE = 280;

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;';
const EXTENSIONS = 'a=bbbbbbbb;'.repeat(16_000);
const PROCESSING = 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(6_000);
const SHORT_HEADERS = `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(40_000)}`;

/** Answers that cost whoever reads them as much as it lets them; each connection gets another one. */
function hostileAnswers() {
  const seen = { reads: 0 };
  const answers: ((socket: Socket) => void)[] = [
    // Just below what is cut, then silence until the read's own end.
    (socket) => void socket.write(CHUNKED + EXTENSIONS),
    (socket) => void socket.write(PROCESSING),
    (socket) => void socket.write(SHORT_HEADERS),
    (socket) => {
      const flood = () => {
        while (!socket.destroyed && socket.write(EXTENSIONS));
        if (!socket.destroyed) socket.once('drain', flood);
      };
      socket.write(CHUNKED);
      flood();
    },
    () => {},
  ];
  let next = 0;
  const onSocket = (socket: Socket) => {
    seen.reads += 1;
    socket.once('data', () => answers[next++ % answers.length]?.(socket));
  };
  return { seen, onSocket };
}

/** A replica that has slots for all of them. */
const slots: WorkerSizing = { slots: 2 * HOSTILE, batchSize: 100, perProject: 2 * HOSTILE };
const LARGE: Record<JobType, WorkerSizing> = {
  pre_collect: slots,
  post_collect: slots,
  analysis: { slots: 2, batchSize: 2, perProject: 2 },
};

test(`${HOSTILE} hostile reads at once: endpoint tests of a healthy project are answered right`, async () => {
  const { seen, onSocket } = hostileAnswers();
  await using hostile = await serveTcp(onSocket);
  await using healthy = await startObservedApp();
  await using database = await createTestDatabase();
  await using running = await startTestService({
    databaseUrl: database.url,
    sizing: LARGE,
    answerTimeFactor: 1,
    env: { SEQPULSE_PRE_SAMPLES: '60', SEQPULSE_PRE_INTERVAL_SECONDS: '0.5', SEQPULSE_RETRY_DELAYS_SECONDS: 'none' },
  });
  const { api } = running;
  const envs = Array.from({ length: 100 }, (_, index) => `env-${index}`);
  for (const name of ['a', 'b', 'c']) {
    const { apiKey } = await api.newProject({ name, endpoint: healthy.url, envs, baseline: 'at_trigger' });
    await database.query('update seqpulse.endpoints set active_url = $1', [hostile.url]);
    await Promise.all(envs.map(async (env) => await api.trigger(apiKey, { env })));
  }
  // As many at a time as the machine brings under way before the first are over.
  await until(`${HOSTILE} reads`, 60, () => seen.reads >= HOSTILE);

  const { id } = await api.newProject({ name: 'healthy' });
  await api.operator('PUT', `/projects/${id}/endpoint`, { url: healthy.url });
  for (let time = 0; time < 10; time += 1) {
    const tested = await api.operator('POST', `/projects/${id}/endpoint/test`, {});
    expect(tested).toMatchObject({ status: 200, body: { active_url: healthy.url, last_test_error: null } });
  }
  // Asked within two seconds, which a busy machine may need for the question alone.
  await until('it is ready', 10, async () => (await api.request('GET', '/readyz')).status === 200);
});

test(`${HOSTILE} hostile endpoint tests at once: each is told what it is, and one of a healthy project has its turn`, async () => {
  const { onSocket } = hostileAnswers();
  await using hostile = await serveTcp(onSocket);
  await using healthy = await startObservedApp();
  await using database = await createTestDatabase();
  await using running = await startTestService({ databaseUrl: database.url, answerTimeFactor: 1 });
  const { api } = running;
  const { id } = await api.newProject({ name: 'hostile' });
  await api.operator('PUT', `/projects/${id}/endpoint`, { url: hostile.url });
  const other = await api.newProject({ name: 'healthy' });
  await api.operator('PUT', `/projects/${other.id}/endpoint`, { url: healthy.url });

  const tests = Array.from(
    { length: HOSTILE },
    async () => await api.operator('POST', `/projects/${id}/endpoint/test`, {}),
  );
  const told = new Set<string>();
  await until('the healthy one has its turn', 60, async () => {
    const { status, body } = await api.operator('POST', `/projects/${other.id}/endpoint/test`, {});
    told.add(status === 200 ? 'OK' : body.code);
    return status === 200 && body.active_url === healthy.url;
  });
  expect([...told].filter((code) => code !== 'ENDPOINT_TESTS_BUSY')).toEqual(['OK']);
  const codes = new Set((await Promise.all(tests)).map(({ body }) => body.code));
  expect([...codes].toSorted()).toEqual(['ENDPOINT_TESTS_BUSY', 'ENDPOINT_TEST_FAILED']);
});
