/**
 * What panels that read added-up hours, or count before they look, say, asked of the views alone: by title, with Grafana's macros and variables as in
 * the dashboards. Each reads every deployment of its range.
 */
const CHOSEN = 'project in ($project) and env in ($env)';
const STEP = `case when $__timeTo()::timestamptz - $__timeFrom()::timestamptz < interval '2 days' then 3600 else 86400 end`;
const DAYS = 'greatest(1, extract(epoch from $__timeTo()::timestamptz - $__timeFrom()::timestamptz) / 86400)::float8';

const of = (view: string, time: string, columns: string) =>
  `select ${columns} from kpi.${view} where $__timeFilter(${time}) and ${CHOSEN}`;
const median = (column: string) => `percentile_cont(0.5) within group (order by ${column})`;
const p95 = (column: string) => `percentile_cont(0.95) within group (order by ${column})`;
const trend = (view: string, columns: string, where = 'true') =>
  `select greatest(to_timestamp(n * (${STEP})), $__timeFrom()) as time, ${columns}
   from (select *, floor(extract(epoch from started_at) / (${STEP})) as n from kpi.${view}) stepped
   where $__timeFilter(started_at) and ${CHOSEN} and ${where} group by n order by n`;
const share = (column: string) => `avg(${column}::integer)::float8`;

const byProject = (view: string, time: string, columns: string) =>
  `${of(view, time, `project, env, ${columns}`)} group by project, env order by deployments desc, project, env limit 100`;

export const PLAIN_PANELS: Readonly<Record<string, string>> = {
  'Trigger to Verdict (median)': of('deployments', 'started_at', `${median('seconds_to_verdict')} as median`),
  'Trigger to Verdict (p95)': of('deployments', 'started_at', `${p95('seconds_to_verdict')} as p95`),
  'Trigger to Verdict per Day': trend(
    'deployments',
    `${median('seconds_to_verdict')} as "median", ${p95('seconds_to_verdict')} as "p95"`,
    'seconds_to_verdict is not null',
  ),
  'Deployments with Complete Samples': of(
    'sample_completeness',
    'started_at',
    `${share('complete')} as complete_samples`,
  ),
  'Complete Samples per Day': trend(
    'sample_completeness',
    `${share('pre_complete')} as "before", ${share('post_complete')} as "after", ${share('complete')} as "both"`,
  ),
  'Recovery Time (median)': of('recoveries', 'broken_at', `${median('seconds_to_recover')} as recovery`),
  'Deployment Frequency': of('dora_deployments', 'finished_at', `count(*)::float8 / ${DAYS} as "deployments per day"`),
  'Change Failure Rate (DORA)': of(
    'dora_deployments',
    'finished_at',
    `count(*) filter (where outcome = 'failed')::float8 / nullif(count(outcome), 0) as "failed"`,
  ),
  'Time to Restore (median)': of(
    'dora_deployments',
    'finished_at',
    `${median('seconds_to_restore')} as "time to restore"`,
  ),
  'Lead Time (median)': of('dora_deployments', 'finished_at', `${median('lead_time_seconds')} as "lead time"`),
  Projects: byProject(
    'deployments',
    'started_at',
    `count(*) as deployments, max(started_at) as "last deployment",
     count(*) filter (where verdict = 'rollback_recommended')::float8
       / nullif(count(*) filter (where verdict in ('ok', 'attention', 'rollback_recommended')), 0) as "failure rate",
     count(*) filter (where verdict = 'attention') as attention,
     count(*) filter (where verdict = 'insufficient_data') as "no data",
     ${share("(state = 'abandoned')")} as abandoned, ${median('seconds_to_verdict')} as "to verdict",
     avg(confidence) filter (where verdict <> 'insufficient_data') as confidence`,
  ),
  'DORA by Project': byProject(
    'dora_deployments',
    'finished_at',
    `count(*) as deployments, count(*)::float8 / ${DAYS} as "per day",
     count(*) filter (where outcome = 'failed')::float8 / nullif(count(outcome), 0) as "failure rate",
     count(*) filter (where outcome = 'failed') as failed,
     count(*) filter (where begins_incident and restored_at is null) as open,
     ${median('seconds_to_restore')} as "time to restore", ${median('lead_time_seconds')} as "lead time"`,
  ),
  'Precision by Project': `${of(
    'feedback',
    'started_at',
    `project, env,
     avg(correct::integer) filter (where verdict in ('attention', 'rollback_recommended'))::float8 as precision,
     avg(alarmed::integer) filter (where fault)::float8 as recall,
     count(*) filter (where verdict in ('attention', 'rollback_recommended')) as "alarms marked",
     count(*) filter (where verdict in ('attention', 'rollback_recommended') and not correct) as "false alarms",
     count(*) filter (where verdict = 'ok' and not correct) as "missed faults", count(*) as marked, max(given_at) as "last word"`,
  )} group by project, env order by precision nulls last, marked desc, project, env limit 100`,
  State: `select max(case verdict when 'ok' then 0 when 'attention' then 1 when 'rollback_recommended' then 2 end) as state
    from (${of('deployments', 'started_at', 'distinct on (project, env) verdict')}
      and verdict is not null order by project, env, started_at desc, deployment_id desc) newest`,
  'Verdicts Marked Wrong': `select given_at as "marked", project, env, number as "#", verdict, confidence, coalesce(note, '') as note, summary
    from (${of('feedback', 'started_at', '*')} and not correct order by given_at desc, deployment_id limit 100) newest
    order by given_at desc, project, env, number`,
};
