/**
 * Writes docs/settings.md from the table of settings. With --check it writes nothing and exits with 1 when the page is
 * not what the table says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { settingsPage } from './settings-page.ts';

const path = fileURLToPath(new URL('../../docs/settings.md', import.meta.url));
const page = settingsPage();

if (!process.argv.includes('--check')) {
  writeFileSync(path, page);
} else if (currentPage() !== page) {
  console.error('docs/settings.md is stale: run `npm run generate` and commit it.');
  process.exitCode = 1;
}

function currentPage(): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
