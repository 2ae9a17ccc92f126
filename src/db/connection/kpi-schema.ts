import { StartError } from '../../model/start-error.ts';
import type { Queryable } from './pool.ts';

export const DEFAULT_KPI_SCHEMA = 'kpi';

/** As the migrations were written; an installation may call it otherwise. */
const WRITTEN_NAME = /\bkpi\./g;

/** A migration's SQL with its views in `schema`, which needs no quotes. */
export function withKpiSchema(sql: string, schema: string): string {
  return sql.replace('create schema kpi;', () => createUnlessThere(schema)).replace(WRITTEN_NAME, () => `${schema}.`);
}

/** Not `if not exists`: also for one that exists that asks for the right to create schemas. */
function createUnlessThere(schema: string): string {
  return `do $$ begin
  if not exists (select from pg_catalog.pg_namespace where nspname = '${schema}') then create schema ${schema}; end if;
end $$;`;
}

/**
 * Makes sure of the schema before migrations put views into it: one that somebody else keeps tables in is left alone,
 * with a StartError that says so, and views from before the setting changed are moved there.
 */
export async function prepareKpiSchema(connection: Queryable, schema: string): Promise<void> {
  const objects = await ourObjects(connection);
  const moved = objects.filter((object) => object.schema !== schema);
  if (objects.length > 0 && moved.length === 0) return;
  const { rows: theirs } = await connection.query<{ name: string }>(
    'select relname as name from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1) limit 1',
    [schema],
  );
  if (theirs[0] !== undefined) {
    throw new StartError(
      `The schema ${schema} of the database is somebody else's (it holds ${theirs[0].name}): name another one for the views that dashboards read, by SEQPULSE_KPI_SCHEMA.`,
    );
  }
  if (moved.length === 0) return;
  const steps = moved.map(({ kind, schema: from, name }) => `alter ${kind} ${from}.${name} set schema ${schema}`);
  await connection.query(['begin', createUnlessThere(schema), ...steps, 'commit'].join(';\n').replaceAll(';;', ';'));
}

/** Views over our tables and the functions beside them, wherever they are. */
async function ourObjects(connection: Queryable): Promise<readonly { kind: string; schema: string; name: string }[]> {
  const { rows } = await connection.query<{ kind: string; schema: string; name: string }>(
    `select distinct 'view' as kind, quote_ident(n.nspname) as schema, quote_ident(v.relname) as name
     from pg_depend d
     join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
     join pg_class v on v.oid = r.ev_class and v.relkind = 'v'
     join pg_namespace n on n.oid = v.relnamespace
     join pg_class t on t.oid = d.refobjid and t.relkind in ('r', 'p')
     where t.relnamespace = (select oid from pg_namespace where nspname = 'seqpulse')
       and v.relname in ('projects', 'environments', 'deployments', 'project_first_verdicts', 'sample_completeness',
                         'recoveries', 'job_failures', 'feedback', 'dora_deployments', 'deployment_samples')
       and pg_has_role(v.relowner, 'usage')
     union all
     select 'function', quote_ident(n.nspname),
            quote_ident(f.proname) || '(' || pg_get_function_identity_arguments(f.oid) || ')'
     from pg_proc f
     join pg_namespace n on n.oid = f.pronamespace
     where f.proname in ('deployment_hours', 'percentiles', 'dora_hours', 'sample_hours', 'busiest_deployments',
                         'busiest_dora_deployments', 'busiest_feedback', 'worst_newest_verdict', 'newest_marked_wrong')
       and f.prosecdef and f.prosrc ~ '\\mseqpulse\\.' and n.nspname <> 'seqpulse'
       and pg_has_role(f.proowner, 'usage')`,
  );
  return rows;
}
