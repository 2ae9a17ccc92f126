/**
 * Makes or updates the database role that Grafana reads the kpi views with: `npm run db:grafana-role`.
 * Settings: DATABASE_URL, GRAFANA_SQL_PASSWORD, GRAFANA_SQL_USER (grafana_reader), SEQPULSE_KPI_SCHEMA
 * (kpi). May run again and again, and before the service's first start: it migrates first. Exit 78: a setting is wrong; 1: the database refused.
 */
import { randomBytes } from 'node:crypto';
import { migrate } from '../../src/db/connection/migrate.ts';
import { connectSession } from '../../src/db/connection/session-client.ts';
import { errorCode, StartError } from '../../src/model/start-error.ts';
import { ensureReaderRole } from './reader-role.ts';
import { parseRoleSettings, type RoleSettings } from './role-settings.ts';

const CONNECT_TIMEOUT_MS = 5_000;

async function main(): Promise<number> {
  const parsed = parseRoleSettings(process.env);
  if (!parsed.ok) {
    console.error(`db:grafana-role: settings are wrong:\n${parsed.faults.map((fault) => `  ${fault}`).join('\n')}`);
    return 78;
  }
  try {
    return await apply(parsed.settings);
  } catch (error) {
    console.error(`db:grafana-role: ${explain(error)}`);
    return 1;
  }
}

async function apply({ databaseUrl, role, password, schema }: RoleSettings): Promise<number> {
  // The start of the service, which looks for a pooler in the way, is not this command's: it wants the database itself.
  const client = await connectSession({
    connectionString: databaseUrl,
    applicationName: 'seqpulse grafana role',
    timeoutMs: CONNECT_TIMEOUT_MS,
  });
  try {
    await migrate(databaseUrl, () => {}, schema);
    await client.query('begin');
    const outcome = await ensureReaderRole(client, { role, password, schema, salt: randomBytes(16) });
    await client.query(outcome.status === 'refused' ? 'rollback' : 'commit');
    if (outcome.status === 'refused') {
      console.error(`db:grafana-role: ${outcome.reason}.`);
      return 1;
    }
    console.log(`Role ${role} ${outcome.status}: it can read the views of the schema ${schema}, and nothing else.`);
    return 0;
  } finally {
    await client.end();
  }
}

/** Never the message of an error that could quote a statement: the one that sets the password is among them. */
function explain(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens at the host and port of DATABASE_URL.',
    ENOTFOUND: 'the host name in DATABASE_URL does not resolve.',
    '28P01': 'the database refuses the user or password of DATABASE_URL.',
    '3D000': 'the database named in DATABASE_URL does not exist.',
    '42501': 'the user of DATABASE_URL may not create roles: let an administrator run the SQL in docs/grafana.md.',
  };
  // Written for people, and of no statement.
  if (error instanceof StartError) return error.message;
  const code = errorCode(error);
  return reasons[code] ?? `the database could not do it${code === '' ? '' : ` (${code})`}.`;
}

process.exitCode = await main();
