import { createHash } from 'node:crypto';
import type { Queryable } from './connection/pool.ts';

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

/** Bytes of a digest: two different exports of the same ten seconds never share one. */
const DIGEST_BYTES = 16;

/**
 * Points that were pushed, as src/sources/otlp/ encodes them. Each row carries its `service_version`: whoever wants to know
 * which versions of a service take requests, minute by minute, folds the rows of each version apart.
 *
 * @param unprepared the same connection, for statements over many rows: their plan hangs on how full the table is.
 */
export function createOtlpPoints(connection: Queryable, unprepared: Queryable) {
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

    /** Rows with points of this time (epoch milliseconds, both included) and some a few seconds earlier; null: of all. */
    async list(query: {
      readonly projectId: string;
      readonly env: string | null;
      readonly serviceName: string | null;
      readonly fromMs: number;
      readonly toMs: number;
    }): Promise<PointsRow[]> {
      const { rows } = await unprepared.query<{ service_name: string; service_version: string; points: Buffer }>(
        `select service_name, service_version, points from seqpulse.otlp_points
         where project_id = $1 and ($2::text is null or env = $2) and ($3::text is null or service_name = $3)
           and at_ms >= $4 and at_ms <= $5`,
        [query.projectId, query.env, query.serviceName, Math.floor(query.fromMs / 10_000) * 10_000, query.toMs],
      );
      return rows.map((row) => ({
        serviceName: row.service_name,
        serviceVersion: row.service_version,
        points: row.points,
      }));
    },

    /** The names of the services that anything is kept of, of this time; by name. */
    async listServices(query: {
      readonly projectId: string;
      readonly env: string | null;
      readonly fromMs: number;
      readonly toMs: number;
    }): Promise<string[]> {
      const { rows } = await unprepared.query<{ service_name: string }>(
        `select distinct service_name from seqpulse.otlp_points
         where project_id = $1 and ($2::text is null or env = $2) and at_ms >= $3 and at_ms <= $4
         order by service_name`,
        [query.projectId, query.env, Math.floor(query.fromMs), Math.ceil(query.toMs)],
      );
      return rows.map((row) => row.service_name);
    },

    /** Deletes up to `limit` rows of before; returns how many went. */
    async prune(before: Date, limit: number): Promise<number> {
      const { rowCount } = await unprepared.query(
        `delete from seqpulse.otlp_points where ctid = any(array(
           select ctid from seqpulse.otlp_points where at_ms < $1 limit $2))`,
        [before.getTime(), limit],
      );
      return rowCount ?? 0;
    },
  };
}

function digestOf(place: string, points: Uint8Array): Buffer {
  return createHash('sha256').update(place).update(points).digest().subarray(0, DIGEST_BYTES);
}
