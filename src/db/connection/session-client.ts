import pg from 'pg';
import { type DatabaseHost, parseDatabaseUrl } from '../../model/database-url.ts';
import { createHostChoice } from './host-choice.ts';
import { type SessionSettings, sessionStatements } from './session-settings.ts';
import type { SilenceWatch, Watched } from './silence-watch.ts';

export interface SessionOptions {
  /** May name several hosts: the one that accepts writes is taken, anew for each connection. */
  readonly connectionString: string;
  /** Over those that every session has. */
  readonly settings?: SessionSettings;
  /** Behind a pooler that gives each transaction another session there is nothing to set up. Default: false. */
  readonly transactionPooled?: boolean;
  readonly watch?: SilenceWatch;
}

/** For `pg.Pool`, `pg.Client` and whatever hands its options on to them. */
export interface SessionConfig {
  readonly connectionString: string;
  readonly Client: new (config?: pg.ClientConfig) => pg.Client;
}

/** Node's own probes follow a second apart, ten of them: a dead peer is noticed after some 15 s, also where all is idle. */
const KEEP_ALIVE_DELAY_MS = 5_000;
/** For one of several hosts to say whether it accepts writes. */
const ASK_TIMEOUT_MS = 1_000;

const READ_TIMEOUT = 'Query read timeout';

/** Whether the client gave up waiting for an answer. */
export function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === READ_TIMEOUT;
}

/** A server in recovery: SQLSTATE read_only_sql_transaction, as its first write would say. */
export class StandbyError extends Error {
  readonly code = '25006';
  constructor() {
    super('is a standby, which accepts no writes');
  }
}

/**
 * A client whose every connection is set up before its first use (session-settings.ts), goes to the host that accepts
 * writes, and never takes the process down: one that breaks between two statements of whoever holds it would be an
 * unhandled 'error' event; the next statement tells.
 */
