import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { scraped } from '../support/exposition.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { startTestService } from '../support/service.ts';
import { createStory, type Started } from '../support/story.ts';

const FAILED = 'seqpulse_scheduler_jobs_failed_total';

const stage = useClockedStage();
const story = createStory(stage);

async function enable(projectId: string): Promise<string> {
  const answer = await stage.api.operator('POST', `/projects/${projectId}/hmac`);
  expect(answer.status).toBe(200);
  return answer.body.hmac_secret;
}

/** A running deployment of a project with HMAC on. */
async function signed(): Promise<Started & { secret: string }> {
  const { id: projectId, apiKey } = await stage.api.newProject({
    name: `signed ${randomBytes(4).toString('hex')}`,
    endpoint: stage.app.url,
    baseline: 'at_trigger',
  });
  const secret = await enable(projectId);
  const answer = await stage.api.trigger(apiKey, { env: 'prod' });
  expect(answer.body.status).toBe('created');
  return { projectId, apiKey, id: answer.body.deployment_id, startedAtMs: stage.clock.now(), secret };
}

function refuseWith(status: number): void {
  stage.app.behaviour = (response) => response.writeHead(status).end();
}

const signatureNames = (headers: IncomingHttpHeaders) =>
  Object.keys(headers).filter((name) => name.startsWith('x-seqpulse-'));

