import { setTimeout as sleep } from 'node:timers/promises';
import { clusterFolder } from './cluster.ts';
import { connect } from './connection.ts';
import { EmbeddedDatabaseError, programFailure } from './errors.ts';
import { type Ownership, takeOwnership } from './ownership.ts';
import { inspectPostmaster } from './postmaster.ts';
import { type Server, type ServerOptions, startServer } from './server.ts';

export interface EmbeddedDatabaseOptions extends ServerOptions {
  /** The server has stopped or somebody else has taken the folder: nothing works until the service starts again. */
  readonly onLost?: (error: EmbeddedDatabaseError) => void;
}

export interface EmbeddedDatabase {
  /** Of the service's database. Holds the password. */
  readonly connectionString: string;
  /** The server ran already: an earlier service was killed and left it. */
  readonly adopted: boolean;
  /** Where the data really are: in the data folder, or elsewhere for root. To throw a database away, remove both. */
  readonly home: string;
  /** Stops the server and gives the folder free. Close everything that is connected first. */
  close(): Promise<void>;
  /** Stops the server under whatever is still connected: for somebody who does not want to wait. */
  stopServer(): Promise<void>;
}

const DATABASE = 'seqpulse';
/** A server that another process was just stopping is started anew; more often than this, something is wrong. */
const MAX_ATTEMPTS = 5;
const POLL_MS = 100;

/**
 * The embedded database of a data folder, for one process at a time: a second one is refused with the process id of the
 * first. Throws an EmbeddedDatabaseError whose message is one line that says what to do.
 */
export async function openEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const { server, ownership } = await startAndOwn(options);
  const close = () => ownership.release(() => server.stop());
  try {
    await ensureDatabase(server.connectionString('postgres'));
  } catch (error) {
    await close();
    throw programFailure('Creating the database', server.home, String(error));
  }
  let closing: Promise<void> | undefined;
  return {
    connectionString: server.connectionString(DATABASE),
    adopted: server.adopted,
    home: server.home,
    close() {
      // The folder stays ours until the server is down: given free before, the next service would adopt a server that
      // is about to stop.
      closing ??= close();
      return closing;
    },
    stopServer: () => server.stop(),
  };
}

async function startAndOwn(options: EmbeddedDatabaseOptions): Promise<{ server: Server; ownership: Ownership }> {
  const { log = () => {}, onLost = () => {} } = options;
  for (let attempt = 1; ; attempt++) {
    const server = await startServer(options);
    const { dataDir, home } = server;
    const serverIsAlive = async () => (await inspectPostmaster(clusterFolder(home))).state === 'alive';
    try {
      const url = server.connectionString('postgres');
      return { server, ownership: await takeOwnership({ dataDir, url, serverIsAlive, log, onLost }) };
    } catch (error) {
      // A server that we started stays when somebody else owns the folder: they adopted it meanwhile.
      if (error instanceof EmbeddedDatabaseError) throw error;
      if (attempt === MAX_ATTEMPTS) throw programFailure('Connecting to the embedded PostgreSQL', home, String(error));
      await sleep(POLL_MS);
    }
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const client = await connect(url, 'seqpulse start', () => {});
  try {
    // Looked for first: a statement that fails would be an ERROR in the server's log at every start.
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}
