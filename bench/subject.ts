import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createClient } from '../client/client.ts';
import { START_ARGUMENTS } from '../src/service/start-arguments.ts';
import { type PinnedProcess, residentBytesOf, startPinned } from './pinned-process.ts';

export const ADMIN_TOKEN = randomBytes(24).toString('hex');

export async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface Subject {
  readonly url: string;
  readonly process: PinnedProcess;
  operator(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  /** Bytes. */
  rss(): number;
  /** The text of /metrics. */
  metrics(): Promise<string>;
}

/**
 * The service as `npm start` runs it, on core 0 (null: wherever there is room), with the rate limit off. `folder`: another
 * checkout of it.
 */
export async function startSubject(
  env: Readonly<Record<string, string>>,
  folder = process.cwd(),
  core: number | null = 0,
): Promise<Subject> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = await startPinned(
    core,
    [...START_ARGUMENTS],
    {
      NODE_ENV: 'production',
      PORT: String(port),
      HOST: '127.0.0.1',
      SEQPULSE_ADMIN_TOKEN: ADMIN_TOKEN,
      SEQPULSE_RATE_LIMIT_PER_MINUTE: '0',
      SEQPULSE_TARGET_ALLOW: '127.0.0.0/8',
      ...env,
    },
    'service_started',
    folder,
  );
  const client = createClient({ url, adminToken: ADMIN_TOKEN });
  return {
    url,
    process: child,
    async operator(method, path, body) {
      const answer = await client.send(method, path, body === undefined ? {} : { body });
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    rss: () => residentBytesOf(child.pid),
    metrics: async () => await (await fetch(`${url}/metrics`)).text(),
  };
}

export interface Target {
  readonly url: string;
  close(): Promise<void>;
}

/** An observed application that answers at once. */
export async function startTarget(): Promise<Target> {
  const body = JSON.stringify({
    metrics: { requests_per_sec: 20, latency_p95: 120, error_rate: 0.002, cpu_usage: 0.3, memory_usage: 0.5 },
  });
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1_024, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Projects with `envsEach` environments and these settings; resolves with one trigger request for each environment. */
export async function prepareTriggers(
  subject: Subject,
  target: Target,
  projects: number,
  envsEach: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ body: string; headers: Record<string, string> }[]> {
  const requests: { body: string; headers: Record<string, string> }[] = [];
  for (let index = 0; index < projects; index += 1) {
    const envs = Array.from({ length: envsEach }, (_, number) => `env-${number}`);
    const name = `bench-${index}-${randomBytes(4).toString('hex')}`;
    const project = await subject.operator('POST', '/projects', {
      name,
      envs,
      metrics_endpoint: target.url,
      ...settings,
    });
    const headers = { 'X-API-Key': String(project.api_key), 'Content-Type': 'application/json' };
    for (const env of envs) requests.push({ body: JSON.stringify({ env, branch: 'main' }), headers });
  }
  return requests;
}

/** `q` of a histogram in an exposition text, from bucket bounds alone: the upper bound of the bucket it falls in. */
export function quantileBound(text: string, name: string, labels: string, q: number): number {
  const buckets = [...text.matchAll(new RegExp(`^${name}_bucket\\{([^}]*)\\} (\\S+)`, 'gm'))]
    .filter(([, found]) => found?.includes(labels))
    .map(([, found, value]) => ({
      bound: Number(/le="([^"]+)"/.exec(found ?? '')?.[1]?.replace('+Inf', 'Infinity')),
      count: Number(value),
    }))
    .sort((a, b) => a.bound - b.bound);
  const total = buckets.at(-1)?.count ?? 0;
  return buckets.find(({ count }) => count >= q * total)?.bound ?? Number.NaN;
}
