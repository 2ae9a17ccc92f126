import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BROKEN, HEALTHY } from '../../harness/observed-app.ts';
import { until } from '../../harness/until.ts';
import type { Stage } from './stage.ts';

/** A server that deploys: GET /healthy and GET /broken change the observed application, once SeqPulse has read it before. */
export interface Deploying extends AsyncDisposable {
  readonly url: string;
}

export async function startDeploying(stage: Stage): Promise<Deploying> {
  const server = createServer((request, response) => {
    const version = request.url === '/broken' ? BROKEN : HEALTHY;
    readBefore(stage)
      .then(() => {
        stage.app.metrics = version;
        response.end('deployed\n');
      })
      .catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readBefore(stage: Stage): Promise<void> {
  await until('all readings before', 30, async () => {
    const [row] = await stage.database.query<{ missing: boolean }>(
      `select pre_expected > (select count(*) from seqpulse.samples s where s.deployment_id = d.id and phase = 'pre')
         as missing from seqpulse.deployments d where state = 'running' order by started_at desc limit 1`,
    );
    return row?.missing !== true;
  });
}
