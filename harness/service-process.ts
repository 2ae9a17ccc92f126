import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { START_ARGUMENTS } from '../src/service/start-arguments.ts';
import { type Api, createApi } from './api.ts';

export interface ServiceProcess extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  readonly api: Api;
  /** Log lines so far, parsed. */
  readonly logged: readonly Record<string, unknown>[];
  /** Resolves with the exit code (null after a signal) and what was written to standard error. */
  readonly exited: Promise<{ code: number | null; stderr: string; seconds: number }>;
  kill(signal: NodeJS.Signals): void;
}

export const ADMIN_TOKEN = 'test-admin-token-0123456789';
const SECRET_KEY = '11'.repeat(32);

const FROM_A_CHECKOUT = [process.execPath, ...START_ARGUMENTS];

function spawnService(
  env: Readonly<Record<string, string>>,
  folder?: string,
  [program = '', ...args]: readonly string[] = FROM_A_CHECKOUT,
): ChildProcess {
  return spawn(program, args, {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      TMPDIR: process.env.TMPDIR ?? '',
      HOST: '127.0.0.1',
      PORT: '0',
      SEQPULSE_ADMIN_TOKEN: ADMIN_TOKEN,
      SEQPULSE_SECRET_KEY: SECRET_KEY,
      SEQPULSE_TARGET_ALLOW: '127.0.0.0/8',
      LOG_LEVEL: 'debug',
      // Tests poll for states; the limit has tests of its own.
      SEQPULSE_RATE_LIMIT_PER_MINUTE: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function follow(child: ChildProcess) {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const startedAt = performance.now();
  return once(child, 'close').then(([code]) => ({
    code: code as number | null,
    stderr,
    seconds: (performance.now() - startedAt) / 1000,
  }));
}

/**
 * The service as `npm start` runs it, in a process of its own; resolves when it listens.
 *
 * @param folder another checkout of it (harness/last-release.ts).
 * @param command another way to start it: program and arguments.
 */
export async function startServiceProcess(
  env: Readonly<Record<string, string>>,
  folder?: string,
  command?: readonly string[],
): Promise<ServiceProcess> {
  const child = spawnService(env, folder, command);
  const exited = follow(child);
  const logged: Record<string, unknown>[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      logged.push(entry);
      if (entry.event === 'service_started') resolve(String(entry.url));
    });
    void exited.then(({ code, stderr }) => reject(new Error(`the service ended with ${code}: ${stderr}`)));
  });
  return {
    pid: child.pid ?? 0,
    url,
    api: createApi(url, ADMIN_TOKEN),
    logged,
    exited,
    kill: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Runs the service to its end: for starts that must fail. */
export async function runServiceProcess(
  env: Readonly<Record<string, string>>,
  folder?: string,
  command?: readonly string[],
) {
  const child = spawnService(env, folder, command);
  child.stdout?.resume();
  return await follow(child);
}
