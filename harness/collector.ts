import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { COLLECTOR_FOLDER, collectorProgramPath } from '../collector/program.ts';
import { freePorts } from './free-ports.ts';
import { START_SECONDS, startWithAttempts } from './start-attempts.ts';
import { stopChild } from './stop-child.ts';
import { until } from './until.ts';

export type CollectorLayer =
  | 'base'
  | 'metrics-prometheus'
  | 'traces-backend'
  | 'traces-tail-sampling'
  | 'logs-backend'
  | 'look';

/** The repository's own Collector with its own configuration, on free ports of loopback. */
export interface RunningCollector extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly otlpUrl: string;
  /** host:port of the page that Prometheus scrapes. */
  readonly prometheusAddress: string;
  /** What it has said so far. */
  output(): string;
}

/**
 * Whether `npm run collector:build` has been run. If not, says on standard error which tests are left out and how to
 * get it; with CI=true it throws instead.
 *
 * @param tests what is skipped, for that message.
 */
export function findCollector(tests: string): { readonly missing: boolean } {
  const missing = !existsSync(collectorProgramPath());
  if (missing) {
    const message = `the Collector is not built: ${tests} skipped. To run them: npm run collector:build (needs Go)`;
    if (process.env.CI === 'true') throw new Error(message);
    console.warn(message);
  }
  return { missing };
}

export interface CollectorOptions {
  /** In the order in which they are given to it; `base` comes first by itself. */
  readonly layers: readonly Exclude<CollectorLayer, 'base'>[];
  /** Values of the configuration's variables, beside the ports. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files of the test's own, merged last. */
  readonly moreFiles?: readonly string[];
  /** Take up the ports of an earlier one: for a Collector that was away and comes back. */
  readonly ports?: CollectorPorts;
}

export interface CollectorPorts {
  readonly http: number;
  readonly grpc: number;
  readonly prometheus: number;
  readonly health: number;
  readonly self: number;
}

/** Resolves when all its pipelines run. */
export async function startCollector(options: CollectorOptions): Promise<RunningCollector> {
  return await startWithAttempts(async () => await startOnce(options));
}

async function startOnce(options: CollectorOptions): Promise<RunningCollector> {
  const ports = options.ports ?? (await freeCollectorPorts());
  const files = [...['base', ...options.layers].map((layer) => join(COLLECTOR_FOLDER, `${layer}.yaml`))];
  const child = spawn(
    collectorProgramPath(),
    [...files, ...(options.moreFiles ?? [])].map((file) => `--config=${file}`),
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        TMPDIR: process.env.TMPDIR ?? '',
        COLLECTOR_OTLP_HTTP_PORT: String(ports.http),
        COLLECTOR_OTLP_GRPC_PORT: String(ports.grpc),
        COLLECTOR_PROMETHEUS_PORT: String(ports.prometheus),
        COLLECTOR_HEALTH_PORT: String(ports.health),
        COLLECTOR_SELF_PORT: String(ports.self),
        ...options.env,
      },
    },
  );
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += String(chunk);
  });
  try {
    await until('the Collector to be ready', START_SECONDS, async () => {
      if (child.exitCode !== null) throw new Error('it ended');
      return await isReady(ports.health);
    });
  } catch (cause) {
    await stopChild(child);
    throw new Error(`the Collector did not start: ${output}`, { cause });
  }
  return {
    otlpUrl: `http://127.0.0.1:${ports.http}`,
    prometheusAddress: `127.0.0.1:${ports.prometheus}`,
    output: () => output,
    [Symbol.asyncDispose]: async () => await stopChild(child),
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/`)).ok;
  } catch {
    return false;
  }
}

export async function freeCollectorPorts(): Promise<CollectorPorts> {
  const [http = 0, grpc = 0, prometheus = 0, health = 0, self = 0] = await freePorts(5);
  return { http, grpc, prometheus, health, self };
}
