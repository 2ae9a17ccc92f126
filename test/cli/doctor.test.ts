import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../../harness/free-ports.ts';
import { bundleCommandLine, type CommandLine, type Ran, runToEnd } from '../support/command-line.ts';
import { useStage } from '../support/fixtures.ts';
import { ADMIN_TOKEN } from '../support/service.ts';

const stage = useStage({});
let cli: CommandLine;
beforeAll(async () => {
  cli = await bundleCommandLine();
});
afterAll(() => {
  if (cli !== undefined) rmSync(cli.folder, { recursive: true });
});

const env = (key: string, url = stage.running.service.url) => ({ SEQPULSE_URL: url, SEQPULSE_API_KEY: key });
/** What is right and what is wrong, by name. */
const findings = ({ stdout }: Ran) =>
  [...stdout.matchAll(/^([✔✖]) (\w+) +(.*)$/gm)].map(([, mark, what, says]) => ({ mark, what, says }));

describe('check', () => {
  test('finds all that a deployment needs, with the numbers of now', async () => {
    const { apiKey, id } = await stage.api.newProject({ name: 'healthy', endpoint: stage.app.url });
    const test = await stage.api.operator('POST', `/projects/${id}/endpoint/test`, {});
    expect(test.status).toBe(200);
    const ran = await cli.run(['check', '--env', 'prod'], env(apiKey));
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(findings(ran).map(({ mark, what }) => `${mark} ${what}`)).toEqual([
      '✔ address',
      '✔ key',
      '✔ environment',
      '✔ source',
      '✔ numbers',
    ]);
    expect(ran.stdout).toMatch(/A deployment can start\.\n$/);
  });

  test('says where nobody answers', async () => {
    const [port] = await freePorts(1);
    const ran = await cli.run(['check'], env(`SP_${'0'.repeat(32)}`, `http://127.0.0.1:${port}`));
    expect(ran.code).toBe(3);
    expect(findings(ran)).toMatchObject([{ mark: '✖', what: 'address', says: expect.stringContaining('--url') }]);
    expect(ran.stdout).toMatch(/That comes first\.\n$/);
  });

  test('says that the key is not the service’s', async () => {
    const ran = await cli.run(['check'], env(`SP_${'0'.repeat(32)}`));
    expect(ran.code).toBe(4);
    expect(findings(ran)).toMatchObject([
      { mark: '✔', what: 'address' },
      { mark: '✖', what: 'key', says: expect.stringMatching(/SEQPULSE_API_KEY/) },
    ]);
  });

  test('names the environments that the project has', async () => {
    const { apiKey } = await stage.api.newProject({ name: 'two', endpoint: stage.app.url, envs: ['live', 'stage'] });
    const ran = await cli.run(['check', '--env', 'prod'], env(apiKey));
    expect(ran.code).toBe(2);
    expect(findings(ran).at(-1)).toMatchObject({
      mark: '✖',
      what: 'environment',
      says: expect.stringMatching(/live, stage/),
    });
  });

  test('says what makes a source active', async () => {
    const { apiKey } = await stage.api.newProject({ name: 'without a source' });
    const ran = await cli.run(['check'], env(apiKey));
    expect(ran.code).toBe(2);
    expect(findings(ran).at(-1)).toMatchObject({
      mark: '✖',
      what: 'source',
      says: expect.stringMatching(/PUT \/projects/),
    });
  });

  test('tells why the numbers could not be read', async () => {
    const { apiKey, id } = await stage.api.newProject({ name: 'failing', endpoint: stage.app.url });
    stage.app.behaviour = (response) => {
      response.statusCode = 503;
      response.end();
    };
    await stage.api.operator('POST', `/projects/${id}/endpoint/test`, {});
    stage.app.behaviour = null;
    const ran = await cli.run(['check'], env(apiKey));
    expect(ran.code).toBe(2);
    expect(findings(ran).at(-1)).toMatchObject({ mark: '✖', what: 'numbers', says: expect.stringMatching(/503/) });
  });

  test('is for programs too', async () => {
    const { apiKey } = await stage.api.newProject({ name: 'for programs' });
    const ran = await cli.run(['check', '-o', 'json'], env(apiKey));
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ok: false,
      findings: expect.arrayContaining([{ what: 'address', ok: true, says: expect.any(String) }]),
    });
  });
});

describe('init', () => {
  test('makes the project, writes a file without its key, and shows what goes into this CI', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'init-'));
    try {
      writeFileSync(join(folder, '.gitlab-ci.yml'), '');
      const variables = { SEQPULSE_URL: stage.running.service.url, SEQPULSE_ADMIN_TOKEN: ADMIN_TOKEN };
      const init = ['init', '--env', 'live', '--project', 'from scratch', '--endpoint', stage.app.url];
      const ran = await runToEnd([process.execPath, cli.path, ...init], { env: variables, cwd: folder });
      expect(ran).toMatchObject({ code: 0 });
      const key = /^SEQPULSE_API_KEY=(SP_[0-9a-f]{32})$/m.exec(ran.stdout)?.[1] ?? '';
      expect(ran.stdout).toContain('seqpulse run --env live -- ./deploy.sh');
      const file = readFileSync(join(folder, 'seqpulse.json'), 'utf8');
      expect(JSON.parse(file)).toEqual({ url: stage.running.service.url, env: 'live' });
      const checked = await runToEnd([process.execPath, cli.path, 'check'], {
        env: { SEQPULSE_API_KEY: key },
        cwd: folder,
      });
      expect(checked).toMatchObject({ code: 0 });

      writeFileSync(join(folder, 'seqpulse.json'), '{"url":"http://kept.example"}');
      await runToEnd([process.execPath, cli.path, 'init', '--url', stage.running.service.url], {
        env: {},
        cwd: folder,
      });
      expect(readFileSync(join(folder, 'seqpulse.json'), 'utf8')).toBe('{"url":"http://kept.example"}');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
