import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeDeployment, RUINED } from '../../harness/made-deployments.ts';
import { START_TIME } from '../support/clock.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { ADMIN_TOKEN } from '../support/service.ts';

const DAY_SECONDS = 86_400;
const PUBLIC_URL = 'https://pulse.example.com';
const stage = useClockedStage({ SEQPULSE_PUBLIC_URL: PUBLIC_URL, SEQPULSE_REPORT_LINK_DAYS: '30' });

let url = '';
let origin = '';
beforeAll(() => {
  url = stage.running.service.url;
  origin = new URL(url).origin;
});

/** As a browser without a session asks; redirects are looked at, not followed. */
async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(`${url}${path}`, { redirect: 'manual', headers });
}

async function post(
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await fetch(`${url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: origin, ...headers },
    body: new URLSearchParams(fields),
  });
}

async function cookie(): Promise<string> {
  const answer = await post('/ui/sign-in', { token: ADMIN_TOKEN, next: '/' });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

let apiKey = '';
let id = '';
let other = '';
beforeEach(async () => {
  const project = await stage.api.newProject({ name: 'checkout', endpoint: stage.app.url, baseline: 'at_trigger' });
  apiKey = project.apiKey;
  const of = { projectId: project.id, env: 'prod', startedAtMs: stage.clock.now() - 600_000 };
  id = await makeDeployment(stage.database, { ...of, number: 1 });
  other = await makeDeployment(stage.database, { ...of, number: 2, startedAtMs: of.startedAtMs + 1_000 });
});

/** The signed link that CI is given. */
async function signedLink(): Promise<string> {
  const { html_url: link } = (await stage.api.deployment(apiKey, id)).body;
  return link.slice(PUBLIC_URL.length);
}

describe('signing in', () => {
  test('is asked for before anything is shown, and leads back', async () => {
    const first = await get('/');
    expect([first.status, first.headers.get('location')]).toEqual([303, '/ui/sign-in']);
    const report = await get(`/ui/deployments/${id}`);
    expect(report.headers.get('location')).toBe(`/ui/sign-in?next=${encodeURIComponent(`/ui/deployments/${id}`)}`);
    const answer = await post('/ui/sign-in', { token: ADMIN_TOKEN, next: `/ui/deployments/${id}` });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/ui/deployments/${id}`]);
  });

  test('gives a cookie that no script reads, that no other site’s form sends, for twelve hours, over https alone', async () => {
    const answer = await post('/ui/sign-in', { token: ADMIN_TOKEN, next: '/' });
    const [pair, ...attributes] = answer.headers.get('set-cookie')?.split('; ') ?? [];
    expect(pair).toMatch(/^seqpulse_session=[\w.-]+$/);
    expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax', 'Secure']);
    expect(pair).not.toContain(ADMIN_TOKEN);
  });

  test('ends after twelve hours, and when the cookie was changed', async () => {
    const session = await cookie();
    expect((await get('/', { Cookie: session })).status).toBe(200);
    expect((await get('/', { Cookie: `a=b; ${session}; c=d` })).status).toBe(200);
    const [name, value = ''] = session.split('=');
    const forged = Buffer.from(JSON.stringify({ name: 'admin', role: 'admin', until: 9e15 })).toString('base64url');
    expect((await get('/', { Cookie: `${name}=${forged}.${value.split('.')[1]}` })).status).toBe(303);
    expect((await get('/', { Cookie: `${name}=${value}x` })).status).toBe(303);
    await stage.pass(12 * 3_600 - 60);
    expect((await get('/', { Cookie: session })).status).toBe(200);
    await stage.pass(120);
    expect((await get('/', { Cookie: session })).status).toBe(303);
  });

  test.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/ui/sign-in',
    '/projects',
  ])('leads to no page but ours: %s', async (next) => {
    const answer = await post('/ui/sign-in', { token: ADMIN_TOKEN, next });
    expect(answer.headers.get('location')).toBe('/');
  });
});

describe('a form', () => {
  test.each<[string, Record<string, string>]>([
    ['another site', { Origin: 'https://evil.example' }],
    ['a page without an origin', { Origin: 'null' }],
    ['nowhere', { Origin: '' }],
    ['a sibling', { Origin: '', 'Sec-Fetch-Site': 'same-site' }],
  ])('from %s is refused', async (_, headers) => {
    const answer = await post('/ui/sign-out', {}, headers);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('Sent from another site');
  });

  test('from a page of ours is taken, under either name', async () => {
    expect((await post('/ui/sign-out', {})).status).toBe(303);
    expect((await post('/ui/sign-out', {}, { Origin: PUBLIC_URL })).status).toBe(303);
  });

  test('that is too large, or no form, is refused', async () => {
    expect((await post('/ui/sign-in', { token: 'x'.repeat(20_000) })).status).toBe(413);
    const json = await fetch(`${url}/ui/sign-in`, {
      method: 'POST',
      headers: { Origin: origin, 'Content-Type': 'application/json' },
      body: '{}',
    });
    expect(json.status).toBe(415);
  });

  test('for feedback does nothing without signing in', async () => {
    const answer = await post(`/ui/deployments/${id}/feedback`, { correct: 'true' });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `/ui/sign-in?next=${encodeURIComponent(`/ui/deployments/${id}`)}`,
    ]);
    expect((await stage.api.deployment(apiKey, id)).body.feedback).toBeNull();
  });
});

