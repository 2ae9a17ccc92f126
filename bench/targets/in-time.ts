/** Of the readings that were due at given applications in a span of time: how many came, and how late. */
import type pg from 'pg';

export interface Span {
  /** Epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Lateness {
  readonly due: number;
  readonly inTime: number;
  /** Milliseconds from due to read, of those that came; null: none did. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly most: number | null;
}

/** A reading counts as in time when it is there this long after it was due. */
export const IN_TIME_MS = 2_000;

const TELL = `
  count(*)::int as "due", count(*) filter (where late_ms <= ${IN_TIME_MS})::int as "inTime",
  percentile_cont(.5) within group (order by late_ms)::float8 as "p50",
  percentile_cont(.99) within group (order by late_ms)::float8 as "p99", max(late_ms)::float8 as "most"`;

/**
 * Between deployments: one a minute at the environment's moment, but for moments at which a deployment was open: those are
 * not read. `apps` are the numbers in the projects' names.
 */
export async function ringLateness(client: pg.Client, apps: readonly number[], span: Span): Promise<Lateness> {
  const { rows } = await client.query<Lateness>(
    `with due as materialized (
       select e.project_id, s.id as series, minute, minute * 60000 + e.read_phase_ms as due_ms, e.read_phase_ms as phase_ms
       from seqpulse.environments e
       join seqpulse.projects p on p.id = e.project_id and substr(p.name, 5)::int = any($1::int[])
       left join seqpulse.baseline_series s on s.project_id = e.project_id and s.env = e.name
       cross join generate_series($2::bigint / 60000, $3::bigint / 60000) minute
       where minute * 60000 + e.read_phase_ms between $2 and $3),
     closed as (
       select * from due where not exists (
         select from seqpulse.deployments d where d.project_id = due.project_id
           and d.started_at <= to_timestamp((due_ms + 2000) / 1000.0)
           and (d.analyzed_at is null or d.analyzed_at >= to_timestamp((due_ms - 2000) / 1000.0)))),
     came as (
       select series, collected_ms from seqpulse.baseline_samples where collected_ms between $2 - 60000 and $3 + 60000)
     select ${TELL} from (
       select closed.due_ms, min(came.collected_ms - closed.due_ms) as late_ms
       from closed left join came on came.series = closed.series
         -- A timer may be a millisecond early.
         and (came.collected_ms - closed.phase_ms + 10) / 60000 = closed.minute
       group by closed.project_id, closed.due_ms) each`,
    [apps, span.fromMs, span.toMs],
  );
  return found(rows);
}

/** Before a deployment (`pre`) or after (`post`): those due in the span, at the service's own paces. */
export async function collectLateness(
  client: pg.Client,
  phase: 'pre' | 'post',
  apps: readonly number[],
  span: Span,
): Promise<Lateness> {
  const begun = phase === 'pre' ? `d.started_at, interval '5 s'` : `d.finished_at, interval '60 s'`;
  const { rows } = await client.query<Lateness>(
    `with paces as (
       select d.id, begun, pace from seqpulse.deployments d
       join seqpulse.projects p on p.id = d.project_id and substr(p.name, 5)::int = any($1::int[])
       cross join lateral (values (${begun})) as paces (begun, pace)),
     due as (
       select id, sequence, begun + sequence * pace as due_at from paces cross join generate_series(0, 4) sequence
       where begun + sequence * pace between to_timestamp($2 / 1000.0) and to_timestamp($3 / 1000.0))
     select ${TELL} from (
       select extract(epoch from s.collected_at - due.due_at) * 1000 as late_ms
       from due left join seqpulse.samples s on s.deployment_id = due.id and s.phase = $4 and s.sequence = due.sequence) each`,
    [apps, span.fromMs, span.toMs, phase],
  );
  return found(rows);
}

function found(rows: readonly Lateness[]): Lateness {
  const [row] = rows;
  if (row === undefined) throw new Error('no answer to a count');
  return row;
}
