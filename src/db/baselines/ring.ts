import type { BaselineSample, Span } from '../../model/sample.ts';
import { numbersOf } from '../../model/sample.ts';
import { METRICS, type Sample, type SampleNumbers } from '../../verdict/types.ts';
import type { Queryable } from '../connection/pool.ts';
import { HOUR_MS, partitionOf, partitionsOf, SLOT_OF_SAMPLE, slotOf, slotsOf } from './slots.ts';

/** Two hours: one, and what of it lies beyond the full hour. */
const FEW_SLOTS = 2;
interface SampleRow extends SampleNumbers {
  /** bigint: a string in pg. */
  collected_ms: string;
}

const VALUES = METRICS.join(', ');
const LISTS = METRICS.map((_, index) => `$${index + 3}::real[]`).join(', ');

/** Below it a real has no exact form, and PostgreSQL refuses it. */
const MIN_REAL = 1.2e-38;

/** What a `real` can hold of a number; null: it is not known, or too large. */
export function asReal(value: number | null): number | null {
  if (value === null) return null;
  const real = Math.fround(value);
  if (!Number.isFinite(real)) return null;
  return Math.abs(real) < MIN_REAL ? 0 : real;
}

function toSample(row: SampleRow): Sample {
  return { collectedAtMs: Number(row.collected_ms), lateSeconds: 0, ...numbersOf(row) };
}

export function createBaselineSamples(connection: Queryable) {
  return {
    /**
     * Stores readings in one statement; their hours must have been opened. A number too large for the table is not
     * known here. Returns how many were stored.
     */
    async store(samples: readonly BaselineSample[]): Promise<number> {
      if (samples.length === 0) return 0;
      await connection.query(
        `insert into seqpulse.baseline_samples (collected_ms, series, ${VALUES}, read_ms)
         select * from unnest($1::bigint[], $2::int[], ${LISTS}, $${METRICS.length + 3}::real[])`,
        [
          samples.map(({ collectedAtMs }) => collectedAtMs),
          samples.map(({ series }) => series),
          ...METRICS.map((name) => samples.map(({ numbers }) => asReal(numbers[name]))),
          samples.map(({ readMs }) => asReal(readMs ?? null)),
        ],
      );
      return samples.length;
    },

    /** The newest `limit` samples of a series that lie in one of the spans; oldest first. */
    async newestOf(series: number, spans: readonly Span[], limit: number): Promise<Sample[]> {
      if (spans.length === 0) return [];
      const fromMs = Math.min(...spans.map((span) => span.fromMs));
      const toMs = Math.max(...spans.map((span) => span.toMs));
      const slots = slotsOf(fromMs, toMs);
      // By name where they are few: through their parent each of the 170 is looked at first, by every trigger.
      const sources =
        slots.length <= FEW_SLOTS
          ? slots.map((slot) => `select * from ${partitionOf(slot)} where series = $1`).join(' union all ')
          : `select * from seqpulse.baseline_samples where series = $1 and ${SLOT_OF_SAMPLE} = any($5::bigint[])`;
      const { rows } = await connection.query<SampleRow>(
        `select collected_ms, ${VALUES} from (${sources}) as kept where exists (
           select from unnest($2::bigint[], $3::bigint[]) as span (from_ms, to_ms)
           where collected_ms >= from_ms and collected_ms < to_ms)
         order by collected_ms desc limit $4`,
        [
          series,
          spans.map((span) => span.fromMs),
          spans.map((span) => span.toMs),
          limit,
          ...(slots.length <= FEW_SLOTS ? [] : [slots]),
        ],
      );
      return rows.map(toSample).reverse();
    },

    /** The newest sample of each series that has one: of the hour of `nowMs` and the one before; null: of all hours. */
    async lastOf(
      series: readonly number[],
      nowMs: number | null,
    ): Promise<Map<number, Sample & { readonly readMs: number | null }>> {
      if (series.length === 0) return new Map();
      const slots = nowMs === null ? null : slotsOf(nowMs - HOUR_MS, nowMs + 1);
      const { rows } = await connection.query<SampleRow & { series: number; read_ms: number | null }>(
        `select distinct on (series) series, collected_ms, ${VALUES}, read_ms from seqpulse.baseline_samples
         where series = any($1::integer[]) ${slots === null ? '' : `and ${SLOT_OF_SAMPLE} = any($2::bigint[])`}
         order by series, collected_ms desc`,
        slots === null ? [series] : [series, slots],
      );
      return new Map(rows.map((row) => [row.series, { ...toSample(row), readMs: row.read_ms }]));
    },

    /**
     * What was read of an environment's active endpoint in `[from, to)`, oldest first. Quiet times and others alike:
     * baseline/level.ts knows which are which.
     */
    async listOf(projectId: string, env: string, from: Date, to: Date): Promise<Sample[]> {
      const fromMs = from.getTime();
      const toMs = to.getTime();
      if (toMs <= fromMs) return [];
      const named = partitionsOf(fromMs, toMs);
      const among = named === null ? ` and ${SLOT_OF_SAMPLE} = any($5::bigint[])` : '';
      const readings = (named ?? ['seqpulse.baseline_samples']).map(
        (part) =>
          `select collected_ms, ${VALUES} from ${part}
           where series = (select id from wanted) and collected_ms >= $1 and collected_ms < $2${among}`,
      );
      const { rows } = await connection.query<SampleRow>(
        `with wanted as materialized (
           select s.id from seqpulse.baseline_series s
           join seqpulse.active_sources a on a.project_id = s.project_id and a.env = s.env and a.url = s.url
           where s.project_id = $3 and s.env = $4)
         ${readings.join(' union all ')}
         order by collected_ms`,
        [fromMs, toMs, projectId, env, ...(named === null ? [slotsOf(fromMs, toMs)] : [])],
      );
      return rows.map(toSample);
    },

    /**
     * Makes the partition of this hour ready: what another hour left in it goes. Needs a transaction around it. Safe
     * for several replicas at once: they wait for each other on the slot's row.
     */
    async openHour(hour: number): Promise<void> {
      const slot = slotOf(hour);
      const { rows } = await connection.query<{ hour: string | null }>(
        `select hour from seqpulse.baseline_slots where slot = $1 for update`,
        [slot],
      );
      const held = rows[0]?.hour ?? null;
      if (held !== null && Number(held) === hour) return;
      if (held !== null) await connection.query(`truncate ${partitionOf(slot)}`);
      await connection.query(`update seqpulse.baseline_slots set hour = $2 where slot = $1`, [slot, hour]);
    },

    /** Empties the partitions of all hours before this one. Needs a transaction around it. Returns how many. */
    async dropHoursBefore(hour: number): Promise<number> {
      const { rows } = await connection.query<{ slot: number }>(
        `select slot from seqpulse.baseline_slots where hour < $1 order by slot for update skip locked`,
        [hour],
      );
      for (const { slot } of rows) {
        await connection.query(`truncate ${partitionOf(slot)}`);
        await connection.query(`update seqpulse.baseline_slots set hour = null where slot = $1`, [slot]);
      }
      return rows.length;
    },
  };
}
