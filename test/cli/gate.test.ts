import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { freePorts } from '../../harness/free-ports.ts';
import { HEALTHY } from '../../harness/observed-app.ts';
import { bundleCommandLine, type CommandLine, type Ran } from '../support/command-line.ts';
import { type Deploying, startDeploying } from '../support/deploying.ts';
import { useStage } from '../support/fixtures.ts';

const stage = useStage({
  SEQPULSE_PRE_INTERVAL_SECONDS: '0.1',
  SEQPULSE_POST_INTERVAL_SECONDS: '0.3',
  SEQPULSE_RETRY_DELAYS_SECONDS: '0.1',
});

let cli: CommandLine;
let deploying: Deploying;
let serial = 0;
beforeAll(async () => {
  cli = await bundleCommandLine();
  deploying = await startDeploying(stage);
});
afterAll(async () => {
  await deploying?.[Symbol.asyncDispose]();
  if (cli !== undefined) rmSync(cli.folder, { recursive: true });
});
beforeEach(() => {
  stage.app.metrics = HEALTHY;
});

type Project = {
  readonly SEQPULSE_URL: string;
  readonly SEQPULSE_API_KEY: string;
};

async function newProject(more: object = {}): Promise<Project> {
  serial += 1;
  const project = await stage.api.newProject({
    name: `gate ${serial}`,
    endpoint: stage.app.url,
    baseline: 'at_trigger',
    ...more,
  });
  return { SEQPULSE_URL: stage.running.service.url, SEQPULSE_API_KEY: project.apiKey };
}

const curl = (version: 'healthy' | 'broken') => ['curl', '-sf', `${deploying.url}/${version}`];

const read = async ({ SEQPULSE_API_KEY }: Project, id: string) =>
  (await stage.api.deployment(SEQPULSE_API_KEY, id)).body;
const newest = async ({ SEQPULSE_API_KEY }: Project) =>
  (await stage.api.request('GET', '/deployments?limit=1', { headers: { 'X-API-Key': SEQPULSE_API_KEY } })).body
    .items[0];

const lines = ({ stderr }: Ran, word: 'WARNING' | 'ERROR') =>
  stderr.split('\n').filter((line) => line.startsWith(`seqpulse ${word}: `));

async function awayUrl(): Promise<string> {
  return `http://127.0.0.1:${(await freePorts(1))[0]}`;
}

