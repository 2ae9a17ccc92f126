import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** `taskset -c CORE` where it exists, so that the server under test has a core of its own; otherwise unpinned. */
export const PINNING = existsSync('/usr/bin/taskset');

export interface PinnedProcess {
  readonly pid: number;
  /** Its output up to the text that says it is ready. */
  readonly readyLine: string;
  stop(): Promise<void>;
}

/** Starts Node on `core` (null: wherever there is room) and resolves once a line of its output contains `readyText`. */
export async function startPinned(
  core: number | null,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  readyText: string,
  cwd = process.cwd(),
): Promise<PinnedProcess> {
  const isPinned = PINNING && core !== null;
  const command = isPinned ? ['taskset', '-c', String(core), process.execPath, ...args] : [process.execPath, ...args];
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

const CLOCK_TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used so far, user and system: what a busy machine can't falsify. Linux only. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

/** Bytes of a process that lie in memory. Linux only. */
export function residentBytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** CPU seconds of a PostgreSQL: of the postmaster, all its processes, and those that have ended. */
export async function cpuSecondsOfServer(postmaster: number): Promise<number> {
  let ticks = 0;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const fields = stat.replace(/^.*\) /, '').split(' ');
    const isServer = Number(name) === postmaster;
    if (!isServer && Number(fields[1]) !== postmaster) continue;
    // utime and stime; of the postmaster also those of children that it has waited for.
    for (const value of fields.slice(11, isServer ? 15 : 13)) ticks += Number(value);
  }
  return ticks / CLOCK_TICKS_PER_SECOND;
}

/** Seconds that all cores together were idle so far, waiting for disks included. Linux only. */
export function idleSeconds(): number {
  const [, , , , idle, waiting] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/ +/).map(Number);
  return ((idle ?? 0) + (waiting ?? 0)) / CLOCK_TICKS_PER_SECOND;
}
