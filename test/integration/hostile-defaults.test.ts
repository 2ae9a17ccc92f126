import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { openPool } from '../../src/db/connection/pool.ts';
import { connectSession } from '../../src/db/connection/session-client.ts';
import { openBoss } from '../../src/jobs/scheduler.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectWholeLife, quietly } from '../support/whole-life.ts';

/** What somebody may have set on a database, a role or a server, for reasons of their own. Values are SQL. */
const HOSTILE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'German dates': { datestyle: "'German'", timezone: "'Asia/Kathmandu'", intervalstyle: "'sql_standard'" },
  'English dates': { datestyle: "'SQL, DMY'", timezone: "'Pacific/Apia'", intervalstyle: "'iso_8601'" },
  'transactions that may not write, or conflict': {
    default_transaction_isolation: "'serializable'",
    default_transaction_read_only: 'on',
    default_transaction_deferrable: 'on',
    synchronous_commit: 'off',
  },
  'other forms of values': {
    standard_conforming_strings: 'off',
    bytea_output: "'escape'",
    extra_float_digits: '-10',
    client_encoding: "'LATIN1'",
    array_nulls: 'off',
    transform_null_equals: 'on',
    quote_all_identifiers: 'on',
    xmlbinary: "'hex'",
    xmloption: "'document'",
    backslash_quote: 'on',
    escape_string_warning: 'on',
    lc_numeric: "'C.utf8'",
    lc_monetary: "'C.utf8'",
    lc_time: "'C.utf8'",
    default_text_search_config: "'german'",
    default_toast_compression: "'pglz'",
    timezone_abbreviations: "'Australia'",
  },
  'other names, a tablespace that is not there, foreign keys switched off, sessions that end with an error': {
    search_path: 'somebody, pg_catalog',
    row_security: 'off',
    check_function_bodies: 'off',
    default_tablespace: "'gone'",
    temp_tablespaces: "'gone'",
    session_replication_role: "'replica'",
    exit_on_error: 'on',
  },
  impatience: {
    statement_timeout: "'2s'",
    lock_timeout: "'1ms'",
    idle_in_transaction_session_timeout: "'1s'",
    idle_session_timeout: "'300ms'",
    transaction_timeout: "'1s'",
    tcp_user_timeout: "'1s'",
    client_connection_check_interval: "'1ms'",
    deadlock_timeout: "'1ms'",
    commit_delay: '100000',
    commit_siblings: '0',
  },
  'every word told, to the client and to the log': {
    client_min_messages: "'debug5'",
    lc_messages: "'C.utf8'",
    log_statement: "'all'",
    log_min_duration_statement: '0',
    log_duration: 'on',
    log_error_verbosity: "'verbose'",
    log_parameter_max_length_on_error: '-1',
    debug_print_parse: 'on',
    track_activities: 'off',
    track_counts: 'off',
    'plpgsql.extra_errors': "'all'",
    'plpgsql.extra_warnings': "'all'",
    'plpgsql.variable_conflict': "'use_variable'",
  },
  'nothing to work with': {
    work_mem: "'64kB'",
    hash_mem_multiplier: '1',
    maintenance_work_mem: "'1MB'",
    temp_buffers: "'800kB'",
    temp_file_limit: '0',
    logical_decoding_work_mem: "'64kB'",
    effective_cache_size: "'8kB'",
    default_statistics_target: '1',
    vacuum_cost_delay: '100',
    vacuum_cost_limit: '1',
    vacuum_freeze_min_age: '0',
    vacuum_freeze_table_age: '0',
  },
  'plans forced or compiled': {
    jit: 'on',
    jit_above_cost: '0',
    plan_cache_mode: "'force_custom_plan'",
    enable_indexscan: 'off',
    enable_indexonlyscan: 'off',
    enable_bitmapscan: 'off',
    enable_nestloop: 'off',
    enable_sort: 'off',
    enable_incremental_sort: 'off',
    enable_hashagg: 'off',
    enable_hashjoin: 'off',
    enable_mergejoin: 'off',
    enable_material: 'off',
    enable_memoize: 'off',
    enable_tidscan: 'off',
    enable_partition_pruning: 'off',
    constraint_exclusion: 'off',
    from_collapse_limit: '1',
    join_collapse_limit: '1',
    geqo_threshold: '2',
    cursor_tuple_fraction: '0',
    random_page_cost: '0',
    cpu_tuple_cost: '1000',
  },
  'plans for many processors': {
    plan_cache_mode: "'force_generic_plan'",
    parallel_setup_cost: '0',
    parallel_tuple_cost: '0',
    min_parallel_table_scan_size: '0',
    min_parallel_index_scan_size: '0',
    max_parallel_workers_per_gather: '8',
    force_parallel_mode: 'on',
    debug_parallel_query: 'on',
  },
};

