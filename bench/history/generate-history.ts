import type { Queryable } from '../../src/db/connection/pool.ts';

/** A made-up past, written straight into the tables: what dashboards and lists meet after months of use. */
export interface HistoryShape {
  /** By name; deployments are spread over them evenly. */
  readonly projects: readonly string[];
  readonly deployments: number;
  /** The past ends here, and starts `days` before. */
  readonly endsAt: Date;
  readonly days: number;
  /** Only the last so many days have samples: older ones have been pruned. */
  readonly sampleDays: number;
  /** Same seed, same history. */
  readonly seed: number;
}

/**
 * Fills an empty, migrated database. Shares: 3 % abandoned; of the rest 82 % ok, 8 % attention, 7 % rollback_recommended,
 * 3 % insufficient_data; 5 % lack samples. People marked half of the alarms and a tenth of the rest, 85 % of them as
 * correct. Four of five name their commit's time. Most projects get their first verdict within hours, some after days.
 */
export async function generateHistory(connection: Queryable, shape: HistoryShape): Promise<void> {
  const startsAt = new Date(shape.endsAt.getTime() - shape.days * 86_400_000);
  // What they mark is what has been added up, which is nothing yet; a million times that is minutes.
  for (const table of WITH_TRIGGERS) await connection.query(`alter table seqpulse.${table} disable trigger user`);
  await connection.query(PROJECTS, [shape.projects, startsAt, shape.days, shape.seed]);
  await connection.query(ENVIRONMENTS);
  await connection.query(DEPLOYMENTS, [shape.deployments, startsAt, shape.endsAt, shape.seed]);
  await connection.query(VERDICTS, [shape.seed]);
  await connection.query(FEEDBACK, [shape.seed]);
  const samplesSince = new Date(shape.endsAt.getTime() - shape.sampleDays * 86_400_000);
  await connection.query(SAMPLES, [samplesSince, shape.seed]);
  await connection.query(BASELINES, [samplesSince, shape.seed]);
  await connection.query(JOB_FAILURES);
  await connection.query(
    `update seqpulse.projects p set last_deployment_number = coalesce(
       (select max(number) from seqpulse.deployments d where d.project_id = p.id), 0)`,
  );
  for (const table of WITH_TRIGGERS) await connection.query(`alter table seqpulse.${table} enable trigger user`);
  for (const table of [
    'projects',
    'environments',
    'deployments',
    'samples',
    'deployment_baselines',
    'verdicts',
    'verdict_feedback',
    'job_failures',
  ]) {
    await connection.query(`analyze seqpulse.${table}`);
  }
}

const WITH_TRIGGERS = ['deployments', 'verdicts', 'verdict_feedback'] as const;

/** A number in [0, 1) that follows from a row, a purpose and the seed. */
function chance(key: string, purpose: string, seed: string): string {
  return `((hashtextextended(${key}::text || '${purpose}', ${seed}) & 1048575) / 1048576.0)`;
}

// A third of the projects is older than the history, the others come in the course of it.
const PROJECTS = `
  insert into seqpulse.projects (id, name, observation_window_minutes, finish_deadline_minutes, created_at)
  select md5(name || $4::bigint)::uuid, name, 5, 120,
         $2::timestamptz + interval '1 day' * $3::integer * (1.2 * (place - 1.0) / cardinality($1::text[]) - 0.4)
  from unnest($1::text[]) with ordinality as given (name, place)`;

const ENVIRONMENTS = `
  insert into seqpulse.environments (project_id, name)
  select id, env from seqpulse.projects, unnest(array['prod', 'staging']) env`;

