/**
 * Checks every import of the house against its plan (plan.ts): exit 1 and a line for each breach.
 * `node scripts/fences/check.ts [ROOT]`
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path/posix';
import { findBreaches } from './breaches.ts';
import { ROOMS } from './plan.ts';

const FOLDERS = [
  'src',
  'client',
  'cli',
  'action',
  'otel',
  'grafana',
  'prometheus',
  'collector',
  'alertmanager',
  'deploy',
  'docs',
  'scripts',
  'bench',
  'demo',
  'harness',
];

const root = process.argv[2] ?? '.';
const files = new Map<string, string>();
for (const folder of FOLDERS.filter((name) => existsSync(join(root, name)))) {
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.[cm]?[jt]s$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    // Bundles, which are made of what is checked.
    if (path.includes('/dist/')) continue;
    files.set(relative(root, path), readFileSync(path, 'utf8'));
  }
}
const breaches = findBreaches(files, ROOMS);
for (const breach of breaches) console.error(breach);
console.log(`${files.size} files, ${breaches.length} breaches of the plan.`);
process.exitCode = breaches.length === 0 ? 0 : 1;
