import type { MetricName, Sample } from '../verdict/types.ts';
import type { Queryable } from './pool.ts';

export type Phase = 'pre' | 'post';

export interface StoredSample extends Sample {
  readonly phase: Phase;
  /** From the baseline kept ready, not read for this deployment. Always `pre`. */
  readonly fromBaseline: boolean;
}

export interface NewSample {
  readonly deploymentId: string;
  readonly phase: Phase;
  /** 0-based place in the phase's schedule. */
  readonly sequence: number;
  readonly dueAt: Date;
  readonly collectedAt: Date;
  readonly metrics: Readonly<Record<MetricName, number>>;
}

export interface StoredPost {
  readonly outcome: 'stored' | 'dropped';
  /** Every post collect of the deployment has settled. Also told to whoever stores a second time. */
  readonly allSettled: boolean;
  readonly windowEndsAt: Date | null;
}

const COLUMNS = `(deployment_id, phase, sequence, due_at, collected_at,
  requests_per_sec, latency_p95, error_rate, cpu_usage, memory_usage)`;
const PARAMETERS = `$1, $2, $3::smallint, $4::timestamptz, $5::timestamptz,
  $6::float8, $7::float8, $8::float8, $9::float8, $10::float8`;

function valuesOf(sample: NewSample): unknown[] {
  const { metrics } = sample;
  return [
    sample.deploymentId,
    sample.phase,
    sample.sequence,
    sample.dueAt,
    sample.collectedAt,
    metrics.requests_per_sec,
    metrics.latency_p95,
    metrics.error_rate,
    metrics.cpu_usage,
    metrics.memory_usage,
  ];
}

interface SampleRow {
  phase: Phase | 'baseline';
  due_at: Date;
  collected_at: Date;
  requests_per_sec: number;
  latency_p95: number;
  error_rate: number;
  cpu_usage: number;
  memory_usage: number;
}

export function createSamples(connection: Queryable) {
  return {
    /**
     * Stores a reading from before, in one statement: only while its deployment still runs, and never twice.
     * "dropped": nothing waits for it any more, or it is stored already.
     */
    async storePre(sample: NewSample): Promise<'stored' | 'dropped'> {
      const { rowCount } = await connection.query(
        `insert into seqpulse.samples ${COLUMNS}
         select ${PARAMETERS} from seqpulse.deployments
         where id = $1 and state = 'running' and collection_ended is null for key share
         on conflict (deployment_id, phase, sequence) do nothing`,
        valuesOf(sample),
      );
      return rowCount === 1 ? 'stored' : 'dropped';
    },

    /**
     * Stores a reading from after and counts it as settled, in one statement: both or neither, once. The primary
     * key is the fence: a worker that was taken for dead and comes back stores nothing a second time.
     */
    async storePost(sample: NewSample): Promise<StoredPost> {
      const { rows } = await connection.query<{
        stored: boolean;
        settled: boolean;
        window_ends_at: Date;
      }>(
        `with waiting as (
           select id from seqpulse.deployments
           where id = $1 and state = 'finished' and collection_ended is null for no key update),
         stored as (
           insert into seqpulse.samples ${COLUMNS} select ${PARAMETERS} from waiting
           on conflict (deployment_id, phase, sequence) do nothing returning 1)
         update seqpulse.deployments
         set post_settled = least(post_expected, post_settled + (select count(*) from stored))
         where id in (select id from waiting)
         returning exists (select 1 from stored) as stored, post_settled >= post_expected as settled, window_ends_at`,
        valuesOf(sample),
      );
      const row = rows[0];
      return row === undefined
        ? { outcome: 'dropped', allSettled: false, windowEndsAt: null }
        : {
            outcome: row.stored ? 'stored' : 'dropped',
            allSettled: row.settled,
            windowEndsAt: row.window_ends_at,
          };
    },

    /** Copies what its baseline is into a deployment's evidence: what is kept between deployments lives a day only. */
    async keepBaseline(deploymentId: string, samples: readonly Sample[]): Promise<void> {
      await connection.query(
        `insert into seqpulse.samples ${COLUMNS}
         select $1, 'baseline', row_number() over (order by at) - 1, at, at, rps, p95, errors, cpu, memory
         from unnest($2::timestamptz[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[])
           as kept (at, rps, p95, errors, cpu, memory)`,
        [
          deploymentId,
          samples.map((sample) => new Date(sample.collectedAtMs)),
          samples.map((sample) => sample.requests_per_sec),
          samples.map((sample) => sample.latency_p95),
          samples.map((sample) => sample.error_rate),
          samples.map((sample) => sample.cpu_usage),
          samples.map((sample) => sample.memory_usage),
        ],
      );
    },

    /** Oldest first. */
    async listOf(deploymentId: string): Promise<StoredSample[]> {
      const { rows } = await connection.query<SampleRow>(
        `select phase, due_at, collected_at, requests_per_sec, latency_p95, error_rate, cpu_usage, memory_usage
         from seqpulse.samples where deployment_id = $1 order by collected_at, phase desc, sequence`,
        [deploymentId],
      );
      return rows.map((row) => ({
        phase: row.phase === 'post' ? 'post' : 'pre',
        fromBaseline: row.phase === 'baseline',
        collectedAtMs: row.collected_at.getTime(),
        lateSeconds: Math.max(0, (row.collected_at.getTime() - row.due_at.getTime()) / 1000),
        requests_per_sec: row.requests_per_sec,
        latency_p95: row.latency_p95,
        error_rate: row.error_rate,
        cpu_usage: row.cpu_usage,
        memory_usage: row.memory_usage,
      }));
    },

    /** Deletes up to `limit` samples read before `before`; returns how many went. */
    async prune(before: Date, limit: number): Promise<number> {
      const { rowCount } = await connection.query(
        `delete from seqpulse.samples where ctid = any(array(
           select ctid from seqpulse.samples where collected_at < $1 limit $2))`,
        [before, limit],
      );
      return rowCount ?? 0;
    },
  };
}
