import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricName } from '../src/verdict/types.ts';

export type Metrics = Record<MetricName, number>;

export const HEALTHY: Metrics = {
  requests_per_sec: 20,
  latency_p95: 120,
  error_rate: 0.002,
  cpu_usage: 0.3,
  memory_usage: 0.5,
};
/** Slow and faulty. */
export const BROKEN: Metrics = { ...HEALTHY, latency_p95: 900, error_rate: 0.2 };

export interface ObservedApp extends AsyncDisposable {
  /** Its metrics endpoint. */
  readonly url: string;
  /** What it serves from now on. */
  metrics: Metrics;
  /** Set to answer in any other way; null = the contract's body. */
  behaviour: ((response: ServerResponse) => void) | null;
  /** Headers of every request so far. */
  readonly requests: IncomingHttpHeaders[];
}

/** A small application that serves the metrics contract on loopback. */
export async function startObservedApp(): Promise<ObservedApp> {
  const requests: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    requests.push(request.headers);
    if (app.behaviour !== null) {
      app.behaviour(response);
      return;
    }
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ metrics: app.metrics }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const app: ObservedApp = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    metrics: HEALTHY,
    behaviour: null,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return app;
}
