import pg from 'pg';
import { DATABASE_ROLE } from './cluster.ts';
import { LOOPBACK } from './port.ts';

/** Long enough for a machine under load; a server that hangs must not hang the start. */
const CONNECT_TIMEOUT_MS = 5000;

/** `sslmode=disable`: the server has no certificate, and PGSSLMODE in somebody's shell would demand one. */
export function connectionString(port: number, password: string, database: string): string {
  return `postgres://${DATABASE_ROLE}:${password}@${LOOPBACK}:${port}/${database}?sslmode=disable`;
}

/** A connected client that has a listener for errors: one that breaks while idle would end the process without. */
export async function connect(url: string, applicationName: string, onError: () => void): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  client.on('error', onError);
  await client.connect();
  return client;
}
