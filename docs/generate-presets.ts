/**
 * Writes docs/presets.md and its French twin from the presets themselves. With --check it writes nothing and exits with 1
 * when a page is not what they say.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { presetsPage } from './presets-page.ts';

for (const [file, language] of [
  ['presets.md', 'en'],
  ['presets.fr.md', 'fr'],
] as const) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const page = presetsPage(language);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, page);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== page) {
    console.error(`docs/${file} is stale: run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
  }
}
