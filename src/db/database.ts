import type pg from 'pg';
import type { Awaited } from '../model/awaited.ts';
import { createApiKeys } from './api-keys.ts';
import { createAudit } from './audit.ts';
import { createDeploymentBaselines } from './baselines/kept.ts';
import { createNeighbours } from './baselines/neighbours.ts';
import { createBaselineSamples } from './baselines/ring.ts';
import { createBaselineTurns } from './baselines/turns.ts';
import type { TraceStatements } from './connection/pool.ts';
import { prepared, type Queryable } from './connection/pool.ts';
import { isReadTimeout } from './connection/session-client.ts';
import { inOwnTransaction, retried, withRetries } from './connection/statements.ts';
import { createEndsTeller, type TellEnd } from './connection/tell-ends.ts';
import { createLevelHistory } from './deployments/level-history.ts';
import { createDeploymentReads } from './deployments/reads.ts';
import { createDeployments } from './deployments/table.ts';
import { createDora } from './dora.ts';
import { createEndpoints } from './endpoints.ts';
import { createEnvironmentOverview } from './environment-overview.ts';
import { createEnvironmentReads } from './environment-reads.ts';
import { createFailedReads } from './failed-reads.ts';
import { createFeedback } from './feedback.ts';
import { createJobFailures } from './job-failures.ts';
import { createKpiFacts } from './kpi-facts.ts';
import { createKpiHours } from './kpi-hours.ts';
import { createKpiTallies } from './kpi-tallies.ts';
import { createLateChecks } from './late-checks.ts';
import { createChannels } from './notifications/channels.ts';
import { createOutbox } from './notifications/outbox.ts';
import { createSourceOutages } from './notifications/source-outages.ts';
import { createOperators } from './operators.ts';
import { createOtlpPoints } from './otlp-points.ts';
import { createPersonalData } from './personal-data.ts';
import { createPreliminaries } from './preliminaries.ts';
import { createProjects } from './projects.ts';
import { createSamples } from './samples.ts';
import { createShards, type KnownProjects, ONE_DATABASE, type Shards, tiedStatements } from './shards/shards.ts';
import { createSources } from './sources.ts';
import { createVerdicts } from './verdicts.ts';
import { createVersionWatches } from './version-watches.ts';

/** One connection in the two ways that statements are sent by it. */
interface Connection {
  /** The connection itself, for what else must join the transaction: pg-boss takes it. */
  readonly connection: Queryable;
  /**
   * The same connection for statements that are prepared once and only run after that. Only such whose plan does not
   * hang on how full the tables are: it may have been made when they were empty.
   */
  readonly prepared: Queryable;
  /** Within a transaction what is told goes out once that has committed, and with it. */
  readonly tellEnd: TellEnd;
  /** What statements say where the tables are distributed by project. */
  readonly shards: Shards;
}

const TABLES = {
  projects: ({ prepared }: Connection) => createProjects(prepared),
  endpoints: ({ prepared }: Connection) => createEndpoints(prepared),
  sources: ({ prepared }: Connection) => createSources(prepared),
  apiKeys: ({ prepared }: Connection) => createApiKeys(prepared),
  deployments: ({ prepared, connection, shards, tellEnd }: Connection) =>
    createDeployments(prepared, connection, shards, tellEnd),
  deploymentReads: ({ prepared, shards }: Connection) => createDeploymentReads(prepared, shards),
  samples: ({ prepared, connection, shards }: Connection) => createSamples(prepared, connection, shards),
  verdicts: ({ prepared }: Connection) => createVerdicts(prepared),
  preliminaries: ({ prepared, shards, tellEnd }: Connection) => createPreliminaries(prepared, shards, tellEnd),
  lateChecks: ({ prepared, shards }: Connection) => createLateChecks(prepared, shards),
  feedback: ({ prepared, shards }: Connection) => createFeedback(prepared, shards),
  environmentOverview: ({ prepared, shards }: Connection) => createEnvironmentOverview(prepared, shards),
  environmentReads: ({ prepared, shards }: Connection) => createEnvironmentReads(prepared, shards),
  failedReads: ({ prepared, shards }: Connection) => createFailedReads(prepared, shards),
  jobFailures: ({ prepared, shards }: Connection) => createJobFailures(prepared, shards),
  baselineSamples: ({ prepared }: Connection) => createBaselineSamples(prepared),
  neighbours: ({ prepared }: Connection) => createNeighbours(prepared),
  baselineTurns: ({ prepared, shards }: Connection) => createBaselineTurns(prepared, shards),
  levelHistory: ({ prepared }: Connection) => createLevelHistory(prepared),
  deploymentBaselines: ({ prepared, shards }: Connection) => createDeploymentBaselines(prepared, shards),
  // Unprepared: its plan hangs on how much there is.
  dora: ({ connection, shards }: Connection) => createDora(connection, shards),
  kpiHours: ({ connection }: Connection) => createKpiHours(connection),
  kpiFacts: ({ connection }: Connection) => createKpiFacts(connection),
  kpiTallies: ({ connection }: Connection) => createKpiTallies(connection),
  otlpPoints: ({ prepared, connection, shards }: Connection) => createOtlpPoints(prepared, connection, shards),
  operators: ({ prepared }: Connection) => createOperators(prepared),
  audit: ({ prepared }: Connection) => createAudit(prepared),
  personalData: ({ prepared }: Connection) => createPersonalData(prepared),
  channels: ({ prepared }: Connection) => createChannels(prepared),
  outbox: ({ prepared, connection }: Connection) => createOutbox(prepared, connection),
  versionWatches: ({ connection }: Connection) => createVersionWatches(connection),
  sourceOutages: ({ prepared }: Connection) => createSourceOutages(prepared),
};

