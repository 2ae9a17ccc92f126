import { explainDatabase } from '../db/connection/explain.ts';
import { findPooling, type Pooling } from '../db/connection/pooler.ts';
import { connectSession } from '../db/connection/session-client.ts';
import { StartError } from '../model/start-error.ts';

const START_SESSION = { applicationName: 'seqpulse start', timeoutMs: 5_000, queryTimeoutMs: 5_000 } as const;

/** How the database is reached. */
export interface DatabaseRoute {
  /** For requests, workers, baselines and health. */
  readonly url: string;
  /** For what needs a session of its own: migrations, their lock, and the job queue. */
  readonly directUrl: string;
  /** What `url` goes through. */
  readonly pooling: Pooling;
}

/**
 * Finds out what stands in front of the database. Throws a StartError that says in one line why it can't be used, or
 * what a pooler lacks.
 */
export async function findDatabaseRoute(url: string, directUrl: string | null): Promise<DatabaseRoute> {
  const pooling = await poolingOf(url, 'DATABASE_URL');
  if (directUrl === null) {
    if (pooling.mode === 'session') return { url, directUrl: url, pooling };
    throw new StartError(
      'DATABASE_URL goes through a pooler in transaction mode, where locks and prepared statements belong to nobody: set DATABASE_DIRECT_URL to the database itself (or to a pool in session mode) for the job queue and the migrations, or use a pool in session mode.',
    );
  }
  if ((await poolingOf(directUrl, 'DATABASE_DIRECT_URL')).mode === 'transaction') {
    throw new StartError(
      'DATABASE_DIRECT_URL goes through a pooler in transaction mode as well: name the database itself, or a pool in session mode.',
    );
  }
  const [pooled, direct] = await Promise.all([identityOf(url), identityOf(directUrl)]);
  if (pooled !== direct) {
    throw new StartError('DATABASE_DIRECT_URL leads to another database than DATABASE_URL: name the same one in both.');
  }
  return { url, directUrl, pooling };
}

/** One database of one start of one server. */
async function identityOf(connectionString: string): Promise<string> {
  // As behind a pooler: nothing is set that could land in somebody else's session.
  const client = await connectSession({ connectionString, transactionPooled: true, ...START_SESSION });
  try {
    const { rows } = await client.query<{ identity: string }>(
      `select concat(oid, ' ', extract(epoch from pg_postmaster_start_time())) as identity
       from pg_database where datname = current_database()`,
    );
    return rows[0]?.identity ?? '';
  } finally {
    await client.end();
  }
}

async function poolingOf(url: string, setting: string): Promise<Pooling> {
  try {
    return await findPooling(url);
  } catch (cause) {
    throw new StartError(explainDatabase(cause, setting), { cause });
  }
}
