import { expect, test } from 'vitest';
import type { Answer } from '../../harness/api.ts';
import { useStage } from '../support/fixtures.ts';
import { expectProblem } from '../support/problem.ts';
import { openStage } from '../support/stage.ts';

const LIMIT = 5;

/** Its client (the loopback address) counts as a proxy whose X-Forwarded-For is believed. */
const stage = useStage({ SEQPULSE_RATE_LIMIT_PER_MINUTE: String(LIMIT), TRUST_PROXY: '127.0.0.0/8,10.0.0.0/8' });
let serial = 0;

async function newKey(): Promise<{ id: string; apiKey: string }> {
  serial += 1;
  return await stage.api.newProject({ name: `project ${serial}`, endpoint: stage.app.url });
}

const list = (apiKey: string, headers: Record<string, string> = {}) =>
  stage.api.request('GET', '/deployments', { headers: { 'X-API-Key': apiKey, ...headers } });

async function times(count: number, work: () => Promise<Answer>): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await work()).status);
  return statuses;
}

test('a key has so many requests a minute for a route, one more is 429 and says when to come back', async () => {
  const { apiKey } = await newKey();
  expect(await times(LIMIT, () => list(apiKey))).toEqual([200, 200, 200, 200, 200]);
  const answer = await list(apiKey);
  expectProblem(answer, 'RATE_LIMITED');
  const retryAfter = Number(answer.headers.get('retry-after'));
  expect(Number.isInteger(retryAfter)).toBe(true);
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(retryAfter).toBeLessThanOrEqual(60);
});

test('each key and each route has its own count', async () => {
  const a = await newKey();
  const b = await newKey();
  await times(LIMIT, () => list(a.apiKey));
  expect((await list(a.apiKey)).status).toBe(429);
  expect((await list(b.apiKey)).status).toBe(200);
  expect((await stage.api.trigger(a.apiKey, { env: 'prod' })).status).toBe(200);
  expect((await stage.api.deployment(a.apiKey, a.id)).status).toBe(404);
});

test('an A/A check, which costs most, is limited like any other route', async () => {
  const { id, apiKey } = await newKey();
  const headers = { 'X-API-Key': apiKey };
  const statuses = await times(LIMIT + 1, () => stage.api.request('GET', `/projects/${id}/aa-check`, { headers }));
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
});

test('ids do not make routes: /deployments/{id} is one count', async () => {
  const { apiKey } = await newKey();
  const statuses = await times(LIMIT + 1, () => stage.api.deployment(apiKey, crypto.randomUUID()));
  expect(statuses).toEqual([404, 404, 404, 404, 404, 429]);
});

test('parallel requests are counted one by one', async () => {
  const { apiKey } = await newKey();
  const answers = await Promise.all(Array.from({ length: 20 }, () => list(apiKey)));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(LIMIT);
  expect(answers.filter((answer) => answer.status === 429)).toHaveLength(20 - LIMIT);
});

test('the order: 401 before faults, faults before 429, 429 before the environment; faults use nothing up', async () => {
  const { apiKey } = await newKey();
  const faulty = { env: '' };
  expect(await times(LIMIT + 3, () => stage.api.trigger(apiKey, faulty))).toEqual(Array(LIMIT + 3).fill(422));
  expect(await times(LIMIT, () => stage.api.trigger(apiKey, { env: 'nowhere' }))).toEqual(Array(LIMIT).fill(400));
  expectProblem(await stage.api.trigger(apiKey, { env: 'nowhere' }), 'RATE_LIMITED');
  expectProblem(await stage.api.trigger(apiKey, faulty), 'VALIDATION_FAILED');
  const longKey = { 'X-Idempotency-Key': 'k'.repeat(256) };
  expectProblem(await stage.api.trigger(apiKey, { env: 'nowhere' }, longKey), 'VALIDATION_FAILED');
  expectProblem(await stage.api.trigger(`${apiKey}0`, faulty), 'UNAUTHORIZED');
});

test('operators and health checks are not limited', async () => {
  expect(new Set(await times(LIMIT * 3, () => stage.api.operator('GET', '/projects')))).toEqual(new Set([200]));
  expect(new Set(await times(LIMIT * 3, () => stage.api.request('GET', '/livez')))).toEqual(new Set([200]));
});

test('wrong credentials are limited by client address; the right ones still open from there', async () => {
  const { apiKey } = await newKey();
  const from = { 'X-Forwarded-For': '203.0.113.1' };
  const wrong = () => list('SP_00000000000000000000000000000000', from);
  expect(await times(LIMIT + 1, wrong)).toEqual([401, 401, 401, 401, 401, 429]);
  const answer = await wrong();
  expectProblem(answer, 'RATE_LIMITED');
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect((await list(apiKey, from)).status).toBe(200);
  const operator = { headers: { ...from, Authorization: 'Bearer wrong' } };
  expectProblem(await stage.api.request('GET', '/projects', operator), 'RATE_LIMITED');
});

test.each([
  ['another client behind the same proxy', '203.0.113.2', '203.0.113.3', true],
  [
    'the address that the proxy added, not one that the client made up',
    'x, 1.1.1.1, 203.0.113.4',
    '2.2.2.2, 203.0.113.4',
    false,
  ],
  ['the first address that is no proxy, from the right', '203.0.113.5, 10.1.1.1', '203.0.113.5, 10.2.2.2', false],
  ['an IPv4-mapped address is that IPv4 address', '::ffff:203.0.113.6', '203.0.113.6', false],
  ['another IPv6 network', '2001:db8:0:1::1', '2001:db8:0:2::1', true],
  ['one IPv6 network of 64 bits, whatever the rest', '2001:db8:0:3::1', '2001:db8:0:3:ffff::2', false],
])('the client address: %s', async (_, first, second, areTwo) => {
  const wrong = (forwardedFor: string) => list('SP_x', { 'X-Forwarded-For': forwardedFor });
  await times(LIMIT, () => wrong(first));
  expect((await wrong(first)).status).toBe(429);
  expect((await wrong(second)).status).toBe(areTwo ? 401 : 429);
});

test.each([
  '',
  ' ',
  ',',
  'unknown',
  'fe80::1%eth0',
  '10.0.0.1, fe80::1%x',
  '999.1.1.1',
  '::ffff:10.0.0.1',
  '127.0.0.1',
  'a'.repeat(99),
])('a strange X-Forwarded-For takes nothing down: %j', async (forwardedFor) => {
  const answer = await list('SP_x', { 'X-Forwarded-For': forwardedFor });
  expect([401, 429]).toContain(answer.status);
});

test('without TRUST_PROXY nobody’s X-Forwarded-For is believed', async () => {
  await using plain = await openStage({ SEQPULSE_RATE_LIMIT_PER_MINUTE: '2' });
  const wrong = (forwardedFor: string) =>
    plain.api.request('GET', '/projects', { headers: { 'X-Forwarded-For': forwardedFor } });
  expect((await wrong('203.0.113.1')).status).toBe(401);
  expect((await wrong('203.0.113.2')).status).toBe(401);
  expectProblem(await wrong('203.0.113.3'), 'RATE_LIMITED');
});

test('0 turns the limits off', async () => {
  await using unlimited = await openStage({ SEQPULSE_RATE_LIMIT_PER_MINUTE: '0' });
  const answers = await Promise.all(Array.from({ length: 150 }, () => unlimited.api.request('GET', '/projects')));
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([401]));
});