/** The table files bound to one connection (or to the pool, where each call is its own transaction). */
export type Tables = Connection & { readonly [Name in keyof typeof TABLES]: ReturnType<(typeof TABLES)[Name]> };

export interface TransactionOptions {
  /**
   * Sends `begin` without waiting for its answer. Needs a pool that pipelines. Should `begin` alone fail (somebody
   * cancelled that very statement), what was sent behind it stands outside of any transaction and stays: so only for
   * work that sends all it stores at once.
   */
  readonly beginAhead?: boolean;
  /**
   * The commit waits for the disk on every pool: for whatever somebody may have been told once it is there. Default:
   * as the pool's sessions commit.
   */
  readonly durable?: boolean;
}

export interface Database extends Tables {
  /** Commits when `work` resolves; rolls back and rethrows when it rejects. After a deadlock or a failed serialization
   * `work` runs again. */
  transaction<Result>(work: (tx: Tables) => Promise<Result>, options?: TransactionOptions): Promise<Result>;
}

/** Binds each table file when it is first asked for: a transaction needs three or four of thirty. */
class BoundTables implements Connection {
  readonly connection: Queryable;
  readonly prepared: Queryable;
  readonly tellEnd: TellEnd;
  readonly shards: Shards;

  constructor(connection: Queryable, prepared: Queryable, tellEnd: TellEnd, shards: Shards) {
    this.connection = connection;
    this.prepared = prepared;
    this.tellEnd = tellEnd;
    this.shards = shards;
  }
}
for (const [name, bind] of Object.entries(TABLES)) {
  Object.defineProperty(BoundTables.prototype, name, {
    get(this: BoundTables) {
      const value = bind(this);
      Object.defineProperty(this, name, { value });
      return value;
    },
  });
}

/** @param known whose deployments are, where the tables are distributed by project; null: they are not */
function bindTables(connection: Queryable, prepared: Queryable, tellEnd: TellEnd, known: KnownProjects | null): Tables {
  const bound =
    known === null
      ? new BoundTables(connection, prepared, tellEnd, ONE_DATABASE)
      : new BoundTables(tiedStatements(connection), tiedStatements(prepared), tellEnd, createShards(prepared, known));
  return bound as BoundTables & Tables;
}

/** Thrown inside `transaction` to roll back on purpose; `transaction` resolves with `value` instead of throwing. */
export class Rollback<Value> extends Error {
  readonly value: Value;
  constructor(value: Value) {
    super('transaction rolled back on purpose');
    this.value = value;
  }
}

export interface DatabaseOptions {
  /** Makes spans of statements; the default makes none. */
  readonly traced?: TraceStatements | undefined;
  /** Its tables are distributed by project (docs/decisions/0017). Default: false. */
  readonly distributed?: boolean;
  /** How a transaction begins: behind a pooler that gives each another session it brings its settings along. */
  readonly begin?: string;
}

const PLAIN_BEGIN = 'begin';
const DURABLE = 'set local synchronous_commit = on';

export function openDatabase(pool: pg.Pool, options: DatabaseOptions = {}): Database {
  const { traced = (connection) => connection, begin = PLAIN_BEGIN, distributed = false } = options;
  const known: KnownProjects | null = distributed ? new Map() : null;
  const pooled = begin !== PLAIN_BEGIN;
  // A prepared statement stays with its session, which there is somebody else's next.
  const named = pooled ? (connection: pg.PoolClient) => connection : prepared;
  const single = pooled ? inOwnTransaction(pool, begin) : pool;
  const statements = retried(pooled ? single : prepared(pool));
  const tellEnds = createEndsTeller(statements);
  const tables = bindTables(traced(retried(single)), traced(statements), (end) => tellEnds([end]), known);
  return Object.assign(tables, {
    async transaction<Result>(
      work: (tx: Tables) => Promise<Result>,
      { beginAhead = false, durable = false }: TransactionOptions = {},
    ): Promise<Result> {
      const first = durable ? `${begin}; ${DURABLE}` : begin;
      return await withRetries(async () => {
        const client = await pool.connect();
        const ended: Awaited[] = [];
        const tx = bindTables(traced(client), traced(named(client)), (end) => void ended.push(end), known);
        const result = await runTransaction(client, tx, work, first, beginAhead);
        tellEnds(ended);
        return result;
      });
    },
  });
}

async function runTransaction<Result>(
  client: pg.PoolClient,
  tx: Tables,
  work: (tx: Tables) => Promise<Result>,
  begin: string,
  beginAhead: boolean,
): Promise<Result> {
  let broken: Error | undefined;
  try {
    const begun = client.query(begin);
    // Told below; until then nobody may call it unhandled.
    begun.catch(() => {});
    if (!beginAhead) await begun;
    const result = await work(tx);
    await begun;
    await tx.connection.query('commit');
    return result;
  } catch (error) {
    broken = await rollBack(client, error);
    if (error instanceof Rollback) return error.value as Result;
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Resolves with an error when the connection must be thrown away, and never goes back into the pool mid-transaction. */
async function rollBack(client: pg.PoolClient, cause: unknown): Promise<Error | undefined> {
  // The statement still occupies the connection: a rollback would wait behind it for as long again.
  if (isReadTimeout(cause)) return cause as Error;
  return await client.query('rollback').then(
    () => undefined,
    (error: Error) => error,
  );
}
