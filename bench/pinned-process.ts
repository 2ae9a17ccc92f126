import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';

/** `taskset -c CORE` where it exists, so that the server under test has a core of its own; otherwise unpinned. */
export const PINNING = existsSync('/usr/bin/taskset');

export interface PinnedProcess {
  readonly pid: number;
  /** Its output up to the text that says it is ready. */
  readonly readyLine: string;
  stop(): Promise<void>;
}

/** Starts Node on `core` and resolves once a line of its output contains `readyText`. */
export async function startPinned(
  core: number,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  readyText: string,
  cwd = process.cwd(),
): Promise<PinnedProcess> {
  const command = PINNING ? ['taskset', '-c', String(core), process.execPath, ...args] : [process.execPath, ...args];
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const readyLine = await outputContains(child, readyText);
  child.stdout?.resume();
  return {
    pid: child.pid ?? 0,
    readyLine,
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

async function outputContains(child: ChildProcess, text: string): Promise<string> {
  let seen = '';
  for await (const chunk of child.stdout ?? []) {
    seen += String(chunk);
    if (seen.includes(text)) return seen;
  }
  throw new Error(`the process ended before it said "${text}":\n${seen}`);
}

/** Moves this process, and so what it starts later, to `core`. */
export async function pinSelf(core: number): Promise<void> {
  if (!PINNING) return;
  const child = spawn('taskset', ['-a', '-p', '-c', String(core), String(process.pid)], { stdio: 'ignore' });
  await once(child, 'exit');
}

/** CPU seconds that a process has used so far, user and system: what a busy machine can't falsify. Linux only. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const CLOCK_TICKS_PER_SECOND = 100;
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}
