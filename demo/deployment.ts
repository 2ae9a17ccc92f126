import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../client/client.ts';
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

/** One project: version 1 runs under traffic, version 2 is deployed, SeqPulse watches. */
export async function deployAndWatch(input: {
  /** Where SeqPulse listens, and what its operator authenticates with. */
  readonly seqpulse: { readonly url: string; readonly adminToken: string };
  readonly project: string;
  readonly newVersion: 'healthy' | 'faulty';
  readonly scale: DemoScale;
  readonly say: (line: string) => void;
}): Promise<DeployedVerdict> {
  const { seqpulse, project, scale, say } = input;
  let app = await startApp('healthy', 0, scale);
  const port = Number(app.readyValue);
  const traffic = startTraffic(port, scale.requestsPerSecond);
  try {
    say(`${project}: version 1 serves ${scale.requestsPerSecond} requests/s on port ${port}`);
    await sleep((scale.windowSeconds + 1) * 1000);
    const created = await createClient(seqpulse).createProject({
      name: project,
      metrics_endpoint: `http://127.0.0.1:${port}/metrics`,
    });
    const ci = createClient({ url: seqpulse.url, apiKey: created.api_key });

    const { deployment_id: id } = await ci.trigger({ env: 'prod', branch: 'main' });
    say(`${project}: trigger → deployment ${id.slice(0, 8)}…; SeqPulse reads the application 5 times`);
    await waitFor(async () => (await ci.samples(id)).length >= 5, scale.preSeconds + 20);

    await app.stop();
    app = await startApp(input.newVersion, port, scale);
    say(`${project}: version 2 is deployed; it warms up`);
    await sleep((scale.windowSeconds + 1) * 1000);

    const finished = await ci.finish({ deployment_id: id, result: 'success' });
    say(`${project}: finish → ${finished.status}; SeqPulse observes version 2`);
    const { verdict, confidence, summary } = await waitFor(async () => (await ci.deployment(id)).verdict, 60);
    say(`${project}: verdict ${verdict}`);
    return { project, verdict, confidence, summary };
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