describe('a signed link', () => {
  test('is given to CI, opens its report alone, and shows no operator’s controls', async () => {
    const link = await signedLink();
    const answer = await get(link);
    expect(answer.status).toBe(200);
    const html = await answer.text();
    expect(html).toContain('Nothing got worse.');
    expect(html).not.toMatch(/Sign out|name="correct"|Judge again|href="\/"|\/ui\/projects\//);
    expect(html).toContain('Sign in');
    for (const path of ['/', `/ui/projects/${id}`, `/ui/deployments/${other}`])
      expect((await get(path)).status).toBe(303);
    const key = link.split('?')[1];
    expect((await get(`/ui/deployments/${other}?${key}`)).status).toBe(403);
  });

  test('opens the report in its other forms', async () => {
    const [path, query] = (await signedLink()).split('?');
    for (const [suffix, type] of [
      ['.md', 'text/markdown'],
      ['.svg', 'image/svg+xml'],
      ['.json', 'application/json'],
    ]) {
      const answer = await get(`${path}${suffix}?${query}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`]);
      expect((await get(`${path}${suffix}`)).status).toBe(303);
    }
  });

  test('that was forged or cut off is refused, and so is one that has expired', async () => {
    const link = await signedLink();
    for (const forged of [
      `${link}x`,
      link.slice(0, -1),
      link.replace('key=', 'key=z'),
      `/ui/deployments/${id}?key=.`,
    ]) {
      const answer = await get(forged);
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain('This link is not valid');
    }
    await stage.pass(30 * DAY_SECONDS);
    expect((await get(link)).status).toBe(200);
    await stage.pass(DAY_SECONDS);
    const late = await get(link);
    expect(late.status).toBe(403);
    expect(await late.text()).toContain('This link has expired');
  });

  test('is the same all day, and none is in what operators are given', async () => {
    const first = await signedLink();
    await stage.pass(60);
    expect(await signedLink()).toBe(first);
    const { body } = await stage.api.operator('GET', `/deployments/${id}`);
    expect(body.html_url).toBe(`${PUBLIC_URL}/ui/deployments/${id}`);
  });
});

test('every answer of a page has its CSP: redirects, refusals, pictures and styles too', async () => {
  const session = await cookie();
  const styles = /href="(\/ui\/pages\.css[^"]*)"/.exec(await (await get('/ui/sign-in')).text())?.[1] ?? '';
  const answers = [
    await get('/'),
    await get('/ui/sign-in'),
    await get('/ui/deployments/nonsense', { Cookie: session }),
    await get(`/ui/deployments/${id}?key=forged`),
    await get(`/ui/deployments/${id}.svg`, { Cookie: session }),
    await get(styles),
    await post('/ui/sign-out', {}, { Origin: 'https://evil.example' }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([303, 200, 404, 403, 200, 200, 403]);
  for (const { headers } of answers) {
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
  }
  expect(answers.at(-2)?.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(answers[1]?.headers.get('cache-control')).toBe('no-store');
});

test('a report with ninety samples is a small page', async () => {
  const session = await cookie();
  const { id: projectId } = await stage.api.newProject({ name: 'large', endpoint: stage.app.url });
  const large = await makeDeployment(stage.database, {
    projectId,
    env: 'prod',
    number: 1,
    startedAtMs: START_TIME,
    windowMinutes: 75,
    levels: RUINED,
  });
  const answer = await get(`/ui/deployments/${large}`, { Cookie: session });
  const { length } = new TextEncoder().encode(await answer.text());
  expect(length).toBeGreaterThan(40_000);
  expect(length).toBeLessThan(100_000);
});

// The last: from then on nobody of this address is let in for a minute of the real clock.
test('with a wrong token says how many tries are left, then none is looked at, then after a minute again', async () => {
  const wrong = await post('/ui/sign-in', { token: 'wrong', next: '/' });
  expect(wrong.status).toBe(401);
  expect(await wrong.text()).toContain('You have 9 more tries this minute.');
  expect(wrong.headers.get('set-cookie')).toBeNull();
  for (let tries = 2; tries <= 10; tries += 1) await post('/ui/sign-in', { token: `wrong ${tries}`, next: '/' });
  const right = await post('/ui/sign-in', { token: ADMIN_TOKEN, next: '/' });
  expect([right.status, right.headers.get('content-type')]).toEqual([429, 'text/html; charset=utf-8']);
  expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
});
