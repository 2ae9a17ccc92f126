import { describe, expect, test } from 'vitest';
import { makeDeployment } from '../../harness/made-deployments.ts';
import { startObservedApp } from '../../harness/observed-app.ts';
import { createTestDatabase } from '../support/database.ts';
import { useStage } from '../support/fixtures.ts';
import { startTestService, type TestService } from '../support/service.ts';
import type { Stage } from '../support/stage.ts';

const PUBLIC_URL = 'https://pulse.example.com';
const FORMS = ['', '.md', '.svg', '.json'];

async function made({ api, app, database }: Pick<Stage, 'api' | 'app' | 'database'>) {
  const { id: projectId, apiKey } = await api.newProject({ name: `checkout ${Math.random()}`, endpoint: app.url });
  const startedAtMs = Date.now() - 600_000;
  const id = await makeDeployment(database, { projectId, env: 'prod', number: 1, startedAtMs });
  return { projectId, apiKey, id };
}

const ask = async ({ service }: TestService, path: string, init: RequestInit = {}) =>
  await fetch(`${service.url}${path}`, { redirect: 'manual', ...init });

describe('SEQPULSE_PUBLIC_REPORTS=open', () => {
  const stage = useStage({ SEQPULSE_PUBLIC_URL: PUBLIC_URL, SEQPULSE_PUBLIC_REPORTS: 'open' });

  test('opens a report in every form to whoever knows its address, without an operator’s controls', async () => {
    const { id, apiKey } = await made(stage);
    for (const form of FORMS) expect((await ask(stage.running, `/ui/deployments/${id}${form}`)).status, form).toBe(200);
    const html = await (await ask(stage.running, `/ui/deployments/${id}`)).text();
    expect(html).toContain('Nothing got worse.');
    expect(html).not.toMatch(/Sign out|name="correct"|Judge again|href="\/"|\/ui\/projects\//);
    expect((await stage.api.deployment(apiKey, id)).body.html_url).toBe(`${PUBLIC_URL}/ui/deployments/${id}`);
  });

  test('opens it to a link that was signed, or cut off, too: the address is enough', async () => {
    const { id } = await made(stage);
    expect((await ask(stage.running, `/ui/deployments/${id}?key=forged`)).status).toBe(200);
  });

  test('opens nothing else, and changes nothing', async () => {
    const { id, projectId, apiKey } = await made(stage);
    for (const path of ['/', `/ui/projects/${projectId}`])
      expect((await ask(stage.running, path)).status, path).toBe(303);
    expect((await ask(stage.running, '/ui/deployments/00000000-0000-4000-8000-000000000000')).status).toBe(404);
    const judged = await (await ask(stage.running, `/ui/deployments/${id}?latency=300`)).text();
    expect(judged).not.toContain('name="latency"');
    const feedback = await ask(stage.running, `/ui/deployments/${id}/feedback`, {
      method: 'POST',
      headers: { Origin: new URL(stage.running.service.url).origin },
      body: new URLSearchParams({ correct: 'true' }),
    });
    expect(feedback.status).toBe(303);
    expect((await stage.api.deployment(apiKey, id)).body.feedback).toBeNull();
  });
});

test('SEQPULSE_PUBLIC_REPORTS=off opens no report to a stranger, also not with a link that was good before', async () => {
  await using database = await createTestDatabase();
  await using app = await startObservedApp();
  const start = async (publicReports: string) =>
    await startTestService({
      databaseUrl: database.url,
      secretKey: Buffer.alloc(32, 1),
      env: { SEQPULSE_PUBLIC_URL: PUBLIC_URL, SEQPULSE_PUBLIC_REPORTS: publicReports },
    });
  let of: Awaited<ReturnType<typeof made>>;
  let key = '';
  const statuses = async (running: TestService, query: string) =>
    await Promise.all(
      FORMS.map(async (form) => (await ask(running, `/ui/deployments/${of.id}${form}${query}`)).status),
    );
  {
    await using running = await start('signed');
    of = await made({ api: running.api, app, database });
    key = new URL((await running.api.deployment(of.apiKey, of.id)).body.html_url).search;
    expect(await statuses(running, key)).toEqual([200, 200, 200, 200]);
  }
  await using running = await start('off');
  expect(await statuses(running, key)).toEqual([303, 303, 303, 303]);
  expect(await statuses(running, '')).toEqual([303, 303, 303, 303]);
  expect((await running.api.deployment(of.apiKey, of.id)).body.html_url).toBe(`${PUBLIC_URL}/ui/deployments/${of.id}`);
});
