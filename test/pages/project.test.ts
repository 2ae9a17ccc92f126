import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CALM, makeDeployment } from '../../harness/made-deployments.ts';
import { HEALTHY } from '../../harness/observed-app.ts';
import { hourOf } from '../../src/db/baselines/slots.ts';
import { useStage } from '../support/fixtures.ts';
import { ADMIN_TOKEN } from '../support/service.ts';
import { SLOW_AND_FAULTY } from './scenes.ts';

const PUBLIC_URL = 'https://pulse.example.com';
const stage = useStage({ SEQPULSE_PUBLIC_URL: PUBLIC_URL });
const DAY_MS = 86_400_000;

let session = '';
let projectId = '';
let apiKey = '';
beforeAll(async () => {
  const answer = await post('/ui/sign-in', { token: ADMIN_TOKEN, next: '/' }, '');
  session = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
});
beforeEach(async () => {
  const made = await stage.api.newProject({
    name: `checkout ${Math.random()}`,
    envs: ['canary', 'prod', 'staging'],
    endpoint: stage.app.url,
  });
  projectId = made.id;
  apiKey = made.apiKey;
});

async function post(path: string, fields: Record<string, string>, cookie = session) {
  const { url } = stage.running.service;
  return await fetch(`${url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: new URL(url).origin, Cookie: cookie },
    body: new URLSearchParams(fields),
  });
}

async function get(path: string, headers: Record<string, string> = { Cookie: session }) {
  return await fetch(`${stage.running.service.url}${path}`, { redirect: 'manual', headers });
}

const see = async (query = '') => await (await get(`/ui/projects/${projectId}${query}`)).text();
const rows = (html: string) => html.match(/<a class="go"/g)?.length ?? 0;

async function deployed(number: number, more: Partial<Parameters<typeof makeDeployment>[1]> = {}) {
  const startedAtMs = Date.now() - (200 - number) * 60_000 - DAY_MS;
  return await makeDeployment(stage.database, { projectId, env: 'prod', number, startedAtMs, ...more });
}

test('shows the environment that is asked for; prod where none, or one that it has not, is', async () => {
  await deployed(1);
  await deployed(2, { env: 'staging' });
  for (const query of ['', '?env=', '?env=nowhere']) expect(await see(query), query).toContain('#1</b>');
  expect(await see('?env=staging')).toContain('#2</b>');
});

test('the list goes on, back to the newest, and is filtered by verdict and by failed metric', async () => {
  for (let number = 1; number <= 26; number += 1) {
    await deployed(number, number === 20 ? { levels: SLOW_AND_FAULTY } : {});
  }
  const first = await see();
  expect(rows(first)).toBe(25);
  expect(first).not.toContain('Newest deployments');
  const older = /href="([^"]+)">Older deployments/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const second = await (await get(older.replace(/#.*/, ''))).text();
  expect(rows(second)).toBe(1);
  expect(second).toMatch(/href="[^"?]+\?env=prod#deps">Newest deployments/);
  expect(second).not.toContain('Older deployments');
  expect(rows(await see('?verdict=rollback_recommended'))).toBe(1);
  expect(rows(await see('?metric=latency_p95'))).toBe(1);
  expect(await see('?metric=cpu_usage')).toContain('No deployment fits this filter.');
  const from = await see('?from=3');
  expect(rows(from)).toBe(3);
  expect(from).toMatch(/Newest deployments/);
});

describe('says', () => {
  test('how it is set: limits, signature, what it is read from and what failed', async () => {
    expect(await see()).toMatch(/Limits<\/dt><dd> default<\/dd>/);
    await stage.api.operator('PATCH', `/projects/${projectId}`, { limits: { latency_p95_growth: 0.5 } });
    await stage.api.operator('POST', `/projects/${projectId}/hmac`);
    const html = await see();
    expect(html).toMatch(/Limits<\/dt><dd> default, but p95 latency 50\u00a0%<\/dd>/);
    expect(html).toContain('requests are signed');
    expect(html).toContain('metrics endpoint, ');
    await stage.database.query(
      `update seqpulse.endpoints set last_test_error = 'no answer within 5 s', last_tested_at = now() + interval '1 hour'
       where project_id = $1`,
      [projectId],
    );
    expect(await see()).toMatch(/Last error<\/dt><dd>.*no answer within 5 s/);
  });

  test('when its source was last read, and how long that took', async () => {
    const { db } = stage.running.service.lifecycle;
    const collectedAtMs = Date.now() + 60_000;
    const [series] = await db.baselineTurns.openSeries([{ projectId, env: 'prod', url: stage.app.url }], new Date());
    await db.transaction(async (tx) => await tx.baselineSamples.openHour(hourOf(collectedAtMs)));
    const reading = { series: series ?? 0, collectedAtMs, numbers: HEALTHY };
    await db.baselineSamples.store([{ ...reading, readMs: 12.4 }]);
    expect(await see()).toMatch(/Source<\/dt><dd> metrics endpoint, read just now, 12 ms<\/dd>/);
    // Stored by a release that did not measure it.
    await db.baselineSamples.store([{ ...reading, collectedAtMs: collectedAtMs + 1 }]);
    expect(await see()).toMatch(/Source<\/dt><dd> metrics endpoint, read just now<\/dd>/);
  });

  test('which kind its source is of', async () => {
    await stage.database.query(
      `insert into seqpulse.sources (project_id, env, active_identity) values ($1, 'prod', 'otlp:any')`,
      [projectId],
    );
    expect(await see()).toMatch(/Source<\/dt><dd> OpenTelemetry, /);
  });

  test('whether its alarms were right, from nothing to counts', async () => {
    expect(await see()).toContain('There was no alarm yet.');
    await deployed(1, { levels: { ...CALM, latency_p95: [182, 583] } });
    expect(await see()).toContain('Nobody has marked one of one alarm yet');
    await deployed(2, { levels: SLOW_AND_FAULTY, feedback: { correct: true, note: null } });
    expect(await see()).toMatch(/Of 1 marked alarm people marked 1 as right. With so few, the share lies between/);
  });

  test('in a bad state what the next deployment is compared with, and until when that was read', async () => {
    await stage.api.operator('PATCH', `/projects/${projectId}`, { baseline: 'continuous' });
    await deployed(7, { levels: SLOW_AND_FAULTY, endpoint: stage.app.url });
    expect(await see()).toMatch(
      /prod is in a bad state since <a[^>]*>#7<\/a>, .*\. The next deployment is compared with the last good baseline, 15 readings until /,
    );
    await stage.api.operator('PATCH', `/projects/${projectId}`, { baseline: 'at_trigger' });
    expect(await see()).toContain(' The next deployment is compared with what is read at its trigger.');
  });

  test('what an A/A check would say only when asked', async () => {
    expect(await see()).toMatch(/check=quiet[^"]*">A\/A check: how often/);
    expect(await see('?check=quiet')).toContain('A/A check: too few quiet readings are kept yet');
  });
});

test('a limit may be written with a comma', async () => {
  const id = await deployed(1, { levels: SLOW_AND_FAULTY });
  const html = await (await get(`/ui/deployments/${id}?errors=2,5`)).text();
  expect(html).toContain('with errors 2.5 points instead of 0.4 points');
});

test('who signs in, and who marks a verdict by button, is in the trail', async () => {
  const id = await deployed(1);
  expect((await post(`/ui/deployments/${id}/feedback`, { correct: 'false', note: 'mine' })).status).toBe(303);
  await post('/ui/sign-in', { token: ADMIN_TOKEN, next: '/' }, '');
  const { items } = (await stage.api.operator('GET', '/audit?limit=2')).body;
  expect(items).toMatchObject([
    { action: 'POST /ui/sign-in', actor: { kind: 'admin_token' }, changes: {} },
    {
      action: 'POST /deployments/{id}/feedback',
      subject: { id },
      changes: { correct: false, note: 'set' },
      before: {},
    },
  ]);
  await post(`/ui/deployments/${id}/feedback`, { correct: 'true' });
  const [again] = (await stage.api.operator('GET', '/audit?limit=1')).body.items;
  expect(again).toMatchObject({ changes: { correct: true }, before: { correct: false } });
});

test('who is signed in is not asked to sign in', async () => {
  const answer = await get(`/ui/sign-in?next=/ui/projects/${projectId}`);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `/ui/projects/${projectId}`]);
});

test('a page is packed for whoever takes that, and says so to caches in between', async () => {
  await deployed(1);
  const packed = await get(`/ui/projects/${projectId}`, { Cookie: session, 'Accept-Encoding': 'gzip' });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  expect(packed.headers.get('vary')).toBe('Accept-Encoding');
  expect(packed.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  const plain = await get(`/ui/projects/${projectId}`, { Cookie: session, 'Accept-Encoding': 'identity' });
  expect(plain.headers.get('content-encoding')).toBeNull();
});

test('a report without a verdict says how often each reading was tried, and to operators where', async () => {
  const id = await deployed(1, { after: 0, failure: '503 Service Unavailable' });
  await stage.database.query(
    'update seqpulse.job_failures set tries = null where deployment_id = $1 and sequence = 0',
    [id],
  );
  await stage.database.query(
    `update seqpulse.endpoints set active_url = active_url || '?token=sesame' where project_id = $1`,
    [projectId],
  );
  const { pathname } = new URL(stage.app.url);
  const html = await (await get(`/ui/deployments/${id}`)).text();
  expect(html).toMatch(/<th scope="col">Tries<\/th>/);
  expect(html).toMatch(/<\/th><td>4<\/td><td class="wrap">503 Service Unavailable/);
  // Stored before tries were noted.
  expect(html).toMatch(/<\/th><td><\/td><td class="wrap">503 Service Unavailable/);
  expect(html).toContain(
    `Next: open <code>${new URL(stage.app.url).origin}${pathname}</code> from the machine that runs SeqPulse, or run <code>seqpulse check</code>`,
  );
  expect(html).not.toContain('sesame');
  const { html_url: link } = (await stage.api.deployment(apiKey, id)).body;
  const shared = await (await get(link.slice(PUBLIC_URL.length), {})).text();
  expect(shared).toContain('Next: run <code>seqpulse check</code>');
  expect(shared).not.toContain(new URL(stage.app.url).host);
});

test('links of a report that was opened by a signed link carry its key; a picture may be shown elsewhere', async () => {
  const good = await deployed(1);
  const id = await deployed(2, { goodSince: good });
  const link: string = (await stage.api.deployment(apiKey, id)).body.html_url.slice(PUBLIC_URL.length);
  const html = await (await get(link, {})).text();
  const key = link.split('?')[1];
  for (const form of ['md', 'svg', 'json']) expect(html).toContain(`/ui/deployments/${id}.${form}?${key}`);
  expect(html).not.toContain(`/ui/deployments/${good}`);
  expect(await (await get(`/ui/deployments/${id}`)).text()).toContain(`/ui/deployments/${good}`);
  const picture = await get(link.replace('?', '.svg?'), {});
  expect(picture.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
});

describe('strangers', () => {
  const limited = useStage({ SEQPULSE_PUBLIC_URL: PUBLIC_URL, SEQPULSE_RATE_LIMIT_PER_MINUTE: '20' });
  const open = async (path: string) =>
    (await fetch(`${limited.running.service.url}${path}`, { redirect: 'manual' })).status;
  let link = '';
  let id = '';
  beforeAll(async () => {
    const made = await limited.api.newProject({ name: 'limited', endpoint: limited.app.url });
    const startedAtMs = Date.now() - DAY_MS;
    id = await makeDeployment(limited.database, { projectId: made.id, env: 'prod', number: 1, startedAtMs });
    link = (await limited.api.deployment(made.apiKey, id)).body.html_url.slice(PUBLIC_URL.length);
  });

  test('who open one report too often are refused for a while', async () => {
    const statuses: number[] = [];
    for (let times = 0; times < 25; times += 1) statuses.push(await open(link));
    expect(statuses[0]).toBe(200);
    expect(statuses.at(-1)).toBe(429);
  });

  test('who try out links are refused after some', async () => {
    const statuses: number[] = [];
    for (let times = 0; times < 25; times += 1) {
      statuses.push(await open(`/ui/deployments/${id}?key=k${times}.${'x'.repeat(22)}`));
    }
    expect(statuses[0]).toBe(403);
    expect(statuses.at(-1)).toBe(429);
  });
});
