import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

const register = fileURLToPath(new URL('../../../otel/register.ts', import.meta.url));
const service = fileURLToPath(new URL('../fixtures/traced-service.ts', import.meta.url));

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** The traced service in a process of its own; `stop` lets it flush, and gives what it wrote to standard error. */
export async function startTracedService(
  env: Record<string, string>,
): Promise<{ url: string; stop(): Promise<string> }> {
  const child: Child = spawn(process.execPath, ['--import', register, service], {
    env: { PATH: process.env.PATH, DATABASE_URL: inject('databaseAdminUrl'), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const port = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => String(line)),
    once(child, 'exit').then(() => Promise.reject(new Error(`the service ended: ${stderr}`))),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.stdin.end();
      await once(child, 'exit');
      return stderr;
    },
  };
}

/** An observed application that keeps the headers it was called with. */
export async function openTarget() {
  const asked: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
