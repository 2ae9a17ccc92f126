import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { useStage } from '../support/fixtures.ts';
import { type Looking, useBrowser } from './browser.ts';
import { makeScenes, type Scenes } from './scenes.ts';
import { signIn } from './sign-in.ts';

/** Where pictures of every page go (`npm run pictures` sets it); without it none are taken. */
const PICTURES = process.env.SEQPULSE_PICTURES;

/** The README shows these. */
const README: readonly string[] = ['report-light', 'project-dark', 'report-phone'];

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const stage = useStage({ SEQPULSE_PUBLIC_URL: 'https://pulse.example.com' });
const browser = useBrowser();
let scenes: Scenes;
let link = '';
let looking: Looking;

beforeAll(async () => {
  looking = await browser.look();
  scenes = await makeScenes(stage, Date.now());
  const { html_url: url } = (await stage.api.deployment(scenes.checkoutKey, scenes.rollback)).body;
  link = url.slice('https://pulse.example.com'.length);
});

const DESK = { width: 1280, height: 800 };

const LOOKS: Readonly<Record<string, Look>> = {
  light: { colorScheme: 'light', viewport: DESK },
  dark: { colorScheme: 'dark', viewport: DESK },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  'phone-dark': { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
};

interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

/** By the name of its picture. */
const PAGES: Readonly<Record<string, (of: Scenes) => string>> = {
  overview: () => '/',
  'overview-bad': () => '/?show=bad',
  project: (of) => `/ui/projects/${of.checkout}`,
  'project-large': (of) => `/ui/projects/${of.search}?env=staging`,
  report: (of) => `/ui/deployments/${of.rollback}`,
  'report-again': (of) => `/ui/deployments/${of.rollback}?latency=300&errors=5`,
  'report-ok': (of) => `/ui/deployments/${of.ok}`,
  'report-later': (of) => `/ui/deployments/${of.later}`,
  'report-attention': (of) => `/ui/deployments/${of.attention}`,
  'report-not-you': (of) => `/ui/deployments/${of.notYou}`,
  'report-no-data': (of) => `/ui/deployments/${of.noData}`,
  'report-observing': (of) => `/ui/deployments/${of.observing}?live=off`,
  'report-abandoned': (of) => `/ui/deployments/${of.abandoned}`,
  'report-superseded': (of) => `/ui/deployments/${of.superseded}`,
  'report-failed': (of) => `/ui/deployments/${of.pipelineFailed}`,
  'report-large': (of) => `/ui/deployments/${of.large}`,
  'report-hostile': (of) => `/ui/deployments/${of.hostile}`,
  notifications: (of) => `/ui/projects/${of.checkout}/notifications`,
  'notifications-all': () => '/ui/notifications',
  how: () => '/ui/how',
  'not-found': () => '/ui/deployments/00000000-0000-4000-8000-000000000000',
};

/** Of every rule that axe has, the one that is off unless asked for too: targets of 24 px. */
async function violations(page: Page): Promise<string[]> {
  // Evaluated from outside, past the page's CSP, which lets no script run.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(await axeSource());
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(
          options: object,
        ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const { violations: found } = await axe.run({
      resultTypes: ['violations'],
      rules: { 'target-size': { enabled: true } },
    });
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  });
}

let source: Promise<string> | null = null;
const axeSource = (): Promise<string> => {
  source ??= import('node:fs/promises').then(async ({ readFile }) => await readFile(AXE, 'utf8'));
  return source;
};

async function takePictures(name: string, page: Page): Promise<void> {
  if (PICTURES === undefined) return;
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  // As the window shows it.
  if (README.includes(name)) await page.screenshot({ path: `docs/images/pages-${name}.png` });
}

/** Every page is loaded once; what a look changes is looked at again. */
async function lookAt(name: string, page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const [look, { colorScheme, viewport }] of Object.entries(LOOKS)) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await takePictures(`${name}-${look}`, page);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    if (overflow !== 0) faults.push(`${look}: wider than the window by ${overflow} px`);
    faults.push(...(await violations(page)).map((violation) => `${look}: ${violation}`));
  }
  return faults;
}

test.each(['sign-in', 'report-link'])('%s is without a fault for a stranger', async (name) => {
  const { page, complaints } = looking;
  await page.goto(`${stage.running.service.url}${name === 'sign-in' ? '/ui/sign-in' : link}`);
  expect(await lookAt(name, page)).toEqual([]);
  expect(complaints).toEqual([]);
  // The last of the strangers' pages: from here on an operator looks.
  if (name === 'report-link') await signIn(page, stage.running.service.url);
});

test.each(Object.keys(PAGES))('%s is without a fault that axe sees, and nothing overflows', async (name) => {
  const { page, complaints } = looking;
  await page.goto(`${stage.running.service.url}${PAGES[name]?.(scenes)}`);
  expect(await lookAt(name, page)).toEqual([]);
  // What a browser says of its own accord of an answer 404.
  expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
});
