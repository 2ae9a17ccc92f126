import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { findCollector } from '../../../harness/collector.ts';
import { findMonitoringPrograms } from '../../../harness/monitoring-programs.ts';
import { type StartedProgram, startProgram } from '../../support/started-program.ts';

/** Every other command of package.json that starts programs, interrupted while they run. */
const monitoring = findMonitoringPrograms('interrupted comparisons are', ['prometheus', 'promtool']);
const collector = findCollector('the interrupted comparison is');

const runs = (program: StartedProgram, word: string) => () =>
  program.processes().some(({ command }) => command.includes(word));

async function interrupted(script: string, word: string): Promise<void> {
  await using program = startProgram(['npm', 'run', '-s', script]);
  await program.reaches(word, runs(program, word));
  program.signalGroup('SIGINT');
  expect(await program.exited).not.toBe(0);
  await program.nothingLeft();
}

test('Ctrl-C in a benchmark leaves nothing', async () => {
  await interrupted('bench', 'src/main.ts');
});

test.skipIf(monitoring.missing || collector.missing)('Ctrl-C in the comparison of paths leaves nothing', async () => {
  await interrupted('compare:paths', 'storage.tsdb.path');
});

test.skipIf(monitoring.missing)('Ctrl-C while rules are mutated leaves nothing', async () => {
  await interrupted('mutate:rules', 'promtool');
});

const hasGo = spawnSync('go', ['version']).status === 0;

test.skipIf(!hasGo)('Ctrl-C while the Collector is built leaves no process, and no half of one', async () => {
  // Where nothing is built yet: beside a copy of what builds it.
  const copy = mkdtempSync(join(tmpdir(), 'collector-'));
  try {
    for (const name of ['collector', 'harness', 'src', 'package.json']) {
      cpSync(name, join(copy, name), { recursive: true });
    }
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    const build = { env: { GOPATH: process.env.GOPATH ?? '', GOCACHE: process.env.GOCACHE ?? '' } };
    await using program = startProgram([process.execPath, join(copy, 'collector/build.ts')], build);
    await program.reaches('the builder', runs(program, 'go run'));
    program.signalGroup('SIGINT');
    expect(await program.exited).not.toBe(0);
    await program.nothingLeft();
    const built = join(copy, '.cache/collector');
    expect(existsSync(built) ? readdirSync(built) : []).toEqual([]);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});

test('kill -9 of a benchmark leaves nothing', async () => {
  await using program = startProgram(['node', 'bench/run.ts', 'triggers']);
  await program.reaches('a service', runs(program, 'src/main.ts'));
  program.signal('SIGKILL');
  await program.exited;
  await program.nothingLeft();
});
