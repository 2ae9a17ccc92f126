import { expect, test } from 'vitest';
import { makeDeployment } from '../../harness/made-deployments.ts';
import { createTestDatabase } from '../support/database.ts';
import { useStage } from '../support/fixtures.ts';
import { ADMIN_TOKEN, startTestService, type TestService, type TestServiceOptions } from '../support/service.ts';

const PUBLIC_URL = 'https://pulse.example.com';
const BEFORE = 'the-token-that-was-before';
const [OLD, FRESH] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const stage = useStage();

const status = async ({ service }: TestService, path: string, cookie = ''): Promise<number> =>
  (await fetch(`${service.url}${path}`, { redirect: 'manual', headers: { Cookie: cookie } })).status;

/** A session's cookie. */
async function signIn({ service: { url } }: TestService, token: string): Promise<string> {
  const answer = await fetch(`${url}/ui/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: new URL(url).origin },
    body: new URLSearchParams({ token, next: '/' }),
  });
  expect(answer.status).toBe(303);
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

test('sessions and signed links go on while the secret key before is set, and end with it', async () => {
  await using database = await createTestDatabase();
  const start = async (options: Partial<TestServiceOptions>) =>
    await startTestService({ databaseUrl: database.url, env: { SEQPULSE_PUBLIC_URL: PUBLIC_URL }, ...options });
  let link = '';
  let session = '';
  const seen = async (running: TestService) => [await status(running, link), await status(running, '/', session)];
  {
    await using running = await start({ secretKey: OLD });
    const { id: projectId, apiKey } = await running.api.newProject({ name: 'checkout', endpoint: stage.app.url });
    const id = await makeDeployment(database, { projectId, env: 'prod', number: 1, startedAtMs: Date.now() - 600_000 });
    link = (await running.api.deployment(apiKey, id)).body.html_url.slice(PUBLIC_URL.length);
    session = await signIn(running, ADMIN_TOKEN);
    expect(await seen(running)).toEqual([200, 200]);
  }
  {
    await using running = await start({ secretKey: FRESH, previousSecretKey: OLD });
    expect(await seen(running)).toEqual([200, 200]);
  }
  {
    await using running = await start({ secretKey: FRESH });
    expect(await seen(running)).toEqual([403, 303]);
  }
});

test('sessions of the admin token before go on while it is set, and end with it, also those begun meanwhile', async () => {
  await using database = await createTestDatabase();
  const start = async (previousAdminToken?: string) =>
    await startTestService({
      databaseUrl: database.url,
      secretKey: OLD,
      ...(previousAdminToken === undefined ? {} : { previousAdminToken }),
    });
  let ofBefore = '';
  let ofCurrent = '';
  {
    await using running = await start(BEFORE);
    ofBefore = await signIn(running, BEFORE);
    ofCurrent = await signIn(running, ADMIN_TOKEN);
    expect(await status(running, '/', ofBefore)).toBe(200);
    expect(await status(running, '/', ofCurrent)).toBe(200);
  }
  {
    await using running = await start();
    expect(await status(running, '/', ofBefore)).toBe(303);
    expect(await status(running, '/', ofCurrent)).toBe(200);
  }
});

test('a named operator stays signed in while the admin token is replaced, and not once their own is revoked', async () => {
  await using database = await createTestDatabase();
  const start = async (options: Partial<TestServiceOptions>) =>
    await startTestService({ databaseUrl: database.url, secretKey: OLD, ...options });
  let session = '';
  let id = '';
  {
    await using running = await start({ adminToken: BEFORE });
    const made = await running.api.request('POST', '/operators', {
      headers: { Authorization: `Bearer ${BEFORE}` },
      body: { name: 'on call', role: 'viewer' },
    });
    expect(made.status).toBe(201);
    id = made.body.id;
    session = await signIn(running, made.body.token);
    expect(await status(running, '/', session)).toBe(200);
  }
  {
    await using running = await start({});
    expect(await status(running, '/', session)).toBe(200);
    const revoked = await running.api.request('DELETE', `/operators/${id}`, {
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(revoked.status).toBe(204);
    expect(await status(running, '/', session)).toBe(303);
  }
});

test('a session that is older than the change of the admin token goes on', async () => {
  await using database = await createTestDatabase();
  const start = async (options: Partial<TestServiceOptions>) =>
    await startTestService({ databaseUrl: database.url, secretKey: OLD, ...options });
  let session = '';
  {
    await using running = await start({ adminToken: BEFORE });
    session = await signIn(running, BEFORE);
  }
  {
    await using running = await start({ previousAdminToken: BEFORE });
    expect(await status(running, '/', session)).toBe(200);
  }
  {
    await using running = await start({});
    expect(await status(running, '/', session)).toBe(303);
  }
});
