import type { Page } from 'playwright-core';
import { ADMIN_TOKEN } from '../support/service.ts';

/** By the form, as people do. */
export async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/ui/sign-in`);
  await page.getByLabel('Operator’s token').fill(ADMIN_TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${url}/`);
}
