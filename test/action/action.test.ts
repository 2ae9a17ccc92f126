import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { freePorts } from '../../harness/free-ports.ts';
import { HEALTHY } from '../../harness/observed-app.ts';
import { type Ran, runToEnd } from '../support/command-line.ts';
import { type Deploying, startDeploying } from '../support/deploying.ts';
import { useStage } from '../support/fixtures.ts';
import { type StandInGithub, startGithub } from '../support/github.ts';

const stage = useStage({
  SEQPULSE_PRE_INTERVAL_SECONDS: '0.1',
  SEQPULSE_POST_INTERVAL_SECONDS: '0.3',
  SEQPULSE_RETRY_DELAYS_SECONDS: '0.1',
});
const action = parse(readFileSync('action/action.yml', 'utf8')) as {
  readonly inputs: Record<string, { readonly default?: string }>;
  readonly outputs: Record<string, object>;
  readonly runs: { readonly using: string; readonly main: string; readonly post: string };
};

let deploying: Deploying;
let github: StandInGithub;
let folder: string;
let serial = 0;
beforeAll(async () => {
  deploying = await startDeploying(stage);
  github = await startGithub();
  folder = mkdtempSync(join(tmpdir(), 'action-'));
});
afterAll(async () => {
  await deploying?.[Symbol.asyncDispose]();
  await github?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  stage.app.metrics = HEALTHY;
  github.comments.length = 0;
  github.asked.length = 0;
  github.refuses = false;
});

interface Step extends Ran {
  readonly outputs: Record<string, string>;
  readonly state: Record<string, string>;
  readonly env: Record<string, string>;
  readonly summary: string;
}

/** Both spellings of the runner's files: `name=value` and `name<<delimiter`. */
function readValues(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    const long = /^([^=]+?)<<(.+)$/.exec(line);
    const short = /^([^=]+)=(.*)$/.exec(line);
    if (long !== null) {
      const end = lines.indexOf(long[2] ?? '');
      values[long[1] ?? ''] = lines
        .splice(0, end + 1)
        .slice(0, -1)
        .join('\n');
    } else if (short !== null) values[short[1] ?? ''] = short[2] ?? '';
  }
  return values;
}

/** Runs the action's file as GitHub's runner does: inputs with their defaults, the runner's files, nothing else. */
async function runStep(
  inputs: Readonly<Record<string, string>>,
  more: { jobStatus?: string; env?: Record<string, string>; state?: Record<string, string> } = {},
): Promise<Step> {
  serial += 1;
  const expressions: Record<string, string> = {
    '${{ job.status }}': more.jobStatus ?? 'success',
    '${{ github.token }}': 'ghs_token',
  };
  const given = Object.fromEntries(
    Object.entries(action.inputs).map(([name, { default: usual = '' }]) => {
      const value = inputs[name] ?? expressions[usual] ?? usual;
      return [`INPUT_${name.toUpperCase()}`, value];
    }),
  );
  const unknown = Object.keys(inputs).filter((name) => !(name in action.inputs));
  if (unknown.length > 0) throw new Error(`action.yml has no ${unknown}`);
  const files = { GITHUB_OUTPUT: 'output', GITHUB_STATE: 'state', GITHUB_ENV: 'env', GITHUB_STEP_SUMMARY: 'summary' };
  const paths = Object.fromEntries(
    Object.entries(files).map(([variable, name]) => {
      const path = join(folder, `${name}-${serial}`);
      writeFileSync(path, '');
      return [variable, path];
    }),
  );
  const ran = await runToEnd([process.execPath, resolve('action', action.runs.main)], {
    cwd: folder,
    env: {
      ...given,
      ...paths,
      GITHUB_ACTIONS: 'true',
      CI: 'true',
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: 'o/r',
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_SHA: '3f786850e387550fdab836ed7e6dc881de23001b',
      GITHUB_REF_NAME: 'main',
      GITHUB_RUN_ID: String(serial),
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_JOB: 'deploy',
      RUNNER_TEMP: folder,
      ...Object.fromEntries(Object.entries(more.state ?? {}).map(([name, value]) => [`STATE_${name}`, value])),
      ...more.env,
    },
  });
  const text = (variable: string) => readFileSync(paths[variable] ?? '', 'utf8');
  return {
    ...ran,
    outputs: readValues(text('GITHUB_OUTPUT')),
    state: readValues(text('GITHUB_STATE')),
    env: readValues(text('GITHUB_ENV')),
    summary: text('GITHUB_STEP_SUMMARY'),
  };
}

