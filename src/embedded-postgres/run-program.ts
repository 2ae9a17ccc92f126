import { spawn } from 'node:child_process';
import { errorCode } from '../model/start-error.ts';

/** A user by number: there need not be a name for it. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

export interface RunOptions {
  readonly cwd: string;
  /** null: as the user who runs the service. */
  readonly user: SystemUser | null;
  /** The cluster, by PGDATA: `pg_ctl -D` would hand the path to a shell in double quotes. */
  readonly dataFolder?: string;
}

export interface ProgramResult {
  readonly exitCode: number | null;
  /** Standard output and error, in the order they came. */
  readonly output: string;
  /** Why it could not be started at all (`EACCES`, `ENOENT`, `EPERM`); null when it ran. */
  readonly spawnError: string | null;
}

/**
 * Runs a program of PostgreSQL to its end; never rejects.
 *
 * It has a session of its own, or Ctrl-C in the terminal would hit initdb half-way, and pg_ctl while it stops the
 * server. Its environment is made from nothing: the server would keep the service's (with the admin token) for as long
 * as it lives, and PG… variables of a developer's shell would change what the programs do. `LC_ALL=C`: messages are read.
 */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<ProgramResult> {
  const { cwd, user, dataFolder } = options;
  return new Promise((resolve) => {
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    try {
      const child = spawn(program, args, {
        cwd,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: '/usr/local/bin:/usr/bin:/bin',
          LC_ALL: 'C',
          ...(dataFolder === undefined ? {} : { PGDATA: dataFolder }),
        },
        ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
      });
      child.stdout.on('data', collect);
      child.stderr.on('data', collect);
      child.on('error', (error) => resolve({ exitCode: null, output, spawnError: errorCode(error) }));
      child.on('close', (exitCode) => resolve({ exitCode, output, spawnError: null }));
    } catch (error) {
      resolve({ exitCode: null, output, spawnError: errorCode(error) });
    }
  });
}
