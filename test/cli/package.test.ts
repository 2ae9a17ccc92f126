import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runToEnd } from '../support/command-line.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('npm pack ./cli is the command line alone, without dependencies, and npx runs it', async () => {
  const env = { HOME: folder, NODE_DISABLE_COMPILE_CACHE: '1', npm_config_cache: join(folder, 'cache') };
  const packed = await runToEnd(['npm', 'pack', './cli', '--pack-destination', folder], { env, cwd: resolve('.') });
  expect(packed).toMatchObject({ code: 0 });
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const npx = ['npx', '--yes', '--offline', '--package', join(folder, tarball), 'seqpulse', '--version'];
  const own = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await runToEnd(npx, { env, cwd: folder })).toMatchObject({ code: 0, stdout: `${own.version}\n` });
  const { dependencies } = JSON.parse(readFileSync('cli/package.json', 'utf8'));
  expect(dependencies).toBeUndefined();
});