export function sessionConfig(options: SessionOptions): SessionConfig {
  const parsed = parseDatabaseUrl(options.connectionString);
  const hosts = parsed?.hosts ?? [];
  const connectionString = parsed?.firstHostUrl ?? options.connectionString;
  const choose =
    hosts.length > 1 ? createHostChoice(hosts, async (host) => await askForWrites(connectionString, host)) : null;
  const { watch } = options;
  const statements =
    options.transactionPooled === true
      ? null
      : `${sessionStatements(options.settings)};\nselect pg_is_in_recovery() as standby`;

  class SessionClient extends pg.Client implements Watched {
    answeredAtMs = performance.now();
    /** Since when the oldest of what is under way waits, or the newest answer came. */
    waitingSinceMs: number | null = null;
    #underWay = 0;
    readonly #readTimeoutMs: number;

    constructor(config: pg.ClientConfig = {}) {
      super({ keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS, ...config });
      nameDatabase(this, parsed?.database ?? null);
      this.#readTimeoutMs = config.query_timeout ?? 0;
      this.on('error', () => {});
      this.once('end', () => watch?.remove(this));
    }

    get idle(): boolean {
      return this.#underWay === 0 && this.getTransactionStatus() !== 'T';
    }

    drop(): void {
      this.connection.stream.destroy();
    }

    // biome-ignore lint/suspicious/noExplicitAny: pg declares one overload for promises and one for callbacks
    override connect(callback?: unknown): any {
      const connected = this.#connect();
      if (typeof callback !== 'function') return connected;
      connected.then(
        () => callback(null, this),
        (error: Error) => callback(error),
      );
    }

    async #connect(): Promise<this> {
      this.#asked();
      watch?.add(this);
      try {
        await this.#establish();
      } catch (error) {
        watch?.remove(this);
        throw error;
      } finally {
        this.#underWay -= 1;
      }
      this.#heard();
      return this;
    }

    async #establish(): Promise<void> {
      if (choose !== null) {
        const { host, port } = await choose();
        // Whoever waited has given up meanwhile.
        if (this.connection.stream.destroyed) throw new Error('timeout expired');
        this.host = host;
        this.port = port;
      }
      await super.connect().catch(fatal);
      try {
        if (statements !== null) await this.#setUp(statements);
      } catch (error) {
        // Nobody else would: to a pool it never was a connection.
        this.drop();
        throw error;
      }
    }

    async #setUp(text: string): Promise<void> {
      const results = (await super.query(text)) as unknown as pg.QueryResult<{ standby?: boolean }>[];
      if (results.at(-1)?.rows[0]?.standby === true) throw new StandbyError();
    }

    // biome-ignore lint/suspicious/noExplicitAny: pg declares seven overloads; all of them pass through
    override query(...parameters: any[]): any {
      this.#asked();
      const callback = parameters.at(-1);
      if (typeof callback === 'function') {
        parameters[parameters.length - 1] = (error: unknown, result: unknown) => {
          this.#answered(error);
          callback(error, result);
        };
        return this.#send(parameters);
      }
      const answer = this.#send(parameters) as Promise<unknown>;
      answer.then(
        () => this.#answered(null),
        (error) => this.#answered(error),
      );
      return answer;
    }

    #send(parameters: unknown[]): unknown {
      return super.query(...(parameters as [string]));
    }

    #answered(error: unknown): void {
      this.#underWay -= 1;
      if (isReadTimeout(error)) watch?.timedOut(this, this.#readTimeoutMs);
      // An error without a code is this side's: the connection is gone, and nothing was heard.
      else if (error === null || error === undefined || typeof (error as { code?: unknown }).code === 'string') {
        this.#heard();
      }
      if (this.#underWay === 0) this.waitingSinceMs = null;
    }

    #asked(): void {
      this.#underWay += 1;
      this.waitingSinceMs ??= performance.now();
      watch?.asked();
    }

    #heard(): void {
      this.answeredAtMs = performance.now();
      this.waitingSinceMs = this.#underWay === 0 ? null : this.answeredAtMs;
      watch?.answered();
    }
  }
  return { connectionString, Client: SessionClient as unknown as SessionConfig['Client'] };
}

/** A connection of its own for a start or a script; the caller ends it. Without a query timeout statements may take their time. */
export async function connectSession(
  options: SessionOptions & {
    readonly applicationName: string;
    readonly timeoutMs: number;
    readonly queryTimeoutMs?: number;
  },
): Promise<pg.Client> {
  const { Client, connectionString } = sessionConfig(options);
  const client = new Client({
    connectionString,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.timeoutMs,
    ...(options.queryTimeoutMs === undefined ? {} : { query_timeout: options.queryTimeoutMs }),
  });
  await client.connect();
  return client;
}

/** Whatever a server refuses while a session begins is fatal; it says so in the language of its messages. */
function fatal(error: unknown): never {
  if (error instanceof pg.DatabaseError) error.severity = 'FATAL';
  throw error;
}

/** What a client connects to is no option beside a URL: the URL's own reading of the name wins. */
function nameDatabase(client: pg.Client, name: string | null): void {
  if (name === null) return;
  client.database = name;
  (client as unknown as { connectionParameters: { database: string } }).connectionParameters.database = name;
}

async function askForWrites(connectionString: string, { host, port }: DatabaseHost): Promise<void> {
  const client = new pg.Client({
    connectionString,
    application_name: 'seqpulse asks for writes',
    connectionTimeoutMillis: ASK_TIMEOUT_MS,
    query_timeout: ASK_TIMEOUT_MS,
  });
  client.on('error', () => {});
  nameDatabase(client, parseDatabaseUrl(connectionString)?.database ?? null);
  client.host = host;
  client.port = port;
  try {
    await client.connect();
    const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
    if (rows[0]?.standby !== false) throw new StandbyError();
  } finally {
    void client.end().catch(() => {});
  }
}
