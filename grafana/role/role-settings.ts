import { schemaName } from '../../src/config/formats.ts';
import { SETTINGS } from '../../src/config/settings.ts';
import { parseDatabaseUrl } from '../../src/model/database-url.ts';

/** What `npm run db:grafana-role` is told by its environment. */
export interface RoleSettings {
  readonly databaseUrl: string;
  readonly role: string;
  readonly password: string;
  /** Of the views. */
  readonly schema: string;
}

export type ParsedRoleSettings =
  | { readonly ok: true; readonly settings: RoleSettings }
  | { readonly ok: false; readonly faults: readonly string[] };

export const DEFAULT_ROLE = 'grafana_reader';
/** A name that needs no quotes, so that the SQL in the docs can be copied; `pg_` belongs to PostgreSQL. */
const ROLE_NAME = /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/;
/** Other characters would have to be normalised (SASLprep) exactly as each client does it. */
const PASSWORD = /^[\x20-\x7e]{8,}$/;

interface RoleEnvironment {
  readonly SEQPULSE_KPI_SCHEMA?: string | undefined;
  readonly DATABASE_URL?: string | undefined;
  readonly DATABASE_DIRECT_URL?: string | undefined;
  readonly GRAFANA_SQL_USER?: string | undefined;
  readonly GRAFANA_SQL_PASSWORD?: string | undefined;
}

/** Every fault at once, by name; none repeats a value, for one of them is a password. */
export function parseRoleSettings(env: RoleEnvironment): ParsedRoleSettings {
  const { GRAFANA_SQL_PASSWORD: password = '' } = env;
  // Migrations and what belongs to a session go past a pooler in transaction mode.
  const databaseUrl = env.DATABASE_DIRECT_URL || env.DATABASE_URL || '';
  // Compose hands an unset variable on as an empty one.
  const role = env.GRAFANA_SQL_USER || DEFAULT_ROLE;
  const schema = env.SEQPULSE_KPI_SCHEMA?.trim() || SETTINGS.kpiSchema.fallback;
  const faults: string[] = [];
  if (!schemaName.schema.safeParse(schema).success) faults.push(`SEQPULSE_KPI_SCHEMA: expected ${schemaName.expected}`);
  if (parseDatabaseUrl(databaseUrl) === null) {
    faults.push('DATABASE_URL: expected the postgres:// URL that the service uses');
  }
  if (!ROLE_NAME.test(role)) {
    faults.push('GRAFANA_SQL_USER: expected a role name of lower-case letters, digits and _, not starting with pg_');
  }
  if (!PASSWORD.test(password)) {
    faults.push('GRAFANA_SQL_PASSWORD: expected at least 8 printable ASCII characters');
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, settings: { databaseUrl, role, password, schema } };
}