async function newProject() {
  serial += 1;
  const { apiKey } = await stage.api.newProject({
    name: `action ${serial}`,
    endpoint: stage.app.url,
    baseline: 'at_trigger',
  });
  return { url: stage.running.service.url, 'api-key': apiKey };
}

const read = async (key: string, id: string) => (await stage.api.deployment(key, id)).body;
const script = (version: string) => `set -u\necho first\ncurl -sf ${deploying.url}/${version}\n`;

test('a good deployment passes: outputs, a notice, the report in the summary, no comment', async () => {
  const project = await newProject();
  const step = await runStep({ ...project, run: script('healthy') });
  expect(step).toMatchObject({ code: 0, stdout: expect.stringContaining('first\ndeployed\n') });
  expect(step.stdout).toContain(`::add-mask::${project['api-key']}`);
  expect(Object.keys(step.outputs).sort()).toEqual(Object.keys(action.outputs).sort());
  expect(step.outputs).toMatchObject({ verdict: 'ok', 'failed-metrics': '[]' });
  expect(JSON.parse(step.outputs.json ?? '')).toMatchObject({ id: step.outputs['deployment-id'], branch: 'main' });
  expect(step.summary).toMatch(/^### ✔ OK/);
  expect(step.stderr).toMatch(/^::notice title=/m);
  expect(github.comments).toEqual([]);
});

test('a bad deployment fails the job: an error that says by how much, one comment that is kept up to date', async () => {
  const project = await newProject();
  github.comments.push(...Array.from({ length: 130 }, (_, id) => ({ id: id + 1, body: 'looks good' })));
  const failed = await runStep({ ...project, run: script('broken') });
  expect(failed.code).toBe(1);
  expect(failed.outputs).toMatchObject({ verdict: 'rollback_recommended' });
  expect(JSON.parse(failed.outputs['failed-metrics'] ?? '')).toContain('latency_p95');
  expect(failed.stderr).toMatch(
    /^::error title=SeqPulse%3A action \d+ #1 in prod::.*p95 latency rose from 120 ms to 900 ms/m,
  );
  expect(failed.summary).toMatch(/Rollback recommended[\s\S]*\| \*\*✖ p95 latency\*\* \| \*\*120 ms → 900 ms\*\*/);
  expect(github.comments).toHaveLength(131);
  expect(github.comments.at(-1)?.body).toMatch(/^<!-- seqpulse action%20\d+\/prod -->\n### ✖ Rollback recommended/);

  stage.app.metrics = HEALTHY;
  const mended = await runStep({ ...project, run: script('healthy') });
  expect(mended.code).toBe(0);
  expect(github.comments).toHaveLength(131);
  expect(github.comments.at(-1)?.body).toMatch(/^<!-- seqpulse action%20\d+\/prod -->\n### ✔ OK/);
});

test('a script that fails fails the step with its code; bash is as strict as the runner’s', async () => {
  const project = await newProject();
  const step = await runStep({ ...project, run: 'false | true\necho never' });
  expect(step).toMatchObject({ code: 1, stdout: expect.not.stringContaining('never') });
  const id = step.outputs['deployment-id'] ?? '';
  expect(await read(project['api-key'], id)).toMatchObject({ state: 'finished', pipeline_outcome: 'failed' });
});

test('in steps: start, finish and wait find the deployment by themselves; the post step leaves it alone', async () => {
  const project = await newProject();
  const started = await runStep({ ...project, command: 'start' });
  const id = started.outputs['deployment-id'] ?? '';
  expect(started).toMatchObject({
    code: 0,
    env: { SEQPULSE_DEPLOYMENT_ID: id },
    state: { isPost: 'true', deploymentId: id },
  });
  const finished = await runStep({ ...project, command: 'finish' }, { env: started.env });
  expect(finished.code).toBe(0);
  const waited = await runStep(
    { ...project, command: 'wait', summary: 'false', comment: 'true' },
    { env: started.env },
  );
  expect(waited).toMatchObject({ code: 0, summary: '', outputs: { 'deployment-id': id } });
  expect(github.comments).toHaveLength(1);
  const post = await runStep({ ...project, command: 'start' }, { jobStatus: 'failure', state: started.state });
  expect(post).toMatchObject({ code: 0, stdout: '' });
  expect(await read(project['api-key'], id)).toMatchObject({ state: 'analyzed', pipeline_outcome: 'success' });
});

test.each(['failure', 'cancelled'])(
  'the post step finishes the deployment of a job that died: %s',
  async (jobStatus) => {
    const project = await newProject();
    const started = await runStep({ ...project, command: 'start' });
    const id = started.outputs['deployment-id'] ?? '';
    const post = await runStep({ ...project, command: 'start' }, { jobStatus, state: started.state });
    expect(post).toMatchObject({ code: 0, stdout: expect.stringContaining(`finished as ${jobStatus}`) });
    expect(await read(project['api-key'], id)).toMatchObject({ state: 'finished', pipeline_outcome: jobStatus });
  },
);

test('a job that went well may hand its deployment on to another one', async () => {
  const project = await newProject();
  const started = await runStep({ ...project, command: 'start' });
  await runStep({ ...project, command: 'start' }, { jobStatus: 'success', state: started.state });
  const id = started.outputs['deployment-id'] ?? '';
  expect(await read(project['api-key'], id)).toMatchObject({ state: 'running' });
  const elsewhere = await runStep({ ...project, command: 'finish', 'deployment-id': id });
  expect(elsewhere.code).toBe(0);
  expect(await read(project['api-key'], id)).toMatchObject({ state: 'finished' });
});

test('SeqPulse away: the job passes with one warning, and fails when asked; a wrong key is never swallowed', async () => {
  const project = await newProject();
  const away = {
    ...project,
    url: `http://127.0.0.1:${(await freePorts(1))[0]}`,
    command: 'wait',
    'deployment-id': 'x',
  };
  const passed = await runStep({ ...away, 'timeout-minutes': '0.01' });
  expect(passed.code).toBe(0);
  expect(passed.stderr.match(/^::warning /gm)).toHaveLength(1);
  expect(passed.outputs).toMatchObject({ verdict: '', summary: expect.stringContaining('away') });
  expect(await runStep({ ...away, 'timeout-minutes': '0.01', 'on-unavailable': 'fail' })).toMatchObject({ code: 3 });
  const wrong = await runStep({ ...project, 'api-key': `SP_${'0'.repeat(32)}`, run: 'echo deployed' });
  expect(wrong).toMatchObject({ code: 4, stdout: expect.not.stringContaining('deployed') });
});

test('a token that may not comment is said, and fails nothing', async () => {
  github.refuses = true;
  const project = await newProject();
  const step = await runStep({ ...project, run: script('healthy'), comment: 'true' });
  expect(step).toMatchObject({ code: 0, stderr: expect.stringContaining('pull-requests: write') });
});

test('inputs that can’t be are said', async () => {
  const project = await newProject();
  for (const [inputs, says] of [
    [{ ...project, run: '' }, /needs the script/],
    [{ ...project, run: 'x', 'fail-on': 'rolback' }, /rollback, attention, never/],
    [{ ...project, run: 'x', 'api-key': '' }, /api-key is empty/],
  ] as const) {
    const step = await runStep(inputs);
    expect([step.code, step.stdout]).toEqual([2, expect.stringMatching(says)]);
  }
});

test('action.yml names what runs, and has at most 14 inputs', () => {
  expect(action.runs).toMatchObject({ using: 'node24', main: 'dist/index.js', post: 'dist/index.js' });
  expect(Object.keys(action.inputs).length).toBeLessThanOrEqual(14);
});
