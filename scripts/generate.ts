/**
 * Runs every generator: `npm run generate` writes, `npm run generate:check` exits 1 and names what is stale.
 * Each one stands beside what it makes and can also be run by itself.
 *
 * `npm run generate -- --out <folder> …` writes what an installation of its own needs instead, rules/ and dashboards/,
 * and leaves the repository alone: prometheus/installation-settings.ts says what can differ.
 */
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** In this order: the pages are made of what the others write. */
const GENERATORS = [
  'grafana/generate-dashboards.ts',
  'otel/catalog/generate-metrics-doc.ts',
  'prometheus/generate-rules.ts',
  'deploy/helm/generate-chart.ts',
  'deploy/citus/generate-views.ts',
  'prometheus/generate-runbook-tables.ts',
  'src/config/generate-settings-doc.ts',
  'docs/generate-presets.ts',
  'docs/generate-api.ts',
  'cli/generate-cli-doc.ts',
  'action/generate-dist.ts',
  'bench/verdict/generate-rule-figures.ts',
  'bench/verdict/generate-doc-tables.ts',
  'docs/generate-pages.ts',
];
/** Those that write elsewhere with `--out`, and the folder there. */
const OF_AN_INSTALLATION = { 'prometheus/generate-rules.ts': 'rules', 'grafana/generate-dashboards.ts': 'dashboards' };

const root = new URL('..', import.meta.url);
const args = process.argv.slice(2).flatMap((word) => (word.startsWith('--out=') ? ['--out', word.slice(6)] : [word]));
const out = args.indexOf('--out');
const runs: [program: string, args: readonly string[]][] =
  out < 0
    ? GENERATORS.map((program) => [program, args])
    : Object.entries(OF_AN_INSTALLATION).map(([program, folder]) => [
        program,
        args.with(out + 1, join(args[out + 1] ?? '', folder)),
      ]);

let failed = 0;
for (const [path, ownArgs] of runs) {
  const program = fileURLToPath(new URL(path, root));
  const { status } = spawnSync(process.execPath, [program, ...ownArgs], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
const check = args.includes('--check');
const what = runs.map(([path]) => basename(path, '.ts').replace('generate-', '')).join(', ');
if (failed > 0) {
  console.error(`${failed} of ${runs.length} generators failed${check ? ': run `npm run generate`' : ''}.`);
  process.exitCode = 1;
} else {
  console.log(`${check ? 'Up to date' : 'Generated'}: ${what}.`);
}