// Working days see more than weekends; two of three deployments go to staging first.
const DEPLOYMENTS = `
  with raw as (
    select i, p.id as project_id, p.created_at,
           case when ${chance('i', 'env', '$4')} < 0.6 then 'staging' else 'prod' end as env,
           $2::timestamptz + ($3::timestamptz - $2::timestamptz) * ((i - ${chance('i', 'at', '$4')}) / $1::bigint) as started_at
    from generate_series(1, $1::bigint) i
    -- The count stands apart, or the planner could not hash and would try every project for every deployment.
    join (select id, created_at, row_number() over (order by name) as place from seqpulse.projects) p
      on p.place = 1 + (hashtextextended(i::text || 'project', $4::bigint) & 1048575)
        % (select count(*) from seqpulse.projects)
  ), kept as (
    select *, ${chance('i', 'fate', '$4')} as fate, 30 + 600 * power(${chance('i', 'ci', '$4')}, 3) as ci_seconds
    from raw
    where started_at > created_at + interval '72 hours' * 1.35 * power(${chance('project_id', 'first', '$4')}, 3)
      and (extract(isodow from started_at) < 6 or ${chance('i', 'weekend', '$4')} < 0.3)
  )
  insert into seqpulse.deployments (id, project_id, env, number, branch, idempotency_key, state, pipeline_result,
    metrics_endpoint, started_at, finish_deadline_at, finished_at, window_ends_at, analyzed_at, pre_expected,
    post_expected, post_settled, commit_time, version, baseline_source)
  select md5(i::text || $4::bigint)::uuid, project_id, env,
         row_number() over (partition by project_id order by started_at, i), 'main', 'run-' || i,
         case when fate < 0.03 then 'abandoned' else 'analyzed' end,
         case when fate < 0.03 then null when fate > 0.985 then 'failed' else 'success' end,
         'https://app.example/metrics', started_at, started_at + interval '2 hours',
         case when fate >= 0.03 then started_at + interval '1 second' * ci_seconds end,
         case when fate >= 0.03 then started_at + interval '1 second' * (ci_seconds + 300) end,
         case when fate >= 0.03 then started_at + interval '1 second' * (ci_seconds + 300 + case when fate > 0.95 then 510 else 1 end) end,
         5, case when fate >= 0.03 then 5 end, case when fate >= 0.03 then 5 else 0 end,
         case when ${chance('i', 'commit', '$4')} < 0.8 then started_at - interval '3 days' * power(${chance('i', 'age', '$4')}, 3) end,
         to_char(started_at, '"v"YYMM.DD') || '.' || i % 100, 'continuous'
  from kept`;

// As long as real ones, for the width of the rows decides how the planner reads the table.
const FINDINGS = `(select jsonb_agg(jsonb_build_object('metric', metric, 'baseline', 183.5, 'observed', 476.25, 'unit', 'ms',
    'severity', 'none', 'reason', 'p95 latency rose from 183 ms to 476 ms (+293 ms, ×2.6); 5 of 5 samples above what was usual before.'))
  from unnest(array['error_rate', 'latency_p95', 'requests_per_sec', 'cpu_usage', 'memory_usage']) metric)`;

// A rollback is as a rule followed by an ok: what follows it is judged by a chance of its own.
const VERDICTS = `
  insert into seqpulse.verdicts (deployment_id, project_id, verdict, confidence, summary, details, created_at)
  select id, project_id, verdict, case verdict when 'insufficient_data' then 0 else 0.6 + 0.39 * luck end,
         case verdict when 'ok' then 'No metric moved.' when 'insufficient_data' then 'Too few samples.'
           when 'attention' then 'p95 latency rose from 183 ms to 265 ms (+82 ms, ×1.4).'
           else 'p95 latency rose from 183 ms to 476 ms (+293 ms, ×2.6) and errors rose from 0.30 % to 2.40 %.' end,
         ${FINDINGS}, analyzed_at
  from (select id, project_id, analyzed_at, luck,
          case when luck < 0.82 then 'ok' when luck < 0.90 then 'attention' when luck < 0.97 then 'rollback_recommended'
            else 'insufficient_data' end as verdict
        from (select id, project_id, analyzed_at, ${chance('id', 'verdict', '$1::bigint')} as luck
              from seqpulse.deployments where state = 'analyzed') d) judged`;