/** What an SDK would check. */
function expectSigned(headers: IncomingHttpHeaders, secret: string, projectId: string): void {
  expect(headers).toMatchObject({
    'x-seqpulse-signature-version': 'v2',
    'x-seqpulse-canonical-path': '/metrics',
    'x-seqpulse-method': 'GET',
    'x-seqpulse-nonce-ttl': '330',
    'x-seqpulse-project-id': projectId,
    'x-seqpulse-timestamp': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  const text = `${headers['x-seqpulse-timestamp']}|GET|/metrics|${headers['x-seqpulse-nonce']}`;
  expect(headers['x-seqpulse-signature']).toBe(`sha256=${createHmac('sha256', secret).update(text).digest('hex')}`);
}

test('with HMAC off no request carries a signature header', async () => {
  const from = stage.app.requests.length;
  const finished = await story.finished();
  await story.until(finished, 301);
  const requests = stage.app.requests.slice(from);
  // One endpoint test, five before, five after.
  expect(requests).toHaveLength(11);
  expect(requests.flatMap(signatureNames)).toEqual([]);
});

test('with HMAC on the preflight and every collect are signed, each with a nonce of its own', async () => {
  const from = stage.app.requests.length;
  const started = await signed();
  await stage.pass(30);
  await story.finish(started);
  await stage.pass(301);
  // Without the endpoint test, which came before HMAC was on.
  const requests = stage.app.requests.slice(from + 1);
  expect(requests).toHaveLength(1 + 5 + 5);
  for (const headers of requests) expectSigned(headers, started.secret, started.projectId);
  expect(new Set(requests.map((headers) => headers['x-seqpulse-nonce'])).size).toBe(requests.length);
  const stamp = requests.at(-1)?.['x-seqpulse-timestamp'];
  expect(Math.abs(Date.parse(String(stamp)) - (started.startedAtMs + 30_000 + 240_000))).toBeLessThan(5_000);
});

test('an endpoint is tested with the signature once HMAC is on', async () => {
  const started = await signed();
  const from = stage.app.requests.length;
  expect((await stage.api.operator('POST', `/projects/${started.projectId}/endpoint/test`, {})).status).toBe(200);
  expectSigned(stage.app.requests[from] ?? {}, started.secret, started.projectId);
});

test('a new secret replaces the old one, and DELETE ends the signing', async () => {
  const started = await signed();
  const second = await enable(started.projectId);
  expect(second).toMatch(/^spm_[0-9a-f]{64}$/);
  expect(second).not.toBe(started.secret);
  const test = async () => {
    const from = stage.app.requests.length;
    expect((await stage.api.operator('POST', `/projects/${started.projectId}/endpoint/test`, {})).status).toBe(200);
    return stage.app.requests[from] ?? {};
  };
  expectSigned(await test(), second, started.projectId);
  expect((await stage.api.operator('DELETE', `/projects/${started.projectId}/hmac`)).status).toBe(204);
  expect(signatureNames(await test())).toEqual([]);
});

test.each([401, 403])(
  'a %i before finish ends collecting at once: one failure, and insufficient_data as soon as finish comes',
  async (status) => {
    const before = (await scraped(stage, FAILED)) ?? 0;
    const started = await signed();
    refuseWith(status);
    await stage.pass(3);
    expect(await story.jobs(started)).toEqual({ 'pre_collect completed': 1, 'pre_collect cancelled': 4 });
    expect(await story.read(started)).toMatchObject({ state: 'running', verdict: null });
    const reads = () =>
      stage.app.requests.filter((headers) => headers['x-seqpulse-project-id'] === started.projectId).length;
    // The preflight and one collect.
    expect(reads()).toBe(2);
    stage.app.behaviour = null;
    await stage.pass(60);
    const answer = await story.finish(started);
    expect(answer.body.status).toBe('accepted');
    await stage.pass(1);
    expect(reads()).toBe(2);
    const deployment = await story.read(started);
    expect(deployment).toMatchObject({
      state: 'analyzed',
      pipeline_result: 'success',
      verdict: { verdict: 'insufficient_data', confidence: 0 },
    });
    expect(deployment.verdict.summary).toMatch(/refused the signature/);
    expect(await story.failures(started)).toHaveLength(1);
    expect(await scraped(stage, FAILED)).toBe(before + 1);
  },
);

test('a 401 after finish cancels the other collects and brings insufficient_data at once', async () => {
  const started = await signed();
  await stage.pass(30);
  await story.finish(started);
  await stage.pass(70);
  refuseWith(401);
  await stage.pass(55);
  expect(await story.jobs(started)).toMatchObject({
    'post_collect completed': 3,
    'post_collect cancelled': 2,
    'analysis completed': 1,
  });
  expect(await story.read(started)).toMatchObject({
    state: 'analyzed',
    verdict: { verdict: 'insufficient_data', summary: expect.stringMatching(/refused the signature/) },
  });
});

test('a 401 that comes after three samples: still insufficient_data, with the reason', async () => {
  const started = await signed();
  await stage.pass(30);
  await story.finish(started);
  await stage.pass(200);
  refuseWith(401);
  await stage.pass(45);
  expect(await story.read(started)).toMatchObject({
    state: 'analyzed',
    verdict: {
      verdict: 'insufficient_data',
      confidence: 0,
      summary: expect.stringMatching(/refused the signature.* 4 of 5/),
    },
  });
});

test('with HMAC off a 401 is a failure like any other: it is tried again', async () => {
  const started = await story.triggered();
  refuseWith(401);
  await stage.pass(3);
  stage.app.behaviour = null;
  await stage.pass(60);
  expect(await story.samples(started)).toHaveLength(5);
  expect(await story.failures(started)).toEqual([]);
});

test('the secret is stored encrypted and appears in no log line', async () => {
  const started = await signed();
  await stage.pass(2);
  const [row] = await stage.database.query<{ hmac_secret_encrypted: Buffer }>(
    'select hmac_secret_encrypted from seqpulse.projects where id = $1',
    [started.projectId],
  );
  expect(row?.hmac_secret_encrypted.toString('latin1')).not.toContain(started.secret);
  const log = JSON.stringify(stage.running.logged);
  expect(log).not.toContain(started.secret);
  expect(log).not.toContain(started.secret.slice(4));
  expect(log).not.toContain(started.apiKey);
});

test('a service with another secret key stops at its start and says which setting is wrong', async () => {
  await signed();
  const other = startTestService({ databaseUrl: stage.database.url, secretKey: randomBytes(32) });
  await expect(other).rejects.toThrow(/SEQPULSE_SECRET_KEY/);
});
