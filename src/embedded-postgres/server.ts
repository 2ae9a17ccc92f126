import { connectionString } from './connection.ts';
import { asEmbeddedDatabaseError } from './errors.ts';
import { install, type Machine } from './install.ts';
import type { EmbeddedLog, TellStep } from './log.ts';
import { startPostmaster } from './start-server.ts';
import { stopPostmaster } from './stop-server.ts';

export interface ServerOptions {
  /** Made where it is missing. */
  readonly dataDir: string;
  readonly log?: EmbeddedLog;
  readonly onStep?: TellStep;
  /** Absent: the one of the last start, or any that is free. */
  readonly port?: number;
  /** false, for tests alone: nothing is forced to disk, and a power cut may leave it broken. Default true. */
  readonly durable?: boolean;
  /** Default 100. */
  readonly maxConnections?: number;
  readonly machine?: Machine;
}

/** A server of a data folder, without a claim to the folder: several processes may have it at the same time. */
export interface Server {
  /** Process id of the server. */
  readonly pid: number;
  readonly port: number;
  /** It ran already. */
  readonly adopted: boolean;
  /** Absolute. */
  readonly dataDir: string;
  /** Where the data really are: in `dataDir`, or elsewhere for root. To throw a database away, remove both. */
  readonly home: string;
  /** Its superuser's connection to one of its databases; `postgres` is always there. Holds the password. */
  connectionString(database: string): string;
  /** Stops the server, also when it was adopted. */
  stop(): Promise<void>;
}

/**
 * Makes, starts or adopts the PostgreSQL of a data folder. Listens on 127.0.0.1 alone, has its own session, and outlives
 * this process unless it is stopped. Throws an EmbeddedDatabaseError whose message is one line that says what to do.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const {
    dataDir,
    port,
    durable = true,
    maxConnections = 100,
    log = () => {},
    onStep = () => {},
    machine = {},
  } = options;
  const startedMs = performance.now();
  const installation = await install({ dataDir, durable, log, onStep, machine });
  try {
    const running = await startPostmaster(installation, { port, durable, maxConnections });
    log(running.adopted ? 'embedded_database.adopted' : 'embedded_database.started', {
      pid: running.pid,
      port: running.port,
      folder: installation.home,
      seconds: (performance.now() - startedMs) / 1000,
    });
    return {
      ...running,
      dataDir: installation.dataDir,
      home: installation.home,
      connectionString: (database) => connectionString(running.port, installation.password, database),
      stop: () => stopPostmaster(installation),
    };
  } catch (error) {
    throw asEmbeddedDatabaseError(installation.home, error);
  }
}
