import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before a server and can be told that it is away. */
export interface AwayProxy extends AsyncDisposable {
  readonly url: string;
  /** Answers 503 to all that comes. */
  away: boolean;
  /** Requests so far. */
  readonly asked: { readonly path: string; readonly form: URLSearchParams }[];
}

/** @param target the server's URL. Passes form-encoded POSTs on, whole. */
export async function startAwayProxy(target: string): Promise<AwayProxy> {
  const asked: { path: string; form: URLSearchParams }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      asked.push({ path: request.url ?? '', form: new URLSearchParams(body) });
      if (proxy.away) {
        response.writeHead(503).end();
        return;
      }
      fetch(`${target}${request.url}`, {
        method: 'POST',
        headers: { 'content-type': request.headers['content-type'] ?? '' },
        body,
      })
        .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
        .catch(() => response.writeHead(502).end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: AwayProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    away: false,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}
