import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOwned } from '../../harness/ownership/end-owned.ts';
import { leftoversOf, leftoversText, settledLeftovers } from '../../harness/ownership/leftovers.ts';
import { type OwnedProcess, ownedProcesses } from '../../harness/ownership/owned-processes.ts';
import { until } from '../../harness/until.ts';

/** A program in a process group and a temporary folder of its own, as a terminal or a supervisor starts it. */
export interface StartedProgram extends AsyncDisposable {
  readonly pid: number;
  /** Standard output and error so far. */
  output(): string;
  /** What belongs to it now, itself and its folder's entries included. */
  processes(): OwnedProcess[];
  /** Waits until its output, or what belongs to it, is as wanted. */
  reaches(what: string, isThere: () => boolean): Promise<void>;
  /** To its first process alone, as a supervisor does. */
  signal(signal: NodeJS.Signals): void;
  /** To its whole process group, as a terminal does. */
  signalGroup(signal: NodeJS.Signals): void;
  /** To its standard input. */
  type(text: string): void;
  /** Exit code, null after a signal. */
  readonly exited: Promise<number | null>;
  /** Resolves when no process of it is left and nothing in its folder. */
  nothingLeft(): Promise<void>;
}

/** Generous: these are states, and machines are busy. */
const SECONDS = 30;

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Its temporary folder is nobody else's, so that as root the database's user can't reach it. */
  readonly isPrivate?: boolean;
}

export function startProgram(command: readonly string[], options: StartOptions = {}): StartedProgram {
  const folder = mkdtempSync(join(tmpdir(), 'program-'));
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  chmodSync(folder, options.isPrivate === true ? 0o700 : 0o711);
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      TMPDIR: temporary,
      // npm's own, which it keeps in the temporary folder.
      NODE_DISABLE_COMPILE_CACHE: '1',
      ...options.env,
    },
  });
  child.stdin.on('error', () => {});
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const pid = child.pid ?? 0;
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const processes = () => ownedProcesses([temporary]);
  return {
    pid,
    output: () => output,
    processes,
    async reaches(what, isThere) {
      await until(what, SECONDS, () => {
        if (child.exitCode !== null && !isThere()) throw new Error(`it ended before ${what}: ${output}`);
        return isThere();
      });
    },
    signal: (signal) => process.kill(pid, signal),
    signalGroup: (signal) => process.kill(-pid, signal),
    type: (text) => child.stdin.write(text),
    exited,
    async nothingLeft() {
      const left = await settledLeftovers(() => leftoversOf([temporary]));
      if (left !== null) throw new Error(`left: ${leftoversText(left)}; said: ${output}`);
    },
    async [Symbol.asyncDispose]() {
      await endOwned([folder]);
    },
  };
}
