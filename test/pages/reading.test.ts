import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeDeployment } from '../../harness/made-deployments.ts';
import { BROKEN } from '../../harness/observed-app.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { ADMIN_TOKEN } from '../support/service.ts';
import { createStory } from '../support/story.ts';
import { type Looking, useBrowser } from './browser.ts';
import { HOSTILE, SLOW_AND_FAULTY } from './scenes.ts';
import { signIn } from './sign-in.ts';

const stage = useClockedStage();
const browser = useBrowser();
const story = createStory(stage);
let url = '';
let looking: Looking;

beforeAll(async () => {
  url = stage.running.service.url;
  looking = await browser.look();
  await signIn(looking.page, url);
});

beforeEach(() => {
  looking.complaints.length = 0;
});

/** A report of a deployment that made latency and errors worse. */
async function badReport(
  more: Partial<Parameters<typeof makeDeployment>[1]> = {},
): Promise<{ id: string; projectId: string }> {
  const { id: projectId } = await stage.api.newProject({
    name: `checkout ${Math.trunc(stage.clock.now())}`,
    endpoint: stage.app.url,
  });
  const id = await makeDeployment(stage.database, {
    projectId,
    env: 'prod',
    number: 128,
    startedAtMs: stage.clock.now() - 22 * 60_000,
    levels: SLOW_AND_FAULTY,
    ...more,
  });
  return { id, projectId };
}

const feedbackOf = async (id: string) => (await stage.api.operator('GET', `/deployments/${id}`)).body.feedback;

test('a deployment is watched from its trigger to its verdict, and the page stops loading itself then', async () => {
  const { page, complaints } = looking;
  const started = await story.triggered();
  const open = async () => await page.goto(`${url}/ui/deployments/${started.id}`);
  const running = await open();
  expect(running?.headers().refresh).toBe('15');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('The pipeline is still running.');
  await stage.pass(30);
  const finished = { ...started, finishedAtMs: stage.clock.now() };
  await story.finish(started);
  stage.app.metrics = BROKEN;
  await story.until(finished, 61);
  await open();
  expect(await page.getByText('Being observed').count()).toBe(1);
  expect(await page.getByRole('img', { name: '2 of 5 samples', exact: true }).count()).toBe(1);
  await page.getByRole('link', { name: 'Stop reloading' }).click();
  const still = await page.reload();
  expect(still?.headers().refresh).toBeUndefined();
  expect(await page.getByRole('link', { name: 'Reload by itself' }).count()).toBe(1);
  await story.until(finished, 301);
  const last = await open();
  expect(last?.headers().refresh).toBeUndefined();
  expect(await page.getByText('Rollback recommended').count()).toBe(1);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toMatch(/rose from/);
  expect(complaints).toEqual([]);
});

