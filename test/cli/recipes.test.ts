import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { HEALTHY } from '../../harness/observed-app.ts';
import { bundleCommandLine, type CommandLine, runToEnd } from '../support/command-line.ts';
import { type Deploying, startDeploying } from '../support/deploying.ts';
import { useStage } from '../support/fixtures.ts';

const stage = useStage({ SEQPULSE_PRE_INTERVAL_SECONDS: '0.1', SEQPULSE_POST_INTERVAL_SECONDS: '0.3' });
const read = (name: string) => readFileSync(`deploy/ci/${name}`, 'utf8');

let cli: CommandLine;
let deploying: Deploying;
let serial = 0;
beforeAll(async () => {
  cli = await bundleCommandLine();
  deploying = await startDeploying(stage);
  writeFileSync(join(cli.folder, 'npm'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(cli.folder, 'seqpulse'), `#!/bin/sh\nexec "${process.execPath}" "${cli.path}" "$@"\n`, {
    mode: 0o755,
  });
  symlinkSync(join(cli.folder, 'npm'), join(cli.folder, 'sudo'));
});
afterAll(async () => {
  await deploying?.[Symbol.asyncDispose]();
  rmSync(cli.folder, { recursive: true });
});
beforeEach(() => {
  stage.app.metrics = HEALTHY;
  rmSync(join(cli.folder, 'seqpulse.env'), { force: true });
});

type Variables = Readonly<Record<string, string>>;

async function project(): Promise<Variables> {
  serial += 1;
  const { apiKey } = await stage.api.newProject({
    name: `recipe ${serial}`,
    endpoint: stage.app.url,
    baseline: 'at_trigger',
  });
  return {
    SEQPULSE_URL: stage.running.service.url,
    SEQPULSE_API_KEY: apiKey,
    SEQPULSE_CLI: 'seqpulse-cli.tgz',
    PATH: `${cli.folder}:${process.env.PATH}`,
  };
}

function deployScript(version: 'healthy' | 'broken'): void {
  writeFileSync(join(cli.folder, 'deploy.sh'), `#!/bin/sh\ncurl -sf ${deploying.url}/${version}\n`, { mode: 0o755 });
}

/** As a runner does: the lines of a step in one shell that stops at the first fault. */
const shell = async (lines: readonly string[], env: Variables) =>
  await runToEnd(['bash', '-e', '-c', lines.join('\n')], { env, cwd: cli.folder });

test.each([
  ['healthy', 0],
  ['broken', 1],
] as const)('GitLab, CircleCI, Jenkins: a %s deployment ends the job with %i', async (version, code) => {
  deployScript(version);
  const gitlab = parse(read('gitlab.yml'));
  const env = { ...(await project()), GITLAB_CI: 'true', CI_JOB_ID: '41', CI_COMMIT_REF_NAME: 'main' };
  expect(await shell(gitlab.deploy.script, env)).toMatchObject({ code: 0 });
  expect(await shell(gitlab.deploy.after_script, { ...env, CI_JOB_STATUS: 'success' })).toMatchObject({ code: 0 });
  const dotenv = Object.fromEntries(
    readFileSync(join(cli.folder, gitlab.deploy.artifacts.reports.dotenv), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );
  expect(await shell(gitlab.verdict.script, { ...env, ...dotenv })).toMatchObject({ code });
  expect(readFileSync(join(cli.folder, gitlab.verdict.artifacts.reports.junit), 'utf8')).toContain('<testsuite ');

  stage.app.metrics = HEALTHY;
  const circle = parse(read('circleci.yml'));
  const steps = circle.jobs.deploy.steps.flatMap((step: { run?: string }) => step.run ?? []);
  expect(await shell(steps, await project())).toMatchObject({ code });

  stage.app.metrics = HEALTHY;
  const step = /sh '(.+)'/.exec(read('Jenkinsfile'))?.[1] ?? '';
  expect(await shell([step], await project())).toMatchObject({ code });
});

test('Flagger: the gate promotes a good one, and a bad one is rolled back', async () => {
  const hooks = parse(read('flagger.yaml')).spec.analysis.webhooks as { type: string; metadata: { cmd: string } }[];
  const command = (type: string) =>
    (hooks.find((hook) => hook.type === type)?.metadata.cmd ?? '').replaceAll('/tmp/', `${cli.folder}/`);
  for (const version of ['healthy', 'broken'] as const) {
    deployScript(version);
    stage.app.metrics = HEALTHY;
    const env = await project();
    expect(await shell([command('confirm-rollout')], env)).toMatchObject({ code: 0 });
    expect(await shell([`./deploy.sh`], env)).toMatchObject({ code: 0 });
    const promoted = await shell([command('confirm-promotion')], env);
    expect(promoted.code).toBe(version === 'healthy' ? 0 : 1);
    // Not `-e`: the hook looks at an exit code.
    const rolledBack = await runToEnd(['bash', '-c', command('rollback')], { env, cwd: cli.folder });
    expect(rolledBack.code).toBe(version === 'healthy' ? 1 : 0);
  }
});

test('Argo Rollouts: the web provider asks for what the service answers', async () => {
  const [metric] = parse(read('argo-rollouts.yaml')).spec.metrics;
  deployScript('broken');
  const env = await project();
  await shell(['seqpulse run -- ./deploy.sh || true'], env);
  const headers = { 'X-API-Key': env.SEQPULSE_API_KEY ?? '' };
  const { items } = (await stage.api.request('GET', '/deployments', { headers })).body;
  const url = metric.provider.web.url
    .replace('https://seqpulse.example.com', '')
    .replace('{{args.deployment-id}}', items[0].id);
  const result = (await stage.api.request('GET', url, { headers })).body;
  const holds = (condition: string) => new Function('result', `return ${condition}`)(result) as boolean;
  expect([holds(metric.successCondition), holds(metric.failureCondition)]).toEqual([false, true]);
  expect(metric.provider.web.headers[0].key).toBe('X-API-Key');
});

test('GitHub: the recipe gives the Action inputs that it has, in at most six lines', () => {
  const step = parse(read('github.yml')).jobs.deploy.steps[1];
  const inputs = Object.keys(parse(readFileSync('action/action.yml', 'utf8')).inputs);
  expect(inputs).toEqual(expect.arrayContaining(Object.keys(step.with)));
  expect(1 + 1 + Object.keys(step.with).length).toBeLessThanOrEqual(6);
});
