const SIXTEENTH = `like $1 || '%'`;

/**
 * What may happen to deployments that were added up, by hand too: each statement changes about every sixteenth of them, or what
 * belongs to it, by the digit that $1 is.
 */
export const CHANGES = {
  'people’s words': `insert into seqpulse.verdict_feedback select deployment_id, verdict = 'ok', null, now() from seqpulse.verdicts
    where deployment_id::text ${SIXTEENTH} on conflict (deployment_id) do update set correct = not verdict_feedback.correct`,
  'words taken back': `delete from seqpulse.verdict_feedback where deployment_id::text ${SIXTEENTH}`,
  'verdicts that are ok now': `update seqpulse.verdicts set verdict = 'ok' where deployment_id::text ${SIXTEENTH}`,
  'verdicts that are rollbacks now': `update seqpulse.verdicts set verdict = 'rollback_recommended' where deployment_id::text ${SIXTEENTH}`,
  'other confidences': `update seqpulse.verdicts set confidence = 1 - confidence where deployment_id::text ${SIXTEENTH}`,
  'words given again': `update seqpulse.verdict_feedback set given_at = given_at + interval '1 day' where deployment_id::text ${SIXTEENTH}`,
  'verdicts that are gone': `delete from seqpulse.verdicts where deployment_id::text ${SIXTEENTH}`,
  'verdicts that came late': `insert into seqpulse.verdicts (deployment_id, verdict, confidence, summary, details, created_at)
    select id, case when md5(id::text) < '8' then 'ok' else 'rollback_recommended' end, 1, '', '[]', started_at + interval '20 minutes'
    from seqpulse.deployments where id::text ${SIXTEENTH} on conflict do nothing`,
  'abandoned ones': `update seqpulse.deployments set state = 'abandoned' where id::text ${SIXTEENTH}`,
  'another environment': `update seqpulse.deployments set env = case env when 'prod' then 'staging' else 'prod' end where id::text ${SIXTEENTH}`,
  'another project': `update seqpulse.deployments d set number = number + 100000, project_id = (
      select id from seqpulse.projects p where p.id <> d.project_id order by name limit 1)
    where id::text ${SIXTEENTH} and number < 100000`,
  'an environment that was not there': `update seqpulse.deployments set env = 'canary' where id::text ${SIXTEENTH}`,
  'later starts': `update seqpulse.deployments set started_at = started_at + interval '5 hours' where id::text ${SIXTEENTH}`,
  'earlier finishes': `update seqpulse.deployments set finished_at = finished_at - interval '3 hours' where id::text ${SIXTEENTH}`,
  'later analyses': `update seqpulse.deployments set analyzed_at = analyzed_at + interval '1 hour' where id::text ${SIXTEENTH}`,
  'other commits': `update seqpulse.deployments set commit_time = started_at - interval '7 hours' where id::text ${SIXTEENTH}`,
  'failed pipelines': `update seqpulse.deployments set pipeline_result = 'failed' where id::text ${SIXTEENTH}`,
  'more samples asked for': `update seqpulse.deployments set post_expected = post_expected + 1 where id::text ${SIXTEENTH}`,
  'deployments that are deleted': `delete from seqpulse.deployments where id::text ${SIXTEENTH} || '8'`,
  'deployments told of later': `insert into seqpulse.deployments (id, project_id, env, number, state, pipeline_result, metrics_endpoint,
      started_at, finish_deadline_at, finished_at, analyzed_at, pre_expected, post_expected)
    select gen_random_uuid(), project_id, env, number + 10000, state, 'success', '', started_at - interval '90 minutes',
           finish_deadline_at, finished_at - interval '1 minute', analyzed_at, 5, 5
    from seqpulse.deployments where id::text ${SIXTEENTH} on conflict do nothing`,
  'samples that are pruned': `delete from seqpulse.samples where collected_at < (
    select min(collected_at) + interval '1 hour' * (ascii($1) - 40) from seqpulse.samples)`,
} satisfies Readonly<Record<string, string>>;
