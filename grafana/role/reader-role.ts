import pg from 'pg';
import type { Queryable } from '../../src/db/connection/pool.ts';
import { scramVerifier } from './scram-verifier.ts';

/** Marks a role as ours: an existing role without this comment is somebody else's and stays untouched. */
const ROLE_COMMENT = 'SeqPulse: reads the kpi views for Grafana';
/** Milliseconds. A panel over years must not hold a connection of the service's own database for ever. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** Grafana's pool (provisioning says 5) twice over: a restart meets the connections of the one before. */
const CONNECTION_LIMIT = 10;

export type RoleOutcome =
  | { readonly status: 'created' | 'updated' }
  | { readonly status: 'refused'; readonly reason: string };

export interface RoleInput {
  readonly role: string;
  readonly password: string;
  /** Of the views, needs no quotes. Default: kpi. */
  readonly schema?: string;
  /** 16 random bytes. */
  readonly salt: Buffer;
}

/**
 * Makes the read-only role of Grafana, or brings it up to date (password and rights). Wants a connection to the
 * service's database, migrated, as the user that owns the views. Refuses to touch a role that it did not make.
 */
export async function ensureReaderRole(connection: Queryable, input: RoleInput): Promise<RoleOutcome> {
  const { rows } = await connection.query<{ comment: string | null }>(
    `select shobj_description(oid, 'pg_authid') as comment from pg_roles where rolname = $1`,
    [input.role],
  );
  const existing = rows[0];
  if (existing !== undefined && existing.comment !== ROLE_COMMENT) {
    return {
      status: 'refused',
      reason: `the role ${input.role} exists and was not made by this command: set GRAFANA_SQL_USER to another name`,
    };
  }
  const database = await currentDatabase(connection);
  const verifier = pg.escapeLiteral(scramVerifier(input.password, input.salt));
  const verb = existing === undefined ? 'create' : 'alter';
  for (const statement of roleStatements(verb, input.role, database, verifier, input.schema))
    await connection.query(statement);
  return { status: existing === undefined ? 'created' : 'updated' };
}

/**
 * The statements, for this command and for docs/grafana.md (where the service's user may not create roles).
 * `passwordLiteral` is SQL: a quoted password or SCRAM verifier.
 */
export function roleStatements(
  verb: 'create' | 'alter',
  role: string,
  database: string,
  passwordLiteral: string,
  schema = 'kpi',
): string[] {
  const name = pg.escapeIdentifier(role);
  return [
    // No word of superuser and its like: off by default, and naming them takes a superuser.
    `${verb} role ${name} login noinherit connection limit ${CONNECTION_LIMIT} password ${passwordLiteral}`,
    `comment on role ${name} is ${pg.escapeLiteral(ROLE_COMMENT)}`,
    `alter role ${name} set default_transaction_read_only = on`,
    `alter role ${name} set statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
    `alter role ${name} set search_path = ${schema}`,
    `grant connect on database ${pg.escapeIdentifier(database)} to ${name}`,
    `grant usage on schema ${schema} to ${name}`,
    `grant select on all tables in schema ${schema} to ${name}`,
    // Views that a later release adds.
    `alter default privileges in schema ${schema} grant select on tables to ${name}`,
  ];
}

async function currentDatabase(connection: Queryable): Promise<string> {
  const { rows } = await connection.query<{ name: string }>('select current_database() as name');
  return rows[0]?.name ?? '';
}
