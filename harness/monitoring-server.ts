import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { START_SECONDS, startWithAttempts } from './start-attempts.ts';
import { stopChild } from './stop-child.ts';
import { until } from './until.ts';

/** A Prometheus or an Alertmanager on loopback with a data folder of its own; both are removed at the end. */
export interface MonitoringServer extends AsyncDisposable {
  /** host:port */
  readonly address: string;
  readonly url: string;
  /** GET of an API path below /api; the `data` of a Prometheus answer, the whole answer of an Alertmanager. */
  get<Answer>(path: string): Promise<Answer>;
}

export interface MonitoringServerOptions {
  /** Words of the command line; `address` and `dataFolder` are the server's own. */
  readonly command: (own: { address: string; dataFolder: string }) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Default: its /-/ready answers 200. One that throws is not ready. */
  readonly isReady?: (url: string) => Promise<boolean>;
}

/** Resolves when the server is ready. */
export async function startMonitoringServer(options: MonitoringServerOptions): Promise<MonitoringServer> {
  return await startWithAttempts(async () => await startOnce(options));
}

/** A Prometheus on the `prometheus.yml` of `folder`; resolves when it is ready. `args`: more words of its command line. */
export async function startPrometheus(program: string, folder: string, ...args: string[]): Promise<MonitoringServer> {
  return await startMonitoringServer({
    command: ({ address, dataFolder }) => [
      program,
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${dataFolder}`,
      `--web.listen-address=${address}`,
      ...args,
    ],
  });
}

async function startOnce(options: MonitoringServerOptions): Promise<MonitoringServer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'seqpulse-monitoring-'));
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const url = `http://${address}`;
  const [program = '', ...args] = options.command({ address, dataFolder });
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '', TMPDIR: process.env.TMPDIR ?? '', ...options.env },
  });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output = (output + String(chunk)).slice(-4_000);
  });
  const close = async () => {
    await stopChild(child);
    rmSync(dataFolder, { recursive: true, force: true });
  };
  try {
    await until(`${program} to be ready`, START_SECONDS, async () => {
      if (child.exitCode !== null) throw new Error('it ended');
      return await (options.isReady ?? isReady)(url).catch(() => false);
    });
  } catch (cause) {
    await close();
    throw new Error(`${program} did not start: ${output}`, { cause });
  }
  return {
    address,
    url,
    async get<Answer>(path: string): Promise<Answer> {
      const response = await fetch(`${url}/api${path}`);
      const body = (await response.json()) as { data?: Answer };
      if (!response.ok) throw new Error(`${path}: ${JSON.stringify(body)}`);
      return body.data ?? (body as Answer);
    },
    [Symbol.asyncDispose]: close,
  };
}

async function isReady(url: string): Promise<boolean> {
  return (await fetch(`${url}/-/ready`)).ok;
}
