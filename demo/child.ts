import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Child {
  /** What `ready` returned for the line that it waited for. */
  readonly readyValue: string;
  stop(): Promise<void>;
}

/**
 * Starts a Node program and waits for the line of its output for which `ready` returns something. Rejects with
 * what the program wrote to standard error when it ends before.
 */
export async function startChild(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: (line: string) => string | null,
): Promise<Child> {
  const child = spawn(process.execPath, args, {
    // TMPDIR: what tells whose it is (harness/ownership).
    env: { PATH: process.env.PATH ?? '', TMPDIR: process.env.TMPDIR ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A Ctrl-C goes to the demo alone, which then ends them.
    detached: true,
  });
  const exited = once(child, 'exit');
  const readyValue = await firstReadyLine(child, ready);
  return {
    readyValue,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function firstReadyLine(child: ChildProcess, ready: (line: string) => string | null): Promise<string> {
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk);
  });
  return await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const value = ready(line);
      if (value !== null) resolve(value);
    });
    child.once('exit', (code) => reject(new Error(`a process of the demo ended early (${code}): ${errors.trim()}`)));
    child.once('error', reject);
  });
}
