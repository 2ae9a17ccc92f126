import { readFile } from 'node:fs/promises';
import { errorCode } from '../model/start-error.ts';
import { runProgram } from './run-program.ts';

/**
 * Whether a process of this id exists and is no zombie. Where PID 1 reaps no orphans, as in many containers, a killed
 * server stays a zombie for ever: `kill(pid, 0)` succeeds, and PostgreSQL believes its own lock file.
 */
export async function processIsAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  return !/^[ZX]/.test(await stateLetter(pid));
}

/** The command line with its arguments; '' when the process is gone. */
export async function commandLine(pid: number): Promise<string> {
  const text = await readProc(pid, 'cmdline');
  return text === null ? ps(pid, 'command') : text.replaceAll('\0', ' ').trim();
}

async function stateLetter(pid: number): Promise<string> {
  const text = await readProc(pid, 'stat');
  // The name before it stands in parentheses and may hold anything, parentheses too.
  return text === null ? ps(pid, 'state') : text.slice(text.lastIndexOf(')') + 2);
}

/** null where there is no /proc (macOS); '' when the process is gone. */
async function readProc(pid: number, file: string): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}

async function ps(pid: number, column: string): Promise<string> {
  const { output } = await runProgram('ps', ['-o', `${column}=`, '-p', String(pid)], { cwd: '/', user: null });
  return output.trim();
}