test('0: the gate passes a good deployment, and shows what it rests on', async () => {
  const project = await newProject();
  const ran = await cli.run(['run', '--env', 'prod', '--', ...curl('healthy')], project);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toMatch(/^deployed\nOK: gate \d+ #1 in prod\n/);
  expect(ran.stdout).toContain('p95 latency');
  expect(ran.stdout).toContain('The gate passed.');
  expect(lines(ran, 'WARNING')).toEqual([]);
});

test('1: the gate fails a bad deployment and says what got worse by how much; each --fail-on has its say', async () => {
  const project = await newProject();
  const ran = await cli.run(['run', '--', ...curl('broken')], project);
  expect(ran).toMatchObject({ code: 1 });
  expect(ran.stdout).toMatch(/Rollback recommended: gate \d+ #1 in prod/);
  expect(ran.stdout).toMatch(/120 ms.*900 ms/);
  expect(ran.stdout).toContain('The gate failed.');

  const { id } = await newest(project);
  expect(await cli.run(['wait', id, '--fail-on', 'never'], project)).toMatchObject({ code: 0 });
  expect(await cli.run(['wait', id, '--fail-on', 'attention'], project)).toMatchObject({ code: 1 });
  expect(await cli.run(['show', id], project)).toMatchObject({ code: 0, stdout: expect.stringContaining('Rollback') });
});

test('the command keeps its output and its exit code, and SeqPulse is told that it failed', async () => {
  const project = await newProject();
  const ran = await cli.run(['run', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'], project);
  expect(ran).toMatchObject({ code: 7, stdout: 'out\n' });
  expect(ran.stderr).toContain('err\n');
  expect(await newest(project)).toMatchObject({ state: 'finished', pipeline_outcome: 'failed' });
  expect(await cli.run(['run', '--', 'no-such-program'], await newProject())).toMatchObject({ code: 127 });
  expect(await cli.run(['run', '--', '/dev/null'], await newProject())).toMatchObject({ code: 126 });
  expect(await cli.run(['run', '--', 'sh', '-c', 'kill -9 $$'], await newProject())).toMatchObject({ code: 137 });
});

test('in steps: the id alone on standard output, handed on, and found by the steps that follow', async () => {
  const project = await newProject();
  const folder = mkdtempSync(join(cli.folder, 'steps-'));
  const files = { GITHUB_ENV: join(folder, 'env'), GITHUB_OUTPUT: join(folder, 'output') };
  const started = await cli.run(['start', '--dotenv', join(folder, 'dotenv'), '--version', '1.2'], {
    ...project,
    ...files,
  });
  expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
  const id = started.stdout.trim();
  for (const file of [files.GITHUB_ENV, join(folder, 'dotenv')]) {
    expect(readFileSync(file, 'utf8')).toBe(`SEQPULSE_DEPLOYMENT_ID=${id}\n`);
  }
  expect(readFileSync(files.GITHUB_OUTPUT, 'utf8')).toBe(`deployment-id=${id}\n`);

  const env = { ...project, SEQPULSE_DEPLOYMENT_ID: id };
  expect(await cli.run(['finish', '--instances-before', '2', '--instances-after', '3'], env)).toMatchObject({
    code: 0,
  });
  expect(await read(project, id)).toMatchObject({
    state: 'finished',
    version: '1.2',
    pipeline_outcome: 'success',
    instances: { before: 2, after: 3 },
  });
  expect(await cli.run(['wait'], env)).toMatchObject({ code: 0 });
  // A second finish is no fault.
  expect(await cli.run(['finish'], env)).toMatchObject({ code: 0 });
});

test('2: what was asked for is wrong; a sentence says what would be right', async () => {
  const project = await newProject();
  const wrong: [args: string[], env: Record<string, string>, says: RegExp][] = [
    [['wait', '--fail-on', 'rolback'], project, /rollback, attention, never/],
    [['wait', '--fial-on', 'never'], project, /Did you mean --fail-on\?/],
    [['wait', 'x', '--timeout', '20'], project, /20m/],
    [['start', '--limit', 'a=1'], project, /start takes no --limit/],
    [['run', './deploy.sh'], project, /Put -- before it/],
    [['wait'], project, /seqpulse start/],
    [['wait', 'x'], { SEQPULSE_API_KEY: 'k' }, /--url, SEQPULSE_URL or "url" in seqpulse.json/],
    [['wait', 'x'], { SEQPULSE_URL: project.SEQPULSE_URL }, /SEQPULSE_API_KEY/],
    [['start'], { ...project, SEQPULSE_URL: 'localhost:8000' }, /http:\/\//],
    [['start', '--env', 'staging'], project, /no environment "staging"/],
    [['wait', '00000000-0000-4000-8000-000000000000'], project, /no such deployment/],
    [['finish', '00000000-0000-4000-8000-000000000000'], project, /no such deployment/],
    [['run', '--traffic-share', '2', '--', 'touch', 'deployed'], project, /from 0 to 1/],
  ];
  for (const [args, env, says] of wrong) {
    const ran = await cli.run(args, env);
    expect([args.join(' '), ran.code]).toEqual([args.join(' '), 2]);
    expect(ran.stderr).toMatch(says);
    expect(lines(ran, 'ERROR')).toHaveLength(1);
  }
  expect(() => readFileSync(join(cli.folder, 'deployed'))).toThrow(/ENOENT/);
});

test('3: service away: 0 with one loud line by default, 3 when asked; what deploys is not held up', async () => {
  const env = { SEQPULSE_URL: await awayUrl(), SEQPULSE_API_KEY: 'SP_x' };
  const ran = await cli.run(['run', '--retry-for', '0s', '--', 'echo', 'deployed'], env);
  expect(ran).toMatchObject({ code: 0, stdout: 'deployed\n' });
  expect(lines(ran, 'WARNING')).toEqual([expect.stringMatching(/SeqPulse is away: .*ECONNREFUSED.*NOT CHECKED/)]);

  const strict = ['--retry-for', '0s', '--on-unavailable', 'fail'];
  const refused = await cli.run(['run', ...strict, '--', 'touch', 'never'], env);
  expect(refused).toMatchObject({ code: 3, stdout: '' });
  expect(() => readFileSync(join(cli.folder, 'never'))).toThrow(/ENOENT/);
  expect(await cli.run(['start', ...strict], env)).toMatchObject({ code: 3 });
  expect(await cli.run(['finish', 'x', ...strict], env)).toMatchObject({ code: 3 });
  expect(await cli.run(['wait', 'x', ...strict], env)).toMatchObject({ code: 3 });
  expect(await cli.run(['show', 'x'], env)).toMatchObject({ code: 3 });
});

test('3: in steps, the later ones know that nothing is watched', async () => {
  const githubEnv = join(cli.folder, 'away-env');
  const away = { SEQPULSE_URL: await awayUrl(), SEQPULSE_API_KEY: 'SP_x' };
  const started = await cli.run(['start', '--retry-for', '0s'], { ...away, GITHUB_ENV: githubEnv });
  expect(started).toMatchObject({ code: 0, stdout: '' });
  expect(readFileSync(githubEnv, 'utf8')).toBe('SEQPULSE_DEPLOYMENT_ID=unwatched\n');
  for (const id of ['unwatched', '']) {
    for (const command of ['finish', 'wait']) {
      const passed = await cli.run([command], { ...away, SEQPULSE_DEPLOYMENT_ID: id });
      expect(passed).toMatchObject({ code: 0, stdout: '' });
      expect(lines(passed, 'WARNING')).toHaveLength(1);
      const failed = await cli.run([command, '--on-unavailable', 'fail'], { ...away, SEQPULSE_DEPLOYMENT_ID: id });
      expect(failed).toMatchObject({ code: 3 });
    }
  }
});

test('3: no verdict in time, and none that will come', async () => {
  const project = await newProject();
  const id = (await cli.run(['start'], project)).stdout.trim();
  const late = await cli.run(['wait', id, '--timeout', '1s'], project);
  expect(late).toMatchObject({ code: 0 });
  expect(lines(late, 'WARNING')).toEqual([expect.stringMatching(/no verdict within 1 s\. NOT CHECKED/)]);
  const strict = await cli.run(['wait', id, '--timeout', '1s', '--on-unavailable', 'fail'], project);
  expect(strict).toMatchObject({ code: 3 });
  await cli.run(['start', '--supersede'], project);
  const abandoned = await cli.run(['wait', id, '--on-unavailable', 'fail'], project);
  expect(abandoned).toMatchObject({ code: 3, stderr: expect.stringContaining('took its place') });
});

test('4: what SeqPulse refuses is never swallowed: 401, 423, 409', async () => {
  const project = await newProject();
  const wrongKey = { ...project, SEQPULSE_API_KEY: `SP_${'0'.repeat(32)}` };
  const pass = ['--on-unavailable', 'pass'];
  const started = await cli.run(['start', ...pass], wrongKey);
  expect(started).toMatchObject({ code: 4, stdout: '' });
  expect(lines(started, 'ERROR')).toHaveLength(1);
  expect(started.stderr).not.toContain(wrongKey.SEQPULSE_API_KEY);
  expect(await cli.run(['run', ...pass, '--', 'touch', 'never'], wrongKey)).toMatchObject({ code: 4 });
  expect(() => readFileSync(join(cli.folder, 'never'))).toThrow(/ENOENT/);
  expect(await cli.run(['wait', 'x', ...pass], wrongKey)).toMatchObject({ code: 4 });

  const blocked = await newProject({ endpoint: undefined });
  expect(await cli.run(['start', ...pass], blocked)).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/no active source/),
  });
  const id = (await cli.run(['start'], project)).stdout.trim();
  expect(await cli.run(['feedback', id, '--right'], project)).toMatchObject({ code: 4 });
});

test('somebody else’s running deployment is not taken for one’s own, nor ended; one’s own is found again', async () => {
  const project = await newProject();
  const github = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '1', GITHUB_JOB: 'deploy' };
  const first = await cli.run(['start'], { ...project, ...github });
  const again = await cli.run(['start'], { ...project, ...github });
  expect(again.stdout).toBe(first.stdout);

  const other = await cli.run(['run', '--', 'echo', 'deployed'], { ...project, ...github, GITHUB_RUN_ATTEMPT: '2' });
  expect(other).toMatchObject({ code: 0, stdout: 'deployed\n' });
  expect(other.stderr).toMatch(/^::warning title=SeqPulse::nothing is watched: A deployment is already running/m);
  expect(await read(project, first.stdout.trim())).toMatchObject({ state: 'running' });
  const strict = await cli.run(['start', '--on-unavailable', 'fail'], project);
  expect(strict).toMatchObject({ code: 3, stdout: '' });
});

test('too little data passes, and fails when asked', async () => {
  const project = await newProject();
  stage.app.behaviour = (response) => response.writeHead(500).end();
  try {
    const ran = await cli.run(['run', '--', 'true'], project);
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Not enough data') });
    const { id } = await newest(project);
    expect(await cli.run(['wait', id, '--on-insufficient', 'fail'], project)).toMatchObject({ code: 1 });
  } finally {
    stage.app.behaviour = null;
  }
});

test('json, junit and markdown, to standard output or to a file beside the log', async () => {
  const project = await newProject();
  await cli.run(['run', '--', ...curl('broken')], project);
  const { id } = await newest(project);
  const json = await cli.run(['wait', id, '-o', 'json'], project);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    gate: { outcome: 'failed', exit_code: 1, reason: expect.stringContaining('p95 latency') },
    deployment: { id, verdict: { verdict: 'rollback_recommended' } },
  });
  const file = join(cli.folder, 'seqpulse.xml');
  const junit = await cli.run(['wait', id, '-o', 'junit', '--report-file', file], project);
  expect(junit.stdout).toContain('The gate failed.');
  const xml = readFileSync(file, 'utf8');
  expect(xml).toMatch(/<testsuites tests="6" failures="3" errors="0" skipped="0">/);
  expect(xml).toContain('<testcase classname="seqpulse" name="p95 latency" time="0"><failure message=');
  // What to look at first, as the report says it: each hint is a line under the sentence.
  const { hints, summary } = JSON.parse(json.stdout).deployment.verdict;
  expect(hints.length).toBeGreaterThan(0);
  const said = [summary, ...hints.map(({ text }: { text: string }) => text)].join('\n');
  expect(xml).toContain(`type="seqpulse">${said.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</failure>`);
  const markdown = await cli.run(['show', id, '-o', 'markdown'], project);
  expect(markdown.stdout).toMatch(/^### ✖ Rollback recommended/);
  expect(await cli.run(['list', '--verdict', 'rollback_recommended'], project)).toMatchObject({
    stdout: expect.stringMatching(/^#1 +prod +Rollback .*p95 latency.*[0-9a-f-]{36}\n$/),
  });
  const again = await cli.run(['rejudge', id, '--limit', 'latency_p95_growth=5'], project);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing is stored') });
  expect(await cli.run(['feedback', id, '--wrong', '--note', 'cold'], project)).toMatchObject({ code: 0 });
  expect((await read(project, id)).feedback).toMatchObject({ correct: false, note: 'cold' });
});

test('flag over environment over file; a key in a file that others may read is refused', async () => {
  const project = await newProject();
  const config = join(cli.folder, 'own.json');
  const dead = await awayUrl();
  writeFileSync(config, JSON.stringify({ url: project.SEQPULSE_URL, key: project.SEQPULSE_API_KEY }), { mode: 0o600 });
  expect(await cli.run(['list', '--config', config])).toMatchObject({ code: 0 });
  expect(await cli.run(['list', '--config', config], { SEQPULSE_URL: dead })).toMatchObject({ code: 3 });
  const url = ['--url', project.SEQPULSE_URL];
  expect(await cli.run(['list', ...url, '--config', config], { SEQPULSE_URL: dead })).toMatchObject({ code: 0 });

  const open = join(cli.folder, 'open.json');
  writeFileSync(open, JSON.stringify({ key: 'SP_x' }), { mode: 0o644 });
  expect(await cli.run(['list', ...url, '--config', open])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/chmod 600/),
  });
  writeFileSync(open, JSON.stringify({ urll: 'x' }));
  expect(await cli.run(['list', '--config', open])).toMatchObject({ code: 2, stderr: expect.stringMatching(/urll/) });
});
