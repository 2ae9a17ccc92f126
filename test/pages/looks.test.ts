import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useStage } from '../support/fixtures.ts';
import { type Looking, useBrowser } from './browser.ts';
import { makeScenes, type Scenes } from './scenes.ts';
import { signIn } from './sign-in.ts';

/** Where pictures of every page go (`npm run pictures` sets it); without it none are taken. */
const PICTURES = process.env.SEQPULSE_PICTURES;

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const stage = useStage({ SEQPULSE_PUBLIC_URL: 'https://pulse.example.com' });
const browser = useBrowser();
let scenes: Scenes;
let link = '';

beforeAll(async () => {
  scenes = await makeScenes(stage, Date.now());
  const { html_url: url } = (await stage.api.deployment(scenes.checkoutKey, scenes.rollback)).body;
  link = url.slice('https://pulse.example.com'.length);
});

const LOOKS = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true },
} as const;

/** By the name of its picture. */
const PAGES: Readonly<Record<string, (of: Scenes) => string>> = {
  overview: () => '/',
  'overview-bad': () => '/?show=bad',
  project: (of) => `/ui/projects/${of.checkout}`,
  'project-large': (of) => `/ui/projects/${of.search}?env=staging`,
  report: (of) => `/ui/deployments/${of.rollback}`,
  'report-again': (of) => `/ui/deployments/${of.rollback}?latency=300&errors=5`,
  'report-ok': (of) => `/ui/deployments/${of.ok}`,
  'report-attention': (of) => `/ui/deployments/${of.attention}`,
  'report-no-data': (of) => `/ui/deployments/${of.noData}`,
  'report-observing': (of) => `/ui/deployments/${of.observing}?live=off`,
  'report-abandoned': (of) => `/ui/deployments/${of.abandoned}`,
  'report-superseded': (of) => `/ui/deployments/${of.superseded}`,
  'report-failed': (of) => `/ui/deployments/${of.pipelineFailed}`,
  'report-large': (of) => `/ui/deployments/${of.large}`,
  'report-hostile': (of) => `/ui/deployments/${of.hostile}`,
  how: () => '/ui/how',
  'not-found': () => '/ui/deployments/00000000-0000-4000-8000-000000000000',
};

async function violations(page: Page): Promise<string[]> {
  // Evaluated from outside, past the page's CSP, which lets no script run.
  await page.evaluate(await axeSource());
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    };
    const { violations: found } = await axe.run();
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

describe.each(Object.keys(LOOKS) as (keyof typeof LOOKS)[])('%s', (look) => {
  let looking: Looking;
  beforeAll(async () => {
    looking = await browser.look(LOOKS[look]);
  });

  test.each(['sign-in', 'report-link'])('%s is so for a stranger', async (name) => {
    const { page } = looking;
    await page.goto(`${stage.running.service.url}${name === 'sign-in' ? '/ui/sign-in' : link}`);
    if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}-${look}.png`), fullPage: true });
    expect(await violations(page)).toEqual([]);
    expect(looking.complaints).toEqual([]);
    // The last of the strangers' pages: from here on an operator looks.
    if (name === 'report-link') await signIn(page, stage.running.service.url);
  });

  test.each(Object.keys(PAGES))('%s is without a fault that axe sees, and nothing overflows', async (name) => {
    const { page } = looking;
    await page.goto(`${stage.running.service.url}${PAGES[name]?.(scenes)}`);
    if (PICTURES !== undefined) await page.screenshot({ path: join(PICTURES, `${name}-${look}.png`), fullPage: true });
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    expect(await violations(page)).toEqual([]);
    // What a browser says of its own accord of an answer 404.
    expect(looking.complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });
});
