import { createHash } from 'node:crypto';
import type { Queryable } from './connection/pool.ts';
import { deleteSome } from './shards/delete-some.ts';
import type { Shards } from './shards/shards.ts';

interface PointsRow {
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly points: Uint8Array;
}

interface NewRow extends PointsRow {
  readonly projectId: string;
  readonly env: string;
  readonly atMs: number;
}

interface PointsQuery {
  readonly projectId: string;
  /** null: of all environments. */
  readonly env: string | null;
  /** null: of all services. */
  readonly serviceName: string | null;
  /** Epoch milliseconds, both included. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** A row is of the ten seconds that begin at its time. */
const ROW_MS = 10_000;
const FROM_POINTS = `from seqpulse.otlp_points
  where project_id = $1 and ($2::text is null or env = $2) and ($3::text is null or service_name = $3)
    and at_ms >= $4 and at_ms <= $5`;

const valuesOf = ({ projectId, env, serviceName, fromMs, toMs }: PointsQuery) => [
  projectId,
  env,
  serviceName,
  Math.floor(fromMs / ROW_MS) * ROW_MS,
  Math.ceil(toMs),
];

/** Bytes of a digest: two different exports of the same ten seconds never share one. */
const DIGEST_BYTES = 16;

/**
 * Points that were pushed, as src/sources/otlp/ encodes them. Each row carries its `service_version`: whoever wants to know
 * which versions of a service take requests, minute by minute, folds the rows of each version apart.
 *
 * @param unprepared the same connection, for statements over many rows: their plan hangs on how full the table is.
 */
export function createOtlpPoints(connection: Queryable, unprepared: Queryable, shards: Pick<Shards, 'distributed'>) {
  async function versionsOf(queries: readonly PointsQuery[]): Promise<readonly string[][]> {
    const { rows } = await unprepared.query<{ versions: string[] }>(
      `select array(
         select distinct p.service_version from seqpulse.otlp_points p
         where p.project_id = q.project_id and (q.env is null or p.env = q.env)
           and (q.service_name is null or p.service_name = q.service_name) and p.at_ms between q.from_ms and q.to_ms
         order by p.service_version) as versions
       from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
         with ordinality as q (project_id, env, service_name, from_ms, to_ms, nth)
       order by q.nth`,
      [0, 1, 2, 3, 4].map((column) => queries.map((query) => valuesOf(query)[column])),
    );
    return rows.map(({ versions }) => versions);
  }
  /** Its shard alone. */
  async function versionsOfOne(query: PointsQuery): Promise<string[]> {
    const { rows } = await unprepared.query<{ service_version: string }>(
      `select distinct service_version ${FROM_POINTS} order by service_version`,
      valuesOf(query),
    );
    return rows.map((row) => row.service_version);
  }
  return {
    /** Stores rows in one statement; what is there already stays once. */
    async store(rows: readonly NewRow[]): Promise<void> {
      await connection.query(
        `insert into seqpulse.otlp_points (project_id, env, at_ms, digest, service_name, service_version, points)
         select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::bytea[], $5::text[], $6::text[], $7::bytea[])
         on conflict do nothing`,
        [
          rows.map(({ projectId }) => projectId),
          rows.map(({ env }) => env),
          rows.map(({ atMs }) => atMs),
          rows.map(({ serviceName, serviceVersion, points }) =>
            digestOf(`${serviceName}\0${serviceVersion}\0`, points),
          ),
          rows.map(({ serviceName }) => serviceName),
          rows.map(({ serviceVersion }) => serviceVersion),
          rows.map(({ points }) => Buffer.from(points)),
        ],
      );
    },

    /** Rows with points of this time and some a few seconds earlier. */
    async list(query: PointsQuery): Promise<PointsRow[]> {
      const { rows } = await unprepared.query<{ service_name: string; service_version: string; points: Buffer }>(
        `select service_name, service_version, points ${FROM_POINTS}`,
        valuesOf(query),
      );
      return rows.map((row) => ({
        serviceName: row.service_name,
        serviceVersion: row.service_version,
        points: row.points,
      }));
    },

    /** The versions that anything is kept of, of each of these times; by name, in the order of the queries. */
    listVersions: async (queries: readonly PointsQuery[]): Promise<readonly string[][]> =>
      shards.distributed ? await Promise.all(queries.map(versionsOfOne)) : await versionsOf(queries),

    /** The names of the services that anything is kept of, of this time; by name. */
    async listServices(query: Omit<PointsQuery, 'serviceName'>): Promise<string[]> {
      const { rows } = await unprepared.query<{ service_name: string }>(
        `select distinct service_name ${FROM_POINTS} order by service_name`,
        valuesOf({ ...query, serviceName: null }),
      );
      return rows.map((row) => row.service_name);
    },

    /** Deletes rows of before `before`, {@link deleteSome}; returns how many went. */
    prune: async (before: Date, limit: number): Promise<number> =>
      await deleteSome(unprepared, shards, {
        table: 'seqpulse.otlp_points',
        where: 'at_ms < $1',
        value: before.getTime(),
        limit,
      }),
  };
}

function digestOf(place: string, points: Uint8Array): Buffer {
  return createHash('sha256').update(place).update(points).digest().subarray(0, DIGEST_BYTES);
}
