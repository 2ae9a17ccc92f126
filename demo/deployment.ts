import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, startChild } from './child.ts';
import { startTraffic } from './traffic.ts';

export interface DemoScale {
  readonly windowSeconds: number;
  readonly preSeconds: number;
  readonly requestsPerSecond: number;
}

export interface DeployedVerdict {
  readonly project: string;
  readonly verdict: string;
  readonly confidence: number;
  readonly summary: string;
}

/** The lifecycle as a CI sees it: two calls to SeqPulse around what it deploys. */
export interface DemoClient {
  operator(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  ci(apiKey: string, method: string, path: string, body?: object): Promise<Record<string, unknown>>;
}

/** One project: version 1 runs under traffic, version 2 is deployed, SeqPulse watches. */
export async function deployAndWatch(input: {
  readonly client: DemoClient;
  readonly project: string;
  readonly newVersion: 'healthy' | 'faulty';
  readonly scale: DemoScale;
  readonly say: (line: string) => void;
}): Promise<DeployedVerdict> {
  const { client, project, scale, say } = input;
  let app = await startApp('healthy', 0, scale);
  const port = Number(app.readyValue);
  const traffic = startTraffic(port, scale.requestsPerSecond);
  try {
    say(`${project}: version 1 serves ${scale.requestsPerSecond} requests/s on port ${port}`);
    await sleep((scale.windowSeconds + 1) * 1000);
    const created = await client.operator('POST', '/projects', {
      name: project,
      metrics_endpoint: `http://127.0.0.1:${port}/metrics`,
    });
    const apiKey = String(created.api_key);

    const triggered = await client.ci(apiKey, 'POST', '/deployments/trigger', { env: 'prod', branch: 'main' });
    const id = String(triggered.deployment_id);
    say(`${project}: trigger → deployment ${id.slice(0, 8)}…; SeqPulse reads the application 5 times`);
    await waitFor(async () => (await samples(client, apiKey, id)) >= 5, scale.preSeconds + 20);

    await app.stop();
    app = await startApp(input.newVersion, port, scale);
    say(`${project}: version 2 is deployed; it warms up`);
    await sleep((scale.windowSeconds + 1) * 1000);

    const finished = await client.ci(apiKey, 'POST', '/deployments/finish', { deployment_id: id, result: 'success' });
    say(`${project}: finish → ${finished.status}; SeqPulse observes version 2`);
    const deployment = await waitFor(async () => {
      const found = await client.ci(apiKey, 'GET', `/deployments/${id}`);
      return found.state === 'analyzed' ? found : null;
    }, 60);
    const verdict = deployment.verdict as { verdict: string; confidence: number; summary: string };
    say(`${project}: verdict ${verdict.verdict}`);
    return { project, verdict: verdict.verdict, confidence: verdict.confidence, summary: verdict.summary };
  } finally {
    traffic.stop();
    await app.stop();
  }
}

async function startApp(version: string, port: number, scale: DemoScale): Promise<Child> {
  return await startChild(
    ['demo/observed-app.ts'],
    { VERSION: version, PORT: String(port), WINDOW_SECONDS: String(scale.windowSeconds) },
    (line) => /^listening (\d+)$/.exec(line)?.[1] ?? null,
  );
}

async function samples(client: DemoClient, apiKey: string, id: string): Promise<number> {
  const { samples: list } = await client.ci(apiKey, 'GET', `/deployments/${id}/metrics`);
  return (list as unknown[]).length;
}

/** Asks once a second until the answer is truthy; throws after `seconds`. */
export async function waitFor<Value>(probe: () => Promise<Value | null | false>, seconds: number): Promise<Value> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`nothing happened for ${seconds} s`);
    // Well below 100 requests a minute, the service's own limit.
    await sleep(1_000);
  }
}
