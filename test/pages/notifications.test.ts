import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { useStage } from '../support/fixtures.ts';
import { type MessageReceiver, startMessageReceiver } from '../support/message-receiver.ts';
import { ADMIN_TOKEN } from '../support/service.ts';

const stage = useStage();
let receiver: MessageReceiver;
let admin = '';
let viewer = '';
let projectId = '';
let path = '';

beforeAll(async () => {
  receiver = await startMessageReceiver();
  admin = await signedIn(ADMIN_TOKEN);
  const made = await stage.api.operator('POST', '/operators', { name: 'looks on', role: 'viewer' });
  viewer = await signedIn(made.body.token);
});
afterAll(async () => await receiver?.[Symbol.asyncDispose]());
beforeEach(async () => {
  receiver.behaviour = null;
  receiver.received.length = 0;
  projectId = (await stage.api.newProject({ name: `told ${Math.random()}`, endpoint: stage.app.url })).id;
  path = `/ui/projects/${projectId}/notifications`;
});

async function signedIn(token: string): Promise<string> {
  const { headers } = await send('/ui/sign-in', { token, next: '/' }, '');
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function send(to: string, fields: Record<string, string>, cookie = admin, more: Record<string, string> = {}) {
  const { url } = stage.running.service;
  const answer = await fetch(`${url}${to}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: new URL(url).origin, Cookie: cookie, ...more },
    body: new URLSearchParams(fields),
  });
  return { status: answer.status, headers: answer.headers, html: await answer.text() };
}

async function see(at = path, cookie = admin) {
  const answer = await fetch(`${stage.running.service.url}${at}`, { redirect: 'manual', headers: { Cookie: cookie } });
  return { status: answer.status, headers: answer.headers, html: await answer.text() };
}

const channels = async (of = `/projects/${projectId}`) =>
  (await stage.api.operator('GET', `${of}/notifications`)).body.items;

async function addWebhook() {
  const answer = await send(path, {
    act: 'add',
    type: 'webhook',
    where: `${receiver.url}/hook?token=topsecret`,
    name: 'The pager',
    'event.attention': 'on',
    envs: '',
  });
  const [channel] = await channels();
  return { answer, id: channel.id as string };
}

test('a webhook is set up, its secret shown this once, and what is secret of its address never', async () => {
  const { answer } = await addWebhook();
  expect(answer.status).toBe(200);
  expect(answer.html).toMatch(/whsec_[\w+/=]+/);
  expect(await channels()).toMatchObject([{ type: 'webhook', name: 'The pager', events: ['attention'], envs: null }]);
  const { html } = await see();
  expect(html).toContain('The pager');
  expect(html).toContain(`${receiver.url}/hook?…`);
  expect(html).not.toMatch(/whsec_|topsecret/);
});

test('a test is sent by button; that it failed, and with what, is said and stays visible on both pages', async () => {
  const { id } = await addWebhook();
  const good = await send(path, { act: 'test', channel: id });
  expect(good.status).toBe(303);
  expect(receiver.received).toHaveLength(1);
  expect((await see(good.headers.get('location') ?? '')).html).toContain('The test was delivered.');
  receiver.behaviour = (response) => response.writeHead(500).end();
  const bad = await send(path, { act: 'test', channel: id });
  expect(bad.status).toBe(422);
  expect(bad.html).toMatch(/role="alert".*The test was not delivered: .*500/s);
  const { html } = await see();
  expect(html).toMatch(/failing since just now: .*500/);
  expect(html).toMatch(/given up<\/span>[^<]*<\/td><td class="wrap">[^<]*500/);
  expect(html).toMatch(/delivered<\/span>/);
  expect((await see(`/ui/projects/${projectId}`)).html).toMatch(/The pager<\/dt><dd>.*failing since just now: .*500/);
});

test('name, events, environments and address are changed, switched off and on, and removed; the trail has each', async () => {
  const { id } = await addWebhook();
  const form = { act: 'change', channel: id, name: 'Renamed', where: '', envs: 'prod, staging', 'event.ok': 'on' };
  expect((await send(path, form)).status).toBe(303);
  expect(await channels()).toMatchObject([
    { name: 'Renamed', events: ['ok'], envs: ['prod', 'staging'], url: `${receiver.url}/hook?…` },
  ]);
  await send(path, { act: 'off', channel: id });
  expect((await channels())[0].enabled).toBe(false);
  expect((await see()).html).toContain('switched off');
  await send(path, { act: 'on', channel: id });
  expect((await channels())[0].enabled).toBe(true);
  expect((await send(path, { act: 'secret', channel: id })).html).toMatch(/whsec_/);
  await send(path, { act: 'remove', channel: id });
  expect(await channels()).toEqual([]);
  const trail = (await stage.api.operator('GET', '/audit?limit=5')).body.items;
  expect(trail.map(({ action }: { action: string }) => action)).toEqual([
    'DELETE /projects/{id}/notifications/{notification_id}',
    'POST /projects/{id}/notifications/{notification_id}/secret',
    'PATCH /projects/{id}/notifications/{notification_id}',
    'PATCH /projects/{id}/notifications/{notification_id}',
    'PATCH /projects/{id}/notifications/{notification_id}',
  ]);
  expect(trail[4]).toMatchObject({
    changes: { name: 'Renamed' },
    before: { name: 'The pager', events: ['attention'] },
  });
});

test.each([
  ['an address that is none', { act: 'add', type: 'webhook', where: 'nowhere', 'event.ok': 'on' }, /url: /],
  ['no event', { act: 'add', type: 'slack', where: 'https://hooks.example/x' }, /events: /],
  [
    'mail without a server',
    { act: 'add', type: 'mail', where: 'a@example.com', 'event.ok': 'on' },
    /SEQPULSE_SMTP_URL/,
  ],
  ['a channel that is none', { act: 'test', channel: 'none' }, /no such notification/],
  ['nothing that is known', { act: 'constructor' }, /nothing that is known/],
])('%s is refused with what is wrong, and nothing is stored', async (_, form, fault) => {
  const answer = await send(path, form as Record<string, string>);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.html).toMatch(fault);
  expect(await channels()).toEqual([]);
});

test('those of the installation have a page too, and a project says how many they are', async () => {
  const whole = '/ui/notifications';
  expect((await see('/')).html).toContain(`href="${whole}"`);
  expect((await see(`/ui/projects/${projectId}`)).html).toContain('Nobody is told of a bad deployment.');
  const form = { act: 'add', type: 'slack', where: 'https://hooks.example.com/services/topsecret', 'event.ok': 'on' };
  expect((await send(whole, form)).headers.get('location')).toBe(`${whole}?done=add`);
  const { html } = await see(whole);
  expect(html).toContain('Slack hooks.example.com');
  expect(html).toContain('https://hooks.example.com/…');
  expect(html).not.toContain('topsecret');
  expect((await see(`/ui/projects/${projectId}`)).html).toContain('One more is told of every project.');
  const [{ id }] = await channels('');
  await send(whole, { act: 'off', channel: id });
  expect((await see(`/ui/projects/${projectId}`)).html).toContain('Nobody is told of a bad deployment.');
  expect((await send(whole, { act: 'remove', channel: id })).status).toBe(303);
});

describe('who may', () => {
  test('a stranger is sent to the sign-in and comes back here', async () => {
    for (const answer of [await see(path, ''), await send(path, { act: 'add' }, '')]) {
      expect(answer.status).toBe(303);
      expect(answer.headers.get('location')).toBe(`/ui/sign-in?next=${encodeURIComponent(path)}`);
    }
    const answer = await send('/ui/sign-in', { token: ADMIN_TOKEN, next: path }, '');
    expect(answer.headers.get('location')).toBe(path);
  });

  test('a viewer sees what is set and what was sent, without a control, and changes nothing', async () => {
    const { id } = await addWebhook();
    const { html } = await see(path, viewer);
    expect(html).toContain('The pager');
    expect(html).not.toMatch(/name="act"/);
    expect((await send(path, { act: 'remove', channel: id }, viewer)).status).toBe(403);
    expect(await channels()).toHaveLength(1);
  });

  test('a form that comes from another site changes nothing', async () => {
    const { id } = await addWebhook();
    const forged = await send(path, { act: 'remove', channel: id }, admin, { Origin: 'https://evil.example' });
    expect(forged.status).toBe(403);
    expect(await channels()).toHaveLength(1);
  });

  test('what belongs to another project is not there', async () => {
    const { id } = await addWebhook();
    const other = (await stage.api.newProject({ name: `other ${Math.random()}`, endpoint: stage.app.url })).id;
    expect((await send(`/ui/projects/${other}/notifications`, { act: 'remove', channel: id })).status).toBe(404);
    expect(await channels()).toHaveLength(1);
    expect((await see('/ui/projects/00000000-0000-4000-8000-000000000000/notifications')).status).toBe(404);
  });
});
