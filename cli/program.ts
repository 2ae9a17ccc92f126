export interface RunningProgram {
  /** Its exit code, as a shell says it: 128 and the number after a signal, 127 when there is none, 126 when it may not run. */
  readonly ended: Promise<number>;
  /** To it, and to what it has started where that is in its group. */
  signal(signal: NodeJS.Signals): void;
}

export interface Programs {
  run(program: readonly string[], options: { env: NodeJS.ProcessEnv; isTerminal: boolean }): RunningProgram;
  /** As a shell says it. */
  exitCodeOf(signal: NodeJS.Signals | null): number;
}

/** What runs commands. Loaded where one is to be run: `--help` would be a tenth slower for it. */
export async function loadPrograms(): Promise<Programs> {
  const [{ spawn }, { constants }] = await Promise.all([import('node:child_process'), import('node:os')]);
  const exitCodeOf = (signal: NodeJS.Signals | null) => 128 + (signal === null ? 0 : constants.signals[signal]);
  return { exitCodeOf, run: (program, options) => runProgram({ spawn, exitCodeOf }, program, options) };
}

/**
 * Runs a command with this process's own terminal, input and output. Without a terminal it has a process group of its own,
 * so that what it has started can be ended with it; on one it stays in the foreground group, or it could not read from it,
 * and the terminal's Ctrl-C reaches all of that by itself.
 */
function runProgram(
  { spawn, exitCodeOf }: Pick<typeof import('node:child_process'), 'spawn'> & Pick<Programs, 'exitCodeOf'>,
  program: readonly string[],
  options: { env: NodeJS.ProcessEnv; isTerminal: boolean },
): RunningProgram {
  const [command = '', ...args] = program;
  const ownGroup = !options.isTerminal && process.platform !== 'win32';
  const child = spawn(command, args, { stdio: 'inherit', env: options.env, detached: ownGroup });
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EACCES' ? 126 : 127));
    child.once('exit', (code, signal) => resolve(code ?? exitCodeOf(signal)));
  });
  return {
    ended,
    signal(signal) {
      if (child.pid === undefined) return;
      try {
        process.kill(ownGroup ? -child.pid : child.pid, signal);
      } catch {
        // Gone already.
      }
    },
  };
}
