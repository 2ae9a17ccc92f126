/** What `npm run db:grafana-role` is told by its environment. */
export interface RoleSettings {
  readonly databaseUrl: string;
  readonly role: string;
  readonly password: string;
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
  readonly DATABASE_URL?: string | undefined;
  readonly GRAFANA_SQL_USER?: string | undefined;
  readonly GRAFANA_SQL_PASSWORD?: string | undefined;
}

/** Every fault at once, by name; none repeats a value, for one of them is a password. */
export function parseRoleSettings(env: RoleEnvironment): ParsedRoleSettings {
  const { DATABASE_URL: databaseUrl = '', GRAFANA_SQL_PASSWORD: password = '' } = env;
  // Compose hands an unset variable on as an empty one.
  const role = env.GRAFANA_SQL_USER || DEFAULT_ROLE;
  const faults: string[] = [];
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) {
    faults.push('DATABASE_URL: expected the postgres:// URL that the service uses');
  }
  if (!ROLE_NAME.test(role)) {
    faults.push('GRAFANA_SQL_USER: expected a role name of lower-case letters, digits and _, not starting with pg_');
  }
  if (!PASSWORD.test(password)) {
    faults.push('GRAFANA_SQL_PASSWORD: expected at least 8 printable ASCII characters');
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, settings: { databaseUrl, role, password } };
}
