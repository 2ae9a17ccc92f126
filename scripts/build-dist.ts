/** Writes dist/: the service as JavaScript, for the package. Node strips no types below node_modules. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is read at run time and is no module. */
const READ_AS_FILES = ['src/db/migrations', 'src/pages/pages.css'];

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, '--project', 'tsconfig.dist.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
// Types alone are imported from these, so nobody asks for them any more.
for (const path of globSync('**/*.js', { cwd: dist })) {
  if (readFileSync(join(dist, path), 'utf8').trim() === 'export {};') rmSync(join(dist, path));
}
for (const path of READ_AS_FILES) cpSync(join(root, path), join(dist, path), { recursive: true });
// The sources import ../package.json: of it they need these, and Node the type of its modules.
const { name, version, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ name, version, type })}\n`);
chmodSync(join(dist, 'src/seqpulse-server.js'), 0o755);
