/**
 * `npm run -s sbom`: what the image and the package bring along, as CycloneDX (JSON) on standard output. `npm sbom --omit
 * dev` leaves out whatever a development package needs as well (22 of 174 here, `@opentelemetry/api` among them), so it is
 * asked in a folder whose package.json knows no other packages than those that run.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'seqpulse-sbom-'));
// npm calls what it describes by its folder's name.
const folder = join(temporary, 'seqpulse');

function npm(...parameters: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('npm', parameters, {
    cwd: folder,
    encoding: 'utf8',
    // npm would leave one in the temporary folder.
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
  });
  if (status !== 0) throw new Error(`npm ${parameters[0]} failed`, { cause: error ?? new Error(stderr) });
  return stdout;
}

try {
  mkdirSync(folder);
  const { devDependencies, optionalDependencies, ...running } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify(running));
  for (const name of ['package-lock.json', '.npmrc']) copyFileSync(join(root, name), join(folder, name));
  // Takes the packages that are no longer asked for out of the lock file: it holds all the others already.
  npm('install', '--package-lock-only', '--ignore-scripts', '--offline', '--no-audit', '--no-fund');
  const form = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  process.stdout.write(npm('sbom', '--package-lock-only', '--omit', 'optional', ...form));
} finally {
  rmSync(temporary, { recursive: true });
}
