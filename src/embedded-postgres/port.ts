import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { replaceFile } from '../data-folder/private-file.ts';

export const LOOPBACK = '127.0.0.1';

/** The port of the last start, so that a connection somebody noted down goes on working; else a new one. May be taken. */
export async function choosePort(dataDir: string): Promise<number> {
  return (await rememberedPort(dataDir)) ?? anyFreePort();
}

/** Chosen by the system. Somebody else may take it before we do. */
export async function anyFreePort(): Promise<number> {
  const server = createServer();
  server.listen({ port: 0, host: LOOPBACK });
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export async function rememberPort(dataDir: string, port: number): Promise<void> {
  if ((await rememberedPort(dataDir)) !== port) await replaceFile(portFile(dataDir), String(port));
}

async function rememberedPort(dataDir: string): Promise<number | null> {
  const port = Number.parseInt(await readFile(portFile(dataDir), 'utf8').catch(() => ''), 10);
  return port > 0 && port <= 65_535 ? port : null;
}

function portFile(dataDir: string): string {
  return join(dataDir, 'postgres-port');
}
