/**
 * Runs every generator: `npm run generate` writes, `npm run generate:check` exits 1 and names what is stale.
 * Each one stands beside what it makes and can also be run by itself.
 */
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const GENERATORS = [
  'grafana/generate-dashboards.ts',
  'otel/catalog/generate-metrics-doc.ts',
  'prometheus/generate-rules.ts',
  'prometheus/generate-runbook-tables.ts',
  'src/config/generate-settings-doc.ts',
];

const root = new URL('..', import.meta.url);
const check = process.argv.includes('--check');

let failed = 0;
for (const path of GENERATORS) {
  const program = fileURLToPath(new URL(path, root));
  const { status } = spawnSync(process.execPath, [program, ...(check ? ['--check'] : [])], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
const what = GENERATORS.map((path) => basename(path, '.ts').replace('generate-', '')).join(', ');
if (failed > 0) {
  console.error(`${failed} of ${GENERATORS.length} generators failed${check ? ': run `npm run generate`' : ''}.`);
  process.exitCode = 1;
} else {
  console.log(`${check ? 'Up to date' : 'Generated'}: ${what}.`);
}
