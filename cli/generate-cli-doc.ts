/**
 * Writes docs/cli.md from the table that --help is made of. With --check it writes nothing and exits with 1 when the page
 * is not what the table says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cliPage } from './cli-page.ts';

const path = fileURLToPath(new URL('../docs/cli.md', import.meta.url));
const page = cliPage();

if (!process.argv.includes('--check')) {
  writeFileSync(path, page);
} else if (currentPage() !== page) {
  console.error('docs/cli.md is stale: run `npm run generate` and commit it.');
  process.exitCode = 1;
}

function currentPage(): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