describe('by button', () => {
  test('a verdict is marked, with a note, and marked otherwise', async () => {
    const { page, complaints } = looking;
    const { id } = await badReport();
    await page.goto(`${url}/ui/deployments/${id}`);
    await page.getByLabel('Note, if you like').fill('load test, announced');
    await page.getByRole('button', { name: 'Wrong' }).click();
    await page.getByText('Marked wrong on').waitFor();
    expect(await page.getByRole('button', { name: 'Wrong' }).getAttribute('aria-pressed')).toBe('true');
    expect(await feedbackOf(id)).toMatchObject({ correct: false, note: 'load test, announced' });
    await page.getByRole('button', { name: 'Right' }).click();
    await page.getByText('Marked right on').waitFor();
    expect(await feedbackOf(id)).toMatchObject({ correct: true });
    expect(complaints).toEqual([]);
  });

  test('it is judged again with other limits, beside what stands, under an address that shows the same', async () => {
    const { page } = looking;
    const { id } = await badReport();
    await page.goto(`${url}/ui/deployments/${id}`);
    await page.getByText('Judge again with other limits').click();
    await page.getByLabel('p95 latency, %').fill('400');
    await page.getByLabel('Errors, points').fill('5');
    await page.getByRole('button', { name: 'Judge again' }).click();
    const again = page.getByRole('region', { name: /Judged again/ });
    await again.waitFor();
    const said = 'with errors 5 points instead of 0.4 points, p95 latency 400\u00a0% instead of 35\u00a0%';
    expect(await again.getByRole('heading').textContent()).toContain(said);
    expect(await again.getByText('The verdict would be “OK”.').count()).toBe(1);
    const link = await again.getByRole('link', { name: 'This link' }).getAttribute('href');
    await page.goto(`${url}${link}`);
    expect(await again.getByRole('heading').textContent()).toContain(said);
    const limits = { error_rate_rise: 0.05, latency_p95_growth: 4 };
    const byApi = await stage.api.operator('POST', `/deployments/${id}/rejudge`, { limits });
    expect(byApi.body.verdict).toBe('ok');
    expect((await stage.api.operator('GET', `/deployments/${id}`)).body.verdict.verdict).toBe('rollback_recommended');
  });

  test('a limit that is none is told at its field', async () => {
    const { page } = looking;
    const { id } = await badReport();
    await page.goto(`${url}/ui/deployments/${id}?errors=abc&traffic=500`);
    expect(await page.getByLabel('Errors, points').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByText('must be a number, such as 0.4').count()).toBe(1);
    expect(await page.getByText('must be from 1 to 100').count()).toBe(1);
    expect(await page.getByRole('region', { name: /Judged again/ }).count()).toBe(0);
  });
});

