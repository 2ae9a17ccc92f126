import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { processIsAlive } from '../../src/embedded-postgres/process-state.ts';
import { runProgram } from '../../src/embedded-postgres/run-program.ts';
import { until } from './support.ts';

const shell = (script: string) => runProgram('/bin/sh', ['-c', script], { cwd: '/', user: null });

describe('runProgram', () => {
  test('gives the exit code and all that was written', async () => {
    expect(await shell('echo one; echo two >&2; exit 3')).toEqual({
      exitCode: 3,
      output: expect.stringMatching(/^(one\ntwo|two\none)\n$/),
      spawnError: null,
    });
  });

  test('says why a program could not be started', async () => {
    expect(await runProgram('/no/such/program', [], { cwd: '/', user: null })).toMatchObject({ spawnError: 'ENOENT' });
    expect(await runProgram('/etc/passwd', [], { cwd: '/', user: null })).toMatchObject({ spawnError: 'EACCES' });
  });

  test('hands on nothing of our environment', async () => {
    process.env.SEQPULSE_TEST_SECRET = 'ours alone';
    try {
      expect((await shell('env')).output).not.toContain('ours alone');
    } finally {
      delete process.env.SEQPULSE_TEST_SECRET;
    }
  });

  test.runIf(process.platform === 'linux')(
    'starts it in a process group of its own, which Ctrl-C in our terminal does not reach',
    async () => {
      const groupOf = (stat: string) => stat.split(' ')[4];
      const { output } = await shell('read line < /proc/self/stat; echo "$line"');
      expect(groupOf(output)).toMatch(/^\d+$/);
      expect(groupOf(output)).not.toBe(groupOf(await readFile('/proc/self/stat', 'utf8')));
    },
  );
});

describe('processIsAlive', () => {
  test('tells a process that runs from one that has ended, and from one that has ended and nobody has reaped', async () => {
    // The short sleep ends when the long one has taken the shell's place, which never waits for it.
    const parent = spawn('/bin/sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
      const zombie = Number(line);
      await until(async () => !(await processIsAlive(zombie)));
      expect(() => process.kill(zombie, 0)).not.toThrow();
      expect(await processIsAlive(parent.pid ?? 0)).toBe(true);
    } finally {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
    expect(await processIsAlive(parent.pid ?? 0)).toBe(false);
  });
});
