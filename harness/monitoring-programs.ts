import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Names of a program on PATH (Debian renames Alertmanager), and the Debian package that brings it. */
const PROGRAMS = {
  prometheus: { names: ['prometheus'], package: 'prometheus' },
  promtool: { names: ['promtool'], package: 'prometheus' },
  alertmanager: { names: ['prometheus-alertmanager', 'alertmanager'], package: 'prometheus-alertmanager' },
  amtool: { names: ['amtool'], package: 'prometheus-alertmanager' },
  'victoria-metrics': { names: ['victoria-metrics', 'victoria-metrics-prod'], package: 'victoria-metrics' },
  tinyproxy: { names: ['tinyproxy'], package: 'tinyproxy-bin' },
  pgbouncer: { names: ['pgbouncer'], package: 'pgbouncer' },
} as const;
export type MonitoringProgram = keyof typeof PROGRAMS;

export interface MonitoringPrograms {
  readonly missing: boolean;
  /** Its absolute path. Throws when it is missing: tests that need it are skipped then. */
  path(program: MonitoringProgram): string;
}

/**
 * Looks for programs that npm cannot install. Where one is missing, says on standard error which tests are left out and
 * how to get it, so that a green run is not mistaken for a complete one; with CI=true it throws instead.
 *
 * @param tests what is skipped, for that message.
 */
export function findMonitoringPrograms(tests: string, programs: readonly MonitoringProgram[]): MonitoringPrograms {
  const paths = new Map(programs.map((program) => [program, findOnPath(PROGRAMS[program].names)]));
  const missing = programs.filter((program) => paths.get(program) === null);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((program) => PROGRAMS[program].package))].join(' ');
    const message = `${missing.join(' and ')} not found: ${tests} skipped. To run them: apt-get install ${packages}`;
    if (process.env.CI === 'true') throw new Error(message);
    console.warn(message);
  }
  return {
    missing: missing.length > 0,
    path(program) {
      const path = paths.get(program);
      if (path == null) throw new Error(`${program} is not installed`);
      return path;
    },
  };
}

function findOnPath(names: readonly string[]): string | null {
  // Debian's place for daemons is not on everybody's PATH.
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']) {
    for (const name of names) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not in this folder.
      }
    }
  }
  return null;
}

export interface ProgramResult {
  readonly ok: boolean;
  /** Standard output and standard error. */
  readonly output: string;
}

/** Runs a program to its end. A non-zero exit is a result, a program that cannot be run an error. */
export async function runProgram(path: string, args: readonly string[], cwd?: string): Promise<ProgramResult> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path, args, { cwd, maxBuffer: 16 << 20 });
    return { ok: true, output: stdout + stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { ok: false, output: stdout + stderr };
  }
}