test('the heatmap leads to a deployment, to the list from one on, and to those in which a metric failed', async () => {
  const { page } = looking;
  const { id, projectId } = await badReport();
  const calm = (number: number) =>
    makeDeployment(stage.database, {
      projectId,
      env: 'prod',
      number,
      startedAtMs: stage.clock.now() - (200 - number) * 86_400_000,
    });
  for (const number of [120, 121, 122]) await calm(number);
  await page.goto(`${url}/ui/projects/${projectId}`);
  const map = page.getByRole('region', { name: 'The last deployments' });
  expect(await map.getByRole('row', { name: /^Error rate/ }).textContent()).toMatch(/critical$/);
  await map.getByRole('link', { name: 'p95 latency' }).click();
  expect(await page.locator('.deps li').count()).toBe(1);
  await map.getByRole('link', { name: 'The list from #128 on' }).click();
  expect(await page.locator('.deps li').count()).toBe(4);
  await page.locator('select[name=verdict]').selectOption('ok');
  await page.getByRole('button', { name: 'Filter' }).click();
  expect(await page.locator('.deps li').count()).toBe(3);
  await map.getByRole('link', { name: /^#128,/ }).click();
  expect(new URL(page.url()).pathname).toBe(`/ui/deployments/${id}`);
});

test('of a hundred projects those are shown that somebody should look at, and all when asked for', async () => {
  const { page, complaints } = looking;
  for (let number = 1; number <= 100; number += 1) {
    const name = `project ${String(number).padStart(3, '0')}`;
    const { id: projectId } = await stage.api.newProject({ name, endpoint: stage.app.url });
    const levels = number % 25 === 0 ? { levels: SLOW_AND_FAULTY } : {};
    await makeDeployment(stage.database, {
      projectId,
      env: 'prod',
      number: 1,
      startedAtMs: stage.clock.now() - 3_600_000,
      ...levels,
    });
  }
  await page.goto(`${url}/`);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Four of 100 environments got worse.');
  expect(await page.locator('.proj').count()).toBe(4);
  await page.getByRole('link', { name: 'Show all 100' }).click();
  expect(await page.locator('.proj').count()).toBe(100);
  expect(await page.locator('.proj h2').first().textContent()).toBe('project 001');
  expect(complaints).toEqual([]);
});

test('without JavaScript everything works', async () => {
  const { page, complaints } = await browser.look({ javaScriptEnabled: false });
  await signIn(page, url);
  const { id } = await badReport();
  await page.goto(`${url}/ui/deployments/${id}`);
  await page.getByText('All samples').click();
  expect(await page.getByRole('cell', { name: 'after' }).count()).toBe(5);
  await page.getByRole('button', { name: 'Right' }).click();
  await page.getByText('Marked right on').waitFor();
  expect(complaints).toEqual([]);
});

test('by keyboard alone one signs in, skips to the content, opens what is folded and marks a verdict', async () => {
  const { page } = await browser.look();
  const { id } = await badReport();
  await page.goto(`${url}/ui/sign-in?next=/ui/deployments/${id}`);
  // The field takes the focus by itself, once the page is drawn.
  await page.locator('#token:focus').waitFor();
  await page.keyboard.type(ADMIN_TOKEN);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${url}/ui/deployments/${id}`);
  await page.keyboard.press('Tab');
  expect(await page.locator(':focus').textContent()).toBe('Skip to content');
  await page.keyboard.press('Enter');
  const reach = async (what: string) => {
    for (let presses = 0; presses < 30; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await page.locator(':focus').textContent())?.includes(what)) return;
    }
    throw new Error(`${what} can’t be reached by Tab`);
  };
  await reach('Judge again with other limits');
  await page.keyboard.press('Enter');
  expect(await page.locator('details[open] form.lim').count()).toBe(1);
  await reach('Wrong');
  const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
  expect(outline).toBe('solid');
  await page.keyboard.press('Enter');
  await page.getByText('Marked wrong on').waitFor();
});

test('on paper there are no controls, and what is folded is there', async () => {
  const { page } = looking;
  const { id } = await badReport();
  await page.goto(`${url}/ui/deployments/${id}`);
  await page.emulateMedia({ media: 'print' });
  for (const control of ['Sign out', 'Right', 'Judge again']) {
    expect(await page.getByRole('button', { name: control }).isVisible()).toBe(false);
  }
  expect(await page.getByRole('heading', { name: 'p95 latency', level: 3 }).isVisible()).toBe(true);
  expect(await page.getByRole('columnheader', { name: 'Time' }).isVisible()).toBe(true);
  await page.emulateMedia({ media: null });
});

test('names that would be markup are text, turn nothing around, and run nothing', async () => {
  const { page, complaints } = looking;
  const { id, projectId } = await badReport({
    branch: HOSTILE,
    version: HOSTILE,
    actor: '"><svg onload=alert(1)>',
    commit: "' onmouseover='alert(1)",
    buildUrl: 'javascript:alert(1)',
    feedback: { correct: false, note: '</p><script>alert(2)</script>' },
  });
  let dialogs = 0;
  page.on('dialog', async (dialog) => {
    dialogs += 1;
    await dialog.dismiss();
  });
  for (const path of [`/ui/deployments/${id}`, `/ui/projects/${projectId}`, '/']) {
    await page.goto(`${url}${path}`);
    expect(await page.evaluate('document.scripts.length')).toBe(0);
    expect(await page.evaluate('document.querySelectorAll("[onload],[onmouseover],[onerror]").length')).toBe(0);
    expect(await page.content()).not.toMatch(/\u202e|href="javascript/);
  }
  await page.goto(`${url}/ui/deployments/${id}`);
  expect(await page.getByText('<script>alert(1)</script>', { exact: false }).count()).toBeGreaterThan(0);
  expect(dialogs).toBe(0);
  expect(complaints).toEqual([]);
});

test('a wrong token is told at its field, and the field is the next to type in', async () => {
  const { page, complaints } = await browser.look();
  await page.goto(`${url}/ui/sign-in`);
  await page.getByLabel('Operator’s token').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  expect(await page.getByLabel('Operator’s token').getAttribute('aria-invalid')).toBe('true');
  expect(await page.locator(':focus').getAttribute('id')).toBe('token');
  // The one thing a browser says of its own accord of an answer 401.
  expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
});
