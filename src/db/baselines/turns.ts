import { sha256 } from '../../model/digest.ts';
import type { DueEnvironment } from '../../model/sample.ts';
import type { Queryable } from '../connection/pool.ts';
import type { Shards } from '../shards/shards.ts';
import { type SourceRow, toSource } from '../source-rows.ts';

/**
 * Minutes by which the clocks of two replicas may differ: a turn that was taken for a minute up to this far ahead is
 * taken. More is taken for a clock that was set back, and read on.
 */
const MAX_SKEW_MINUTES = 5;

const WITHOUT_OPEN = `and not exists (select from seqpulse.deployments d
    where d.project_id = e.project_id and d.env = e.name and d.state = 'running')
  and not exists (select from seqpulse.deployments d
    where d.project_id = e.project_id and d.env = e.name and d.state = 'finished')`;

interface DueRow extends SourceRow {
  phase_ms: number;
  series: number | null;
  is_failing: boolean;
}

/** @param shards where the tables are distributed no row that is on every node is locked: its foreign key refuses a series */
export function createBaselineTurns(connection: Queryable, shards: Pick<Shards, 'distributed'>) {
  /** The environments of this second that are read between deployments; the view of sources is asked for each of them alone. */
  async function findDue(second: number, more: string): Promise<readonly DueRow[]> {
    const { rows } = await connection.query<DueRow>(
      `select a.project_id, a.env, a.url, a.source_kind, a.hmac_secret_encrypted, a.settings, a.credentials_encrypted,
              e.read_phase_ms as phase_ms, s.id as series, o.since is not null as is_failing
       from seqpulse.environments e
       join seqpulse.projects p on p.id = e.project_id and p.baseline = 'continuous'
       cross join lateral (select * from seqpulse.active_sources a
         where a.project_id = e.project_id and a.env = e.name and a.source_kind <> 'prometheus' offset 0) a
       left join seqpulse.baseline_series s on s.project_id = e.project_id and s.env = e.name and s.url = a.url
       left join seqpulse.source_outages o
         on o.project_id = e.project_id and o.env = e.name and o.recovered_at is null
       where e.read_phase_ms >= $1::int * 1000 and e.read_phase_ms < $1::int * 1000 + 1000 ${more}`,
      [second],
    );
    return rows;
  }

  /** As `WITHOUT_OPEN`, by a look at all shards together: no row is tied to what lies on another node. */
  async function withoutOpen(due: readonly DueRow[]): Promise<readonly DueRow[]> {
    if (due.length === 0) return due;
    const openIn = (state: string) =>
      `select project_id, env from seqpulse.deployments where project_id = any($1::uuid[]) and state = '${state}'`;
    const { rows } = await connection.query<{ project_id: string; env: string }>(
      `${openIn('running')} union all ${openIn('finished')}`,
      [due.map(({ project_id }) => project_id)],
    );
    const open = new Set(rows.map(({ project_id, env }) => `${project_id} ${env}`));
    return due.filter(({ project_id, env }) => !open.has(`${project_id} ${env}`));
  }

  return {
    /**
     * Takes the turn of one second of one minute (Unix time / 60) and says which environments are to be read in it:
     * those of projects with a continuous baseline that have an active source and no open deployment. One that holds the past
     * for as long as is of use, a Prometheus, is not read. Empty when another replica took it.
     */
    async take(minute: number, second: number): Promise<DueEnvironment[]> {
      const { rowCount } = await connection.query(
        `update seqpulse.baseline_turns set minute = $1
         where second = $2 and minute not between $1 and $1 + ${MAX_SKEW_MINUTES}`,
        [minute, second],
      );
      if (rowCount === 0) return [];
      const due = shards.distributed
        ? await withoutOpen(await findDue(second, ''))
        : await findDue(second, WITHOUT_OPEN);
      return due.flatMap((row) => {
        const source = toSource(row);
        if (source === null || source.kind === 'prometheus') return [];
        const { env, url, series } = row;
        return [{ source, env, url, phaseMs: row.phase_ms, series, isFailing: row.is_failing }];
      });
    },

    /** The series of these places, new where there is none; null for an environment that is gone. In the order given. */
    async openSeries(
      places: readonly { readonly projectId: string; readonly env: string; readonly url: string }[],
      now: Date,
    ): Promise<(number | null)[]> {
      const projectIds = places.map((place) => place.projectId);
      const envs = places.map((place) => place.env);
      const urls = places.map((place) => place.url);
      const hashes = urls.map((url) => sha256(url));
      await connection.query(
        `insert into seqpulse.baseline_series (project_id, env, url, url_sha256, created_at)
         select place.project_id, place.env, place.url, place.hash, $5
         from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) as place (project_id, env, url, hash)
         join seqpulse.environments e on e.project_id = place.project_id and e.name = place.env
         ${shards.distributed ? '' : 'for key share of e'}
         on conflict (project_id, env, url_sha256) do nothing`,
        [projectIds, envs, urls, hashes, now],
      );
      const { rows } = await connection.query<{ series: number | null }>(
        `select s.id as series
         from unnest($1::uuid[], $2::text[], $3::bytea[]) with ordinality as place (project_id, env, hash, position)
         left join seqpulse.baseline_series s on s.project_id = place.project_id and s.env = place.env
           and s.url_sha256 = place.hash
         order by place.position`,
        [projectIds, envs, hashes],
      );
      return rows.map((row) => row.series);
    },

    /** Forgets addresses that are read no more and were first read before `before`. Returns how many. */
    async pruneSeries(before: Date): Promise<number> {
      const idle = `s.created_at < $1 and s.url is distinct from (
        select a.url from seqpulse.active_sources a where a.project_id = s.project_id and a.env = s.env)`;
      if (shards.distributed) {
        const { rows } = await connection.query<{ id: number }>(
          `select s.id from seqpulse.baseline_series s where ${idle}`,
          [before],
        );
        if (rows.length === 0) return 0;
        await connection.query('delete from seqpulse.baseline_series where id = any($1::int[])', [
          rows.map(({ id }) => id),
        ]);
        return rows.length;
      }
      const { rowCount } = await connection.query(`delete from seqpulse.baseline_series s where ${idle}`, [before]);
      return rowCount ?? 0;
    },
  };
}
