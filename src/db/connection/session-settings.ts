/** PostgreSQL settings by name, each as `SET` would take its text. */
export type SessionSettings = Readonly<Record<string, string>>;

/**
 * Everything that our statements rely on, so that no default of a database, a role or a server decides what they mean
 * or how they fail. Sent after connecting and not with it: PgBouncer refuses `options` and most settings in the
 * startup packet. Every version that is still maintained knows these.
 */
const RELIED_ON: SessionSettings = {
  // First: with a default of some milliseconds, what comes behind could already be too slow.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  // What text means, either way: node-postgres reads and writes these forms alone.
  client_encoding: 'UTF8',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  array_nulls: 'on',
  xmlbinary: 'base64',
  xmloption: 'content',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  timezone_abbreviations: 'Default',
  // How transactions begin and end.
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  synchronous_commit: 'on',
  exit_on_error: 'off',
  // What names mean: ours carry their schema, and nobody's function may pass for PostgreSQL's.
  search_path: 'pg_catalog, pg_temp',
  row_security: 'on',
  check_function_bodies: 'on',
  default_tablespace: '',
  temp_tablespaces: '',
  client_min_messages: 'notice',
  // How statements are planned. `enable_seqscan`: no statement of ours wants a whole table, but a plan made while the
  // tables are empty takes one all the same, and a prepared statement keeps it (test/integration/plans.test.ts).
  enable_seqscan: 'off',
  enable_indexscan: 'on',
  enable_indexonlyscan: 'on',
  enable_bitmapscan: 'on',
  enable_nestloop: 'on',
  enable_hashjoin: 'on',
  enable_hashagg: 'on',
  enable_sort: 'on',
  plan_cache_mode: 'auto',
  // Up to version 17 a scan that can't be avoided costs 1e10 under enable_seqscan=off, and so each such statement,
  // small as it is, would be compiled: a second and a half instead of a tenth of a millisecond.
  jit: 'off',
  // A client that died without a word must not hold its locks for two hours.
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '3',
  tcp_keepalives_count: '3',
};

/** Set where the server knows them: newer than the oldest version, or gone from the newest. */
const WHERE_KNOWN: SessionSettings = {
  transaction_timeout: '0',
  idle_session_timeout: '0',
  restrict_nonsystem_relation_kind: '',
  default_table_access_method: 'heap',
  debug_parallel_query: 'off',
  force_parallel_mode: 'off',
};

/** Settings that take privileges to change: asked for only where they are not as they must be. */
const PRIVILEGED: SessionSettings = {
  // `replica` switches foreign keys and triggers off.
  session_replication_role: 'origin',
};

/** PostgreSQL's own default. */
const MIN_WORK_MEM = '4MB';

/**
 * One text of several statements that makes a session ours, for one round trip right after connecting.
 *
 * @param more settings over those above; `''` is the empty value, not the default.
 */
export function sessionStatements(more: SessionSettings = {}): string {
  const known = Object.entries({ ...RELIED_ON, ...more });
  const values = Object.entries(WHERE_KNOWN).map(([name, value]) => `(${quoted(name)}, ${quoted(value)})`);
  const privileged = Object.entries(PRIVILEGED).map(([name, value]) => `(${quoted(name)}, ${quoted(value)})`);
  return [
    // Apart from the others: it must count for these.
    `set statement_timeout = 0`,
    `select ${known.map(([name, value]) => `set_config(${quoted(name)}, ${quoted(value)}, false)`).join(', ')}`,
    // Not by pg_settings, which makes all of its rows anew: a temporary file where work_mem is small.
    `select set_config(name, value, false) from (values ${values.join(', ')}) wanted (name, value)
       where current_setting(name, true) is not null`,
    `select set_config(name, value, false) from (values ${privileged.join(', ')}) wanted (name, value)
       where current_setting(name) <> value`,
    // Less would have sorts of a few hundred rows spill to disk, or fail where no temporary files are allowed.
    `select set_config('work_mem', '${MIN_WORK_MEM}', false)
       where pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('${MIN_WORK_MEM}')`,
    // A pooler may hand on what the client before has prepared.
    'deallocate all',
  ].join(';\n');
}

/**
 * The beginning of a transaction that brings its settings along, for a pooler that gives each transaction another
 * session. `known`: the names that this server knows.
 */
export function transactionStatements(known: ReadonlySet<string>, more: SessionSettings = {}): string {
  const ours = Object.entries({ ...RELIED_ON, ...WHERE_KNOWN }).filter(
    // Of the connection itself, which is the pooler's.
    ([name]) => known.has(name) && !name.startsWith('tcp_') && name !== 'client_encoding',
  );
  const settings = Object.entries({ ...Object.fromEntries(ours), ...more });
  return [
    'begin isolation level read committed read write not deferrable',
    `select ${settings.map(([name, value]) => `set_config(${quoted(name)}, ${quoted(value)}, true)`).join(', ')}`,
  ].join(';\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
