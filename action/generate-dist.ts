/**
 * Writes action/dist/index.js, which GitHub's runner starts as it is. With --check it writes nothing and exits with 1 when
 * the file is not what its sources say.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleText, writeBundle } from '../scripts/bundle.ts';

const path = fileURLToPath(new URL('dist/index.js', import.meta.url));
const text = await bundleText({ entry: fileURLToPath(new URL('main.ts', import.meta.url)), isProgram: false });

if (!process.argv.includes('--check')) {
  writeBundle(path, text);
} else if (currentText() !== text) {
  console.error('action/dist/index.js is stale: run `npm run generate` and commit it.');
  process.exitCode = 1;
}

function currentText(): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
