import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { freePorts } from '../../harness/free-ports.ts';
import { openStage, type Stage } from '../support/stage.ts';

interface Step {
  readonly name: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run: string;
}

let stage: Stage;
let folder: string;
let start: Step;
let end: Step;
let serial = 0;
beforeAll(async () => {
  stage = await openStage();
  folder = await mkdtemp(join(tmpdir(), 'seqpulse-recipe-'));
  const readme = await readFile('README.md', 'utf8');
  const section = readme.slice(readme.indexOf('### In a CI'));
  const steps = parse(/```yaml\n([\s\S]*?)```/.exec(section)?.[1] ?? '') as Step[];
  [start, , end] = steps as [Step, Step, Step];
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await stage[Symbol.asyncDispose]();
});

interface Ran {
  readonly code: number;
  readonly log: string;
  readonly id: string | undefined;
}

/** As GitHub's runner does: `bash -e`, the step's own environment with its expressions replaced. */
async function run(step: Step, env: Readonly<Record<string, string>>): Promise<Ran> {
  serial += 1;
  const script = join(folder, `step-${serial}.sh`);
  const githubEnv = join(folder, `env-${serial}`);
  await writeFile(script, step.run);
  await writeFile(githubEnv, '');
  const own = Object.fromEntries(
    Object.entries(step.env ?? {}).map(([name, value]) => [
      name,
      value.replace(/\$\{\{ (\S+) \}\}/g, (_, expression: string) => {
        const known = env[expression];
        if (known === undefined) throw new Error(`the recipe uses ${expression}`);
        return known;
      }),
    ]),
  );
  const { code, log } = await new Promise<{ code: number; log: string }>((resolve) => {
    const child = execFile(
      'bash',
      ['-e', script],
      { env: { PATH: process.env.PATH, ...env, ...own, GITHUB_ENV: githubEnv }, cwd: folder },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : (child.exitCode ?? 1), log: stdout + stderr }),
    );
  });
  const id = /^SEQPULSE_ID=(.+)$/m.exec(await readFile(githubEnv, 'utf8'))?.[1];
  return { code, log, id };
}

const github = (branch: string, apiKey: string, url = stage.running.service.url) => ({
  SEQPULSE_URL: url,
  'secrets.SEQPULSE_KEY': apiKey,
  GITHUB_REF_NAME: branch,
  GITHUB_SHA: '3f786850e387550fdab836ed7e6dc881de23001b',
  GITHUB_ACTOR: 'renovate[bot]',
  GITHUB_RUN_ID: '7',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_JOB: 'deploy',
});

test.each([
  'main',
  'fix/"quoted"-name',
  "it's",
  'back\\slash',
  '$(touch pwned)',
  '`touch pwned`',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours.
  '${IFS}$HOME',
  "'; touch pwned; '",
  '"}, "env": "other',
  '@file',
  '-n',
  'per%cent%0Aline',
  'ünï/çødé/🚀',
  '🚀'.repeat(60),
  'long/'.repeat(100),
  '!history',
  'a&b|c;d<e>f',
  '#17/merge',
])('the recipe’s steps have a deployment of branch %s watched', async (branch) => {
  const project = await stage.api.newProject({
    name: `recipe ${[...branch].slice(0, 50).join('')}`,
    endpoint: stage.app.url,
  });
  const started = await run(start, github(branch, project.apiKey));
  expect(started).toMatchObject({ code: 0, id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  const id = started.id as string;
  expect((await stage.api.deployment(project.apiKey, id)).body).toMatchObject({
    branch: [...branch].slice(0, 127).join(''),
    env: 'prod',
    commit_sha: '3f786850e387550fdab836ed7e6dc881de23001b',
    actor: 'renovate[bot]',
  });
  expect(started.log).toContain('"status":"created"');
  const ended = await run(end, { ...github(branch, project.apiKey), SEQPULSE_ID: id, 'job.status': 'cancelled' });
  expect(ended.code).toBe(0);
  expect(ended.log).toContain('"status":"accepted"');
  const { body } = await stage.api.deployment(project.apiKey, id);
  expect(body).toMatchObject({ state: 'finished', pipeline_outcome: 'cancelled' });
  await expect(readFile(join(folder, 'pwned'))).rejects.toThrow(/ENOENT/);
});

test.each([
  ['SeqPulse is away', async () => ({ url: `http://127.0.0.1:${(await freePorts(1))[0]}` }), /curl: \(7\)/],
  ['the key is wrong', async () => ({ apiKey: `SP_${'0'.repeat(32)}` }), /401.*UNAUTHORIZED/],
  ['the address is somebody else’s', async () => ({ url: stage.app.url }), /\S/],
])('when %s the steps do not fail, and say it in the log', async (_, difference, reason) => {
  const project = await stage.api.newProject({ name: `away ${serial}`, endpoint: stage.app.url });
  const { url, apiKey } = { url: undefined, apiKey: undefined, ...(await difference()) };
  const env = github('main', apiKey ?? project.apiKey, url);
  const started = await run(start, env);
  expect(started).toMatchObject({ code: 0, id: undefined });
  expect(started.log).toMatch(/^::warning::SeqPulse does not watch this deployment: /);
  expect(started.log).toMatch(reason);
  expect(started.log.trim().split('\n')).toHaveLength(1);
  const id = '00000000-0000-4000-8000-000000000000';
  const ended = await run(end, { ...env, SEQPULSE_ID: id, 'job.status': 'failure' });
  expect(ended.code).toBe(0);
});

test('a run that finds another one’s deployment says whose it is', async () => {
  const project = await stage.api.newProject({ name: 'rivals', endpoint: stage.app.url });
  await run(start, github('first', project.apiKey));
  const second = await run(start, { ...github('second', project.apiKey), GITHUB_RUN_ID: '8' });
  expect(second.log).toMatch(/"existing".*Deployment 1 of branch .*first/);
});

test('the second step runs whenever the first was told of a deployment, also after a failure', () => {
  expect(end.if).toBe("always() && env.SEQPULSE_ID != ''");
});
