import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';

/** Debian's; elsewhere whatever is named so. */
const CHROMIUM = process.env.SEQPULSE_TEST_CHROMIUM ?? '/usr/bin/chromium';

export const CHROMIUM_OPTIONS = {
  executablePath: CHROMIUM,
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export interface Looking {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the console and the page have complained of so far. */
  readonly complaints: string[];
}

/** One browser for a test file; `look` opens a window of its own in it, which ends with the file. */
export function useBrowser(): { look(options?: Parameters<Browser['newContext']>[0]): Promise<Looking> } {
  let browser: Browser | null = null;
  beforeAll(async () => {
    browser = await chromium.launch(CHROMIUM_OPTIONS);
  });
  afterAll(async () => await browser?.close());
  return {
    async look(options = {}) {
      if (browser === null) throw new Error('the browser opens before the first test');
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`));
      return { page, context, complaints };
    },
  };
}
