import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../client/client.ts';
import { type Child, startChild } from './child.ts';
import type { Connection, Seqpulse } from './connections.ts';
import { startTraffic } from './traffic.ts';
import { waitFor } from './waiting.ts';

const REQUESTS_PER_SECOND = 40;

export interface DeployedVerdict {
  readonly project: string;
  readonly verdict: string;
  readonly confidence: number;
  readonly summary: string;
  /** With which CI asks for it again. */
  readonly deploymentId: string;
  readonly apiKey: string;
}

/** One project: version 1 runs under traffic, version 2 is deployed, SeqPulse watches. */
export async function deployAndWatch(input: {
  /** Where SeqPulse listens, and what its operator authenticates with. */
  readonly seqpulse: Seqpulse;
  readonly project: string;
  readonly newVersion: 'healthy' | 'faulty';
  readonly connection: Connection;
  /** 0: a free one. */
  readonly port: number;
  readonly say: (line: string) => void;
}): Promise<DeployedVerdict> {
  const { seqpulse, project, connection, say } = input;
  const prepared = (await connection.prepare?.({ seqpulse, project })) ?? null;
  const env = prepared?.env ?? {};
  let app = await startApp('healthy', input.port, connection, env);
  const port = Number(app.readyValue);
  const traffic = startTraffic(port, REQUESTS_PER_SECOND);
  try {
    say(`${project}: version 1 serves ${REQUESTS_PER_SECOND} requests/s on port ${port}`);
    const apiKey = await connection.connect({ seqpulse, project, prepared, port, say });
    const ci = createClient({ url: seqpulse.url, apiKey });

    const { deployment_id: id } = await ci.trigger({ env: 'prod', branch: 'main' });
    say(`${project}: trigger → deployment ${id.slice(0, 8)}…; SeqPulse reads what was before`);
    const before = await waitFor(async () => {
      const { length } = await ci.samples(id);
      return length >= connection.samplesBefore && length;
    }, 25);
    say(`${project}: ${before} samples before`);

    await app.stop();
    app = await startApp(input.newVersion, port, connection, env);
    say(`${project}: version 2 is deployed; it warms up`);
    await sleep((connection.windowSeconds + 1) * 1000);

    const finished = await ci.finish({ deployment_id: id, result: 'success' });
    say(`${project}: finish → ${finished.status}; SeqPulse observes version 2`);
    const { verdict, confidence, summary } = await waitFor(
      async () => (await ci.deployment(id)).verdict,
      connection.verdictSeconds,
    );
    say(`${project}: verdict ${verdict}`);
    return { project, verdict, confidence, summary, deploymentId: id, apiKey };
  } finally {
    traffic.stop();
    await app.stop();
  }
}

async function startApp(
  version: string,
  port: number,
  { program, windowSeconds }: Connection,
  env: Readonly<Record<string, string>>,
): Promise<Child> {
  return await startChild(
    [program],
    { VERSION: version, PORT: String(port), WINDOW_SECONDS: String(windowSeconds), ...env },
    (line) => /^listening (\d+)$/.exec(line)?.[1] ?? null,
  );
}
