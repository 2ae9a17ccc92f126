import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleCommandLine, runToEnd } from '../support/command-line.ts';
import { REGISTRY_ACCESS } from '../support/registry-access.ts';

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

test('npm pack is a package whose bin is the command line, and npx runs it', async () => {
  const own = join(folder, 'whole');
  mkdirSync(own);
  const env = {
    ...REGISTRY_ACCESS,
    HOME: folder,
    NODE_DISABLE_COMPILE_CACHE: '1',
    npm_config_cache: join(own, 'cache'),
  };
  const packed = await runToEnd(['npm', 'pack', '--pack-destination', own], { env, cwd: resolve('.') });
  expect(packed).toMatchObject({ code: 0 });
  const [tarball = ''] = readdirSync(own).filter((name) => name.endsWith('.tgz'));
  const npx = ['npx', '--yes', '--ignore-scripts', '--package', join(own, tarball), 'seqpulse', '--version'];
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(await runToEnd(npx, { env, cwd: own })).toMatchObject({ code: 0, stdout: `${version}\n` });
});

/** The oldest Node that is promised, where PATH has one. */
const node20 = (process.env.PATH ?? '')
  .split(delimiter)
  .map((place) => join(place, 'node'))
  .find((path) => spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.startsWith('v20.') === true);
if (node20 === undefined) console.warn('Not tested: the command line on Node 20, which is not on PATH.');

test.skipIf(node20 === undefined)('runs on Node 20: help, a mistake, a service that is away', async () => {
  const cli = await bundleCommandLine();
  try {
    const help = await cli.run(['--help'], {}, node20);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('seqpulse run --env prod -- ./deploy.sh');
    expect(await cli.run(['wiat'], {}, node20)).toMatchObject({ code: 2 });
    const away = { SEQPULSE_URL: 'http://127.0.0.1:1', SEQPULSE_API_KEY: `SP_${'0'.repeat(32)}` };
    const ran = await cli.run(['run', '--retry-for', '1s', '--', 'true'], away, node20);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/SeqPulse is away/);
  } finally {
    rmSync(cli.folder, { recursive: true });
  }
});