const FEEDBACK = `
  insert into seqpulse.verdict_feedback (deployment_id, project_id, correct, note, given_at)
  select deployment_id, project_id, correct, case when not correct then 'A cache was cold.' end, created_at + interval '1 hour'
  from (select deployment_id, project_id, created_at, verdict, ${chance('deployment_id', 'marked', '$1::bigint')} as marked,
          ${chance('deployment_id', 'correct', '$1::bigint')} < 0.85 as correct
        from seqpulse.verdicts) v
  where marked < case when verdict in ('attention', 'rollback_recommended') then 0.5 else 0.1 end`;

// What a reading shows: traffic by the hour, a little noise, and after a bad deployment what its verdict speaks of.
const NUMBERS = (at: string, key: string, verdict: string, seed: string) => `
    select traffic as requests_per_sec,
           (170 + traffic / 5 + 16 * ${chance(key, 'p95', seed)}) * case ${verdict}
             when 'rollback_recommended' then 2.6 when 'attention' then 1.45 else 1 end as latency_p95,
           0.002 + 0.002 * ${chance(key, 'errors', seed)} + case ${verdict} when 'rollback_recommended' then 0.021 else 0 end
             as error_rate,
           0.18 + traffic / 260 as cpu_usage,
           0.5 + 0.03 * ${chance(key, 'memory', seed)} as memory_usage
    from (select 45 - 25 * cos(2 * pi() * (extract(hour from ${at} at time zone 'UTC') - 2) / 24)::float8
            + 4 * ${chance(key, 'traffic', seed)} as traffic) hour`;

const SAMPLES = `
  insert into seqpulse.samples (deployment_id, project_id, phase, sequence, due_at, collected_at, requests_per_sec, latency_p95,
    error_rate, cpu_usage, memory_usage)
  select d.id, d.project_id, s.phase, s.sequence, s.due_at, s.due_at, m.*
  from (select *, case when ${chance('id', 'gap', '$2::bigint')} < 0.05 then 3 else 5 end as stored from seqpulse.deployments) d
  left join seqpulse.verdicts v on v.deployment_id = d.id
  cross join lateral (
    select 'pre' as phase, n as sequence, d.started_at + interval '5 seconds' * n as due_at, null as verdict
    from generate_series(0, 4) n
    union all
    select 'post', n, d.finished_at + interval '60 seconds' * n, v.verdict from generate_series(0, d.stored - 1) n
    where d.finished_at is not null) s
  cross join lateral (${NUMBERS('s.due_at', '(d.id::text || s.phase || s.sequence)', 's.verdict', '$2::bigint')}) m
  where d.started_at >= $1`;

// Fifteen minutes kept ready before each trigger.
const BASELINES = `
  insert into seqpulse.deployment_baselines (deployment_id, project_id, newest_at, collected_at, requests_per_sec, latency_p95,
    error_rate, cpu_usage, memory_usage)
  select d.id, d.project_id, d.started_at - interval '20 seconds', b.*
  from seqpulse.deployments d
  cross join lateral (
    select array_agg(at order by at), array_agg(requests_per_sec order by at), array_agg(latency_p95 order by at),
           array_agg(error_rate order by at), array_agg(cpu_usage order by at), array_agg(memory_usage order by at)
    from (select d.started_at - interval '20 seconds' - interval '1 minute' * n as at, n from generate_series(0, 14) n) minutes
    cross join lateral (${NUMBERS('at', "(d.id::text || 'kept' || n)", 'null', '$2::bigint')}) m) b
  where d.started_at >= $1`;

const JOB_FAILURES = `
  insert into seqpulse.job_failures (job_id, job_type, deployment_id, sequence, reason, failed_at)
  select md5('job' || d.id)::uuid, 'post_collect', d.id, 4, 'answered 503 Service Unavailable', d.analyzed_at
  from seqpulse.deployments d
  where d.state = 'analyzed' and d.started_at >= (select min(collected_at) from seqpulse.samples)
    and not exists (select from seqpulse.samples s where s.deployment_id = d.id and s.phase = 'post' and s.sequence = 4)`;
