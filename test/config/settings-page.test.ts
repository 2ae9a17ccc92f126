import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SETTINGS } from '../../src/config/settings.ts';
import { settingsPage } from '../../src/config/settings-page.ts';

test('docs/settings.md is what the table of settings says', () => {
  expect(readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8')).toBe(settingsPage());
});

test('the page has one row of four cells for every setting', () => {
  const rows = settingsPage()
    .split('\n')
    .filter((line) => /^\| `[A-Z]/.test(line));
  expect(rows.map((row) => row.split(' | ').length)).toEqual(Object.keys(SETTINGS).map(() => 4));
});
