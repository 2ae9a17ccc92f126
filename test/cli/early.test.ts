import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { BROKEN, HEALTHY } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import { bundleCommandLine, type CommandLine } from '../support/command-line.ts';
import { useClockedStage } from '../support/fixtures.ts';
import { createStory, type Finished, type Started } from '../support/story.ts';

const stage = useClockedStage();
const story = createStory(stage);

let cli: CommandLine;
beforeAll(async () => {
  cli = await bundleCommandLine();
});
afterAll(() => {
  if (cli !== undefined) rmSync(cli.folder, { recursive: true });
});
beforeEach(() => {
  stage.app.metrics = HEALTHY;
});

const run = async ({ apiKey, id }: Started, ...args: string[]) =>
  await cli.run(['wait', id, ...args], { SEQPULSE_URL: stage.running.service.url, SEQPULSE_API_KEY: apiKey });

/** Grave errors in the first two of fifteen samples, which a rollback is recommended on. */
async function gone(): Promise<Finished> {
  const finished = await story.finished({ observation_window_minutes: 15 });
  stage.app.metrics = BROKEN;
  await story.until(finished, 70);
  return finished;
}

/** Whether a request of the command line waits for the end, which the clock alone does not bring about. */
const waits = async (): Promise<boolean> => stage.running.logged.some(({ route }) => route === '/deployments/{id}');

test('the gate fails at once at an early rollback, and says that it is early and what it rests on', async () => {
  const deployment = await gone();
  const ran = await run(deployment);
  expect(ran).toMatchObject({ code: 1 });
  expect(ran.stdout).toMatch(/^Rollback recommended: .* #1 in prod\n\nErrors rose from 0\.2 % to 20\.0 %/);
  expect(ran.stdout).toContain(
    'A rollback was recommended early, 1 min after finish: observation goes on, and the verdict confirms or withdraws it.',
  );
  expect(ran.stdout).toContain('✖ Error rate');
  // What an early look does not ask is no finding of it.
  expect(ran.stdout).not.toMatch(/CPU|not judged/);
  expect(ran.stdout).toContain('The gate failed. It did not wait for the end of the observation; --final does.');
  expect(await story.read(deployment)).toMatchObject({ state: 'finished', verdict: null });
});

test('every form tells of it', async () => {
  const deployment = await gone();
  const markdown = await run(deployment, '-o', 'markdown');
  expect(markdown).toMatchObject({ code: 1, stdout: expect.stringContaining('### ✖ Rollback recommended: ') });
  expect(markdown.stdout).toContain('observation goes on');
  const junit = await run(deployment, '-o', 'junit');
  expect(junit.stdout).toContain('tests="2" failures="2" errors="0" skipped="0"');
  expect(junit.stdout).toContain('Early, on 2 of 15 samples: ');
  const json = JSON.parse((await run(deployment, '-o', 'json')).stdout);
  expect(json).toMatchObject({
    gate: { outcome: 'failed', exit_code: 1, reason: expect.stringMatching(/^Early, on 2 of 15 samples: /) },
    deployment: { verdict: null, preliminary: { verdict: 'rollback_recommended' } },
  });
});

test.each([['--final'], ['--fail-on', 'never']])('%s waits for the verdict, which may withdraw it', async (...args) => {
  const deployment = await gone();
  stage.app.metrics = HEALTHY;
  const running = run(deployment, ...args.filter((word) => word !== undefined));
  await until('it has asked', 30, waits);
  await story.until(deployment, 901);
  const ran = await running;
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toContain('A rollback was recommended early, 1 min after finish; the verdict withdraws it.');
  expect(ran.stdout).toContain('The gate passed.');
});
