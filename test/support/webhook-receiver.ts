import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What Alertmanager's webhooks are pointed at. */
export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  /** Every alert of every message so far, oldest first, by the path it was sent to. */
  received(path: string): readonly ReceivedAlert[];
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const alerts = new Map<string, ReceivedAlert[]>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const path = request.url ?? '/';
    alerts.set(path, [...(alerts.get(path) ?? []), ...(JSON.parse(body) as { alerts: ReceivedAlert[] }).alerts]);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: (path) => alerts.get(path) ?? [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
