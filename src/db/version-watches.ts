import type { DueWatch, VersionWatch } from '../model/version-watch.ts';
import type { Queryable } from './connection/pool.ts';
import { type SourceRow, toSource } from './source-rows.ts';
import { fromWatch, toWatch } from './stored-watch.ts';

interface Row extends SourceRow {
  minute: string;
  state: unknown;
}

/** Milliseconds after a minute's end at which it can be read whole: exports of senders that push once a minute have come. */
const PUSHED_MS = 75_000;
const SCRAPED_MS = 30_000;

export function createVersionWatches(connection: Queryable) {
  return {
    /**
     * Takes up to `limit` environments whose newest whole minute nobody has looked at yet, for this replica alone: those
     * whose source holds the past and tells versions apart. `nowMs`: epoch milliseconds.
     */
    async take(nowMs: number, limit: number): Promise<DueWatch[]> {
      const { rows } = await connection.query<Row>(
        `with due as (
           select a.*, due.minute
           from seqpulse.active_sources a
           join seqpulse.environments e on e.project_id = a.project_id and e.name = a.env
           cross join lateral (
             -- Not all of them in the same second.
             select floor(($1::float8 - e.read_phase_ms / 3
               - case a.source_kind when 'otlp' then ${PUSHED_MS} else ${SCRAPED_MS} end) / 60000)::bigint as minute
           ) due
           left join seqpulse.version_watches w on w.project_id = a.project_id and w.env = a.env
           where a.source_kind <> 'pull' and a.settings -> 'detect' is distinct from 'false'::jsonb
             and (a.source_kind = 'otlp' or a.settings ->> 'versionLabel' is not null)
             and (w.minute is null or due.minute not between w.minute - 5 and w.minute)
           limit $2),
         taken as (
           insert into seqpulse.version_watches as w (project_id, env, minute)
           select project_id, env, minute from due order by project_id, env
           on conflict (project_id, env) do update set minute = excluded.minute
             where excluded.minute not between w.minute - 5 and w.minute
           returning project_id, env, state)
         select due.*, taken.state from due join taken using (project_id, env)`,
        [nowMs, limit],
      );
      return rows.flatMap((row) => {
        const source = toSource(row);
        const { project_id: projectId, env } = row;
        return source === null
          ? []
          : [{ projectId, env, source, minute: Number(row.minute), watch: toWatch(row.state) }];
      });
    },

    /** Locks the row. False: another replica has taken a later minute since, or the environment is gone. */
    async hold({ projectId, env, minute }: DueWatch): Promise<boolean> {
      const { rowCount } = await connection.query(
        `select from seqpulse.version_watches where project_id = $1 and env = $2 and minute = $3 for update`,
        [projectId, env, minute],
      );
      return rowCount === 1;
    },

    /** In one statement, each unless another replica has taken a later minute since. */
    async keep(all: readonly { readonly of: DueWatch; readonly watch: VersionWatch }[]): Promise<void> {
      if (all.length === 0) return;
      await connection.query(
        `update seqpulse.version_watches w set state = seen.state
         from unnest($1::uuid[], $2::text[], $3::bigint[], $4::jsonb[]) as seen (project_id, env, minute, state)
         where w.project_id = seen.project_id and w.env = seen.env and w.minute = seen.minute`,
        [
          all.map(({ of }) => of.projectId),
          all.map(({ of }) => of.env),
          all.map(({ of }) => of.minute),
          all.map(({ watch }) => fromWatch(watch)),
        ],
      );
    },
  };
}
