/**
 * Runs every generator: `npm run generate` writes, `npm run generate:check` exits 1 and names what is stale.
 * Each one can also be run by itself.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';

const folder = new URL('.', import.meta.url);
const check = process.argv.includes('--check');
const generators = readdirSync(folder).filter((name) => /^generate-.+\.ts$/.test(name));

let failed = 0;
for (const name of generators.sort()) {
  const { status } = spawnSync(process.execPath, [new URL(name, folder).pathname, ...(check ? ['--check'] : [])], {
    stdio: 'inherit',
  });
  if (status !== 0) failed += 1;
}
const what = generators.map((name) => basename(name, '.ts').replace('generate-', '')).join(', ');
if (failed > 0) {
  console.error(`${failed} of ${generators.length} generators failed${check ? ': run `npm run generate`' : ''}.`);
  process.exitCode = 1;
} else {
  console.log(`${check ? 'Up to date' : 'Generated'}: ${what}.`);
}
