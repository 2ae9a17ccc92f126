import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../harness/free-ports.ts';
import { START_SECONDS, startWithAttempts } from '../../harness/start-attempts.ts';
import { stopChild } from '../../harness/stop-child.ts';
import { until } from '../../harness/until.ts';

const FOLDER = fileURLToPath(new URL('../applications', import.meta.url));
const VENV_PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));

/** An application with somebody else's instrumentation. */
export interface RealApplication extends AsyncDisposable {
  /** host:port */
  readonly address: string;
  /** `/` is served, `/fault` answers 500. */
  ask(path: '/' | '/fault'): Promise<void>;
}

export interface ApplicationKind {
  /** What is not there; null: it can be started. */
  readonly missing: string | null;
  /** Once, before it is started: it may take a minute. */
  prepare(folder: string): void;
  /** Words of the command line; `port` is in PORT too. */
  command(port: number, folder: string): readonly string[];
}

const NODE = (file: string): ApplicationKind => ({
  missing: null,
  prepare: () => {},
  command: () => [process.execPath, join(FOLDER, file)],
});

export const PROM_CLIENT = NODE('prom-client.mjs');
export const OPENTELEMETRY = NODE('opentelemetry.mjs');

export const FASTAPI: ApplicationKind = {
  missing: hasFastApi() ? null : 'pip install -r test/applications/requirements.txt in .venv',
  prepare: () => {},
  command: (port) => [
    ...[VENV_PYTHON, '-m', 'uvicorn', 'fastapi_application:app', '--app-dir', FOLDER],
    ...['--host', '127.0.0.1', '--port', String(port), '--log-level', 'warning'],
  ],
};

export const GO: ApplicationKind = {
  missing: spawnSync('go', ['version']).status === 0 ? null : 'install Go',
  prepare: (folder) =>
    void execFileSync('go', ['build', '-o', join(folder, 'go-application'), '.'], {
      cwd: join(FOLDER, 'go'),
      stdio: 'pipe',
    }),
  command: (_, folder) => [join(folder, 'go-application')],
};

function hasFastApi(): boolean {
  return (
    existsSync(VENV_PYTHON) && spawnSync(VENV_PYTHON, ['-c', 'import prometheus_fastapi_instrumentator']).status === 0
  );
}

/** Says on standard error what is left out and how to get it; with CI=true it throws instead. */
export function isMissing(tests: string, { missing }: ApplicationKind): boolean {
  if (missing === null) return false;
  const message = `${tests} skipped. To run them: ${missing}`;
  if (process.env.CI === 'true') throw new Error(message);
  console.warn(message);
  return true;
}

/** Resolves when it answers. */
export async function startApplication(
  kind: ApplicationKind,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RealApplication> {
  return await startWithAttempts(async () => {
    const [port = 0] = await freePorts(1);
    const [program = '', ...args] = kind.command(port, folder);
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH ?? '', TMPDIR: process.env.TMPDIR ?? '', PORT: String(port), ...env },
    });
    return await whenItAnswers(child, `127.0.0.1:${port}`);
  });
}

async function whenItAnswers(child: ChildProcess, address: string): Promise<RealApplication> {
  let output = '';
  child.stderr?.on('data', (chunk) => {
    output = (output + String(chunk)).slice(-4_000);
  });
  const ask = async (path: string) => void (await (await fetch(`http://${address}${path}`)).text());
  try {
    await until('the application to answer', START_SECONDS, async () => {
      if (child.exitCode !== null) throw new Error('it ended');
      return await ask('/').then(
        () => true,
        () => false,
      );
    });
  } catch (cause) {
    await stopChild(child);
    throw new Error(`the application did not start: ${output}`, { cause });
  }
  return { address, ask, [Symbol.asyncDispose]: async () => await stopChild(child) };
}
