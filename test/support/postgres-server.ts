import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOwnServer } from '../../harness/own-server.ts';
import type { OwnedFolder } from '../../harness/ownership/owned-folder.ts';
import { startServer } from '../../src/embedded-postgres/server.ts';

export interface TestServer {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

/**
 * A throw-away server from the embedded binaries, or from those in SEQPULSE_TEST_POSTGRES_BIN, with that version's own
 * defaults (/usr/lib/postgresql/15/bin); TEST_DATABASE_URL names one that runs already, a Citus cluster among
 * them (cluster.ts).
 */
export async function startTestServer(owned: OwnedFolder): Promise<TestServer> {
  const existing = process.env.TEST_DATABASE_URL;
  if (existing !== undefined) return { adminUrl: existing, stop: async () => {} };
  const binFolder = process.env.SEQPULSE_TEST_POSTGRES_BIN;
  if (binFolder !== undefined) {
    const server = await startOwnServer({ binFolder });
    return { adminUrl: server.url('postgres'), stop: async () => await server[Symbol.asyncDispose]() };
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'seqpulse-test-'));
  const server = await startServer({ dataDir, durable: false, maxConnections: 300 });
  // As root the database may live elsewhere, where its unprivileged user can reach it.
  if (!server.home.startsWith(owned.path)) owned.alsoOwn(server.home);
  return {
    adminUrl: server.connectionString('postgres'),
    async stop() {
      await server.stop();
      for (const folder of [dataDir, server.home]) await rm(folder, { recursive: true, force: true });
    },
  };
}