/** Functions that would be found before PostgreSQL's own by a session that looks there first. */
const SOMEBODY = [
  'create schema somebody',
  `create function somebody.now() returns timestamptz language sql as $$ select 'infinity'::timestamptz $$`,
  `create function somebody.count(bigint) returns bigint language sql as 'select 0::bigint'`,
  `create function somebody.jsonb_array_length(jsonb) returns integer language sql as 'select 0'`,
];

async function hostileDatabase(defaults: Readonly<Record<string, string>>): Promise<TestDatabase> {
  const database = await createTestDatabase({ empty: true });
  const name = new URL(database.url).pathname.slice(1);
  for (const statement of SOMEBODY) await database.query(statement);
  // Of the many settings some are newer than this server, some are gone from it.
  const known = await database.query<{ name: string }>('select lower(name) as name from pg_settings');
  for (const [setting, value] of Object.entries(defaults)) {
    if (!setting.includes('.') && !known.some((row) => row.name === setting)) continue;
    await database.query(`alter database ${name} set ${setting} = ${value}`);
  }
  return database;
}

describe('a database whose defaults are not ours: a deployment on it, from an empty database to its verdict', () => {
  test.each(Object.keys(HOSTILE))('%s', async (kind) => {
    await using database = await hostileDatabase(HOSTILE[kind] ?? {});
    await using looks = quietly(database);
    await expectWholeLife(database.url, looks);
  });
});

test('every kind of session has the settings that it relies on, whatever the database says', async () => {
  const defaults = Object.assign({}, ...Object.values(HOSTILE)) as Record<string, string>;
  await using database = await hostileDatabase({
    ...defaults,
    session_replication_role: "'origin'",
    temp_file_limit: '-1',
  });
  const expected = {
    datestyle: 'ISO, MDY',
    timezone: 'UTC',
    intervalstyle: 'postgres',
    default_transaction_isolation: 'read committed',
    default_transaction_read_only: 'off',
    default_transaction_deferrable: 'off',
    standard_conforming_strings: 'on',
    bytea_output: 'hex',
    extra_float_digits: '1',
    client_encoding: 'UTF8',
    search_path: 'pg_catalog, pg_temp',
    lock_timeout: '0',
    idle_session_timeout: '0',
    enable_seqscan: 'off',
    jit: 'off',
    plan_cache_mode: 'auto',
    default_tablespace: '',
  };
  const text = 'select name, setting from pg_settings where lower(name) = any($1)';
  const asked = [Object.keys(expected)];
  const settingsOf = (rows: { name: string; setting: string }[]) =>
    Object.fromEntries(rows.map(({ name, setting }) => [name.toLowerCase(), setting]));

  const { url: connectionString } = database;
  const timeouts = { connectionTimeoutMs: 5_000, queryTimeoutMs: 5_000 };
  const pool = openPool({ connectionString, max: 1, applicationName: 'test', ...timeouts, onIdleError: () => {} });
  expect(settingsOf((await pool.query(text, asked)).rows)).toEqual(expected);
  await pool.end();
  const session = await connectSession({ connectionString, applicationName: 'test', timeoutMs: 5_000 });
  expect(settingsOf((await session.query(text, asked)).rows)).toEqual(expected);
  await session.end();
  const boss = await openBoss({ connectionString, log: pino({ level: 'silent' }) });
  expect(settingsOf((await boss.getDb().executeSql(text, asked)).rows)).toEqual(expected);
  await boss.stop({ graceful: false });
});
