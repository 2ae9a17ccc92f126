import { expect, test } from 'vitest';
import { type StartedProgram, startProgram } from '../../support/started-program.ts';

/** The demo in a terminal: npm, the demo, a service with its PostgreSQL, two applications. Ended at each of its steps. */
const DEMO = ['npm', 'run', '-s', 'demo'];

const PHASES: Record<string, (demo: StartedProgram) => boolean> = {
  'the database is being made': (demo) => demo.processes().some(({ command }) => /initdb/.test(command)),
  'PostgreSQL runs, the service not yet': (demo) => demo.processes().some(({ isPostmaster }) => isPostmaster),
  'the service is up': (demo) => demo.output().includes('SeqPulse listens on'),
  'traffic flows': (demo) => demo.output().includes('version 1 serves'),
};

test.for(Object.entries(PHASES))('Ctrl-C while %s ends all of it', async ([phase, isReached]) => {
  await using demo = startProgram(DEMO);
  await demo.reaches(phase, () => isReached(demo));
  demo.signalGroup('SIGINT');
  expect(await demo.exited).not.toBe(0);
  await demo.nothingLeft();
  // npm hands on what the terminal has sent to all: that is one Ctrl-C, not the impatient second one.
  expect(demo.output()).toContain('SIGINT: ending what demo has started');
});

test('Ctrl-C while a Prometheus scrapes the applications ends all of it', async () => {
  await using demo = startProgram([...DEMO, '--', '--source', 'prometheus']);
  await demo.reaches('traffic', () => demo.output().includes('version 1 serves'));
  demo.signalGroup('SIGINT');
  expect(await demo.exited).not.toBe(0);
  await demo.nothingLeft();
});

const ENDS: Record<string, (demo: StartedProgram) => void> = {
  'a supervisor’s SIGTERM to npm': (demo) => demo.signal('SIGTERM'),
  'a terminal that is closed': (demo) => demo.signalGroup('SIGHUP'),
  'kill -9 of npm': (demo) => demo.signal('SIGKILL'),
  'kill -9 of all that share its process group': (demo) => demo.signalGroup('SIGKILL'),
};

test.for(Object.entries(ENDS))('under traffic, %s ends all of it', async ([, end]) => {
  await using demo = startProgram(DEMO);
  await demo.reaches('traffic', () => demo.output().includes('version 1 serves'));
  end(demo);
  await demo.exited;
  await demo.nothingLeft();
});

test.runIf(process.geteuid?.() === 0)('so it does where the database had to be made elsewhere', async () => {
  await using demo = startProgram(DEMO, { isPrivate: true });
  await demo.reaches('PostgreSQL', () => demo.processes().some(({ isPostmaster }) => isPostmaster));
  demo.signalGroup('SIGKILL');
  await demo.nothingLeft();
});

test('a process of it that dies ends the demo, with the reason, and all the others', async () => {
  await using demo = startProgram(DEMO);
  await demo.reaches('traffic', () => demo.output().includes('version 1 serves'));
  const service = demo.processes().find(({ command }) => command.includes('src/main.ts'));
  process.kill(service?.pid ?? 0, 'SIGKILL');
  expect(await demo.exited).toBe(1);
  expect(demo.output()).toContain('demo stopped:');
  await demo.nothingLeft();
});
