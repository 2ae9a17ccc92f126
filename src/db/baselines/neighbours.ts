import { numbersOf, type Span } from '../../model/sample.ts';
import { METRICS, type Sample, type SampleNumbers } from '../../verdict/types.ts';
import type { Queryable } from '../connection/pool.ts';
import { partitionsOf, SLOT_OF_SAMPLE, slotsOf } from './slots.ts';

/** Another project that is read in the same environment. */
export interface Neighbour {
  readonly id: string;
  readonly name: string;
  /** What was read of it, oldest first; without what only few sources know of a reading. */
  readonly samples: readonly Sample[];
}

interface NeighbourRow extends SampleNumbers {
  project_id: string;
  name: string;
  /** bigint: a string in pg. */
  collected_ms: string;
}

const VALUES = METRICS.join(', ');

export function createNeighbours(connection: Queryable) {
  return {
    /**
     * What was read in a span of at most `most` other projects that have an environment of this name: between their
     * deployments by the ring, and for their deployments.
     */
    async listOf(projectId: string, env: string, { fromMs, toMs }: Span, most: number): Promise<Neighbour[]> {
      const named = partitionsOf(fromMs, toMs);
      const among = named === null ? ` and ${SLOT_OF_SAMPLE} = any($8::bigint[])` : '';
      const readings = (named ?? ['seqpulse.baseline_samples']).map(
        (part) =>
          `select places.project_id, places.name, b.collected_ms, ${VALUES}
           from places join ${part} b on b.series = places.series
           where b.collected_ms >= $4 and b.collected_ms < $5${among}`,
      );
      const { rows } = await connection.query<NeighbourRow>(
        `with places as materialized (
           select s.id as series, a.project_id, p.name
           from seqpulse.active_sources a
           join seqpulse.projects p on p.id = a.project_id
           left join seqpulse.baseline_series s on s.project_id = a.project_id and s.env = a.env and s.url = a.url
           where a.env = $2 and a.project_id <> $1 order by s.id, a.project_id limit $3)
         ${readings.join(' union all ')}
         union all
         select places.project_id, places.name, floor(extract(epoch from s.collected_at) * 1000)::bigint as collected_ms, ${VALUES}
         from seqpulse.samples s
         join seqpulse.deployments d on d.id = s.deployment_id
         join places on places.project_id = d.project_id
         where s.collected_at >= $6 and s.collected_at < $7 and d.env = $2
         order by project_id, collected_ms`,
        [
          projectId,
          env,
          most,
          fromMs,
          toMs,
          new Date(fromMs),
          new Date(toMs),
          ...(named === null ? [slotsOf(fromMs, toMs)] : []),
        ],
      );
      const found = new Map<string, { id: string; name: string; samples: Sample[] }>();
      for (const row of rows) {
        const neighbour = found.get(row.project_id) ?? { id: row.project_id, name: row.name, samples: [] };
        neighbour.samples.push({ collectedAtMs: Number(row.collected_ms), lateSeconds: 0, ...numbersOf(row) });
        found.set(row.project_id, neighbour);
      }
      return [...found.values()];
    },
  };
}
