import { expect, test } from 'vitest';
import { type StartedProgram, startProgram } from '../../support/started-program.ts';

/** Runs of the tests' own set-up in processes of their own, ended in every way; afterwards nothing of them is there. */
const FIXTURES = 'test/harness/ownership/fixtures';
const run = (fixture: string) =>
  startProgram(['npx', 'vitest', 'run', '--config', `${FIXTURES}/vitest.config.ts`, fixture]);
const serves = (program: StartedProgram) => program.processes().some(({ command }) => command === 'sleep 86400');

const ENDS: Record<string, (program: StartedProgram) => void> = {
  'Ctrl-C': (program) => program.signalGroup('SIGINT'),
  'a supervisor’s SIGTERM': (program) => program.signal('SIGTERM'),
  'a terminal that is closed': (program) => program.signalGroup('SIGHUP'),
  'kill -9 of all that share its process group': (program) => program.signalGroup('SIGKILL'),
};

test.for(Object.entries(ENDS))('a run that %s ends leaves nothing', async ([, end]) => {
  await using program = run('holds');
  await program.reaches('a service', () => serves(program));
  end(program);
  expect(await program.exited).not.toBe(0);
  await program.nothingLeft();
});

test.for(['SIGINT', 'SIGTERM'] as const)('a run that %s ends says so', async (signal) => {
  await using program = run('holds');
  await program.reaches('a service', () => serves(program));
  program.signalGroup(signal);
  await program.exited;
  expect(program.output()).toContain(`${signal}: ending what the tests have started`);
  await program.nothingLeft();
});

test('a run that is ended while its database is being made leaves nothing', async () => {
  await using program = run('holds');
  await program.reaches('initdb', () => program.processes().some(({ command }) => command.includes('initdb')));
  program.signalGroup('SIGINT');
  await program.nothingLeft();
});

test.for([1, 2])('Ctrl-C pressed %i× in a terminal ends the run and leaves nothing', async (times) => {
  await using program = startProgram([
    ...['script', '--quiet', '--flush', '--return', '--command'],
    `npx vitest run --config ${FIXTURES}/vitest.config.ts holds`,
    '/dev/null',
  ]);
  await program.reaches('a service', () => serves(program));
  program.type('\u0003'.repeat(times));
  expect(await program.exited).not.toBe(0);
  await program.nothingLeft();
});

test.concurrent.for(['crashes', 'hook-hangs', 'fails'])(
  'a run whose file %s fails and leaves nothing',
  async (fixture) => {
    await using program = run(fixture);
    expect(await program.exited).toBe(1);
    await program.nothingLeft();
  },
);

test.concurrent('a file that leaves a process and a folder fails, though its tests pass, and says what', async () => {
  await using program = run('leaves');
  expect(await program.exited).toBe(1);
  expect(program.output()).toMatch(/this file has left process \d+: sleep 86400; in the temporary folder: forgotten-/);
  await program.nothingLeft();
});

test.concurrent('a run that stops what it started is green', async () => {
  await using program = run('clean');
  expect(await program.exited, program.output()).toBe(0);
  await program.nothingLeft();
});
