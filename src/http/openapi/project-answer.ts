import { z } from 'zod';
import { SKIP_REASONS } from '../../verdict/aa-check.ts';
import { RULES } from '../../verdict/rules/index.ts';
import { METRICS, VERDICTS } from '../../verdict/types.ts';
import { limitMeanings } from '../limits.ts';
import { count, interval, metricName, numbers, page, said, share, time, uuid } from './common.ts';

/** The least changes that matter, as they hold. */
export const limitFields = Object.fromEntries(
  limitMeanings().map(({ field, meaning }) => [field, said(z.number(), meaning)]),
);

const limits = {
  limits: said(z.object(limitFields), 'The least change that matters, by metric; defaults included.'),
  limits_set: said(z.array(z.string()), 'Which of them are the project’s own.'),
};

const marked = z.object({ given: count, correct: count });

const feedbackFields = {
  given: said(count, 'Verdicts of which somebody said whether they are right.'),
  correct: said(count, 'Of them, those that are.'),
  precision: said(share.nullable(), 'Of the alarms marked, the share right.'),
  precision_interval: interval('Of `precision`.'),
  missed: said(count, 'Verdicts `ok` that somebody called wrong.'),
  recall: said(share.nullable(), 'Of the faults known by feedback, the share that was found.'),
  recall_interval: interval('Of `recall`.'),
  bad_share: said(share.nullable(), 'Share of deployments that are bad, by the feedback; null: it tells too little.'),
  by_verdict: z.object(Object.fromEntries(VERDICTS.map((name) => [name, marked]))),
};

export const feedback = z
  .object(feedbackFields)
  .meta({ id: 'Feedback', description: 'What people say of the verdicts.' });

export const endpoint = z
  .object({
    env: said(z.string().nullable(), 'null: the project’s default.'),
    candidate_url: said(z.string().nullable(), 'Set, and not tested with success yet.'),
    active_url: said(z.string().nullable(), 'What is read.'),
    last_tested_at: time.nullable(),
    last_test_error: said(z.string().nullable(), 'null: the last test succeeded.'),
  })
  .meta({ id: 'Endpoint' });

const settings = {
  observation_window_minutes: said(z.int(), 'Minutes for which a deployment is observed after finish: 5, 15 or 30.'),
  finish_deadline_minutes: said(z.int(), 'Minutes after which a deployment without finish is abandoned.'),
  baseline: said(
    z.enum(['continuous', 'at_trigger']),
    '`continuous`: environments are read once a minute between deployments; `at_trigger`: only at the trigger.',
  ),
  hmac_enabled: said(z.boolean(), 'Whether reads are signed.'),
  ...limits,
};

const projectFields = {
  id: uuid,
  name: z.string(),
  envs: z.array(z.string()),
  metrics_endpoint: said(z.string().nullable(), 'The active endpoint of the project’s default.'),
  endpoints: z.array(endpoint),
  ...settings,
  created_at: time,
};

/** In a list without its feedback. */
export const projects = page(z.object(projectFields).meta({ id: 'ListedProject' })).meta({ id: 'Projects' });
const proposals = said(
  z.array(
    z.object({
      metric: metricName,
      rule: said(z.enum(RULES.map(({ name }) => name)), 'The rule that explained these alarms.'),
      limit: said(z.string(), 'The limit of that metric, as PATCH /projects/{id} calls it.'),
      value: said(z.number(), 'What is proposed, in that limit’s unit.'),
      now: said(z.number(), 'What holds.'),
      false_alarms: said(count, 'Alarms of this kind that were marked wrong, each smaller than `value`.'),
      right_hidden: said(count, 'Alarms marked right in which this metric failed by less than `value`.'),
      why: said(z.string(), 'The same as one clause.'),
    }),
  ),
  'Limits under which the rule that found repeated false alarms of one kind, three or more, would not have found them. ' +
    'Nothing sets them by itself. POST /deployments/{id}/rejudge tries one.',
);

export const project = z.object({ ...projectFields, feedback, proposed_limits: proposals }).meta({ id: 'Project' });
export const newProject = z
  .object({
    message: said(z.string().optional(), 'Where the endpoint failed its test: why, and the setting to change.'),
    ...projectFields,
    feedback,
    proposed_limits: proposals,
    api_key: said(z.string(), 'Shown this once: `SP_` and 32 hexadecimal digits.'),
  })
  .meta({ id: 'NewProject' });

export const apiKey = z.object({ api_key: said(z.string(), 'Shown this once.') }).meta({ id: 'ApiKey' });
export const hmacSecret = z
  .object({ hmac_secret: said(z.string(), 'Shown this once: `spm_` and hexadecimal digits.') })
  .meta({ id: 'HmacSecret' });

export const ownProject = z
  .object({
    id: uuid,
    name: said(z.string(), 'Whose key this is.'),
    envs: z.array(z.string()),
    environments: z.array(
      z.object({
        env: z.string(),
        source_active: said(z.boolean(), 'Whether a deployment can be watched here.'),
        source_type: said(
          z.enum(['pull', 'prometheus', 'otlp']).nullable(),
          'Of the active source; null: none is active.',
        ),
        last_read_at: said(time.nullable(), 'When anything of it was last read, a test of the source among them.'),
        last_reading: said(
          z.object({ collected_at: time, ...numbers }).nullable(),
          'The newest reading that is kept; null: none is.',
        ),
        last_error: said(
          z.object({ error: said(z.string(), 'One clause.'), at: time }).nullable(),
          'Of the newest try that failed. Between deployments it is told when reading begins to fail or fails ' +
            'differently. It has passed where `last_read_at` is later.',
        ),
      }),
    ),
    ...settings,
  })
  .meta({ id: 'OwnProject' });

export const aaCheck = z
  .object({
    days: said(z.int(), 'How far was looked back.'),
    env: said(z.string(), 'Of which environment.'),
    from: said(time.nullable(), 'The oldest sample of that time; null: there is none.'),
    to: said(time.nullable(), 'The newest.'),
    samples: said(count, 'Samples that there are of that time.'),
    window: said(z.object({ samples_before: count, samples_after: count }), 'Of each pair.'),
    pairs: said(count, 'Pairs of quiet windows that were judged.'),
    skipped: said(count, 'Pairs that were not.'),
    skipped_for: said(z.object(Object.fromEntries(SKIP_REASONS.map((reason) => [reason, count]))), 'And why.'),
    alarms: said(count, 'Pairs that would have alarmed although nothing was deployed.'),
    rollbacks: said(count, 'Of them, those that would have said `rollback_recommended`.'),
    alarm_share: said(share.nullable(), 'alarms ÷ pairs; null without pairs.'),
    alarm_share_interval: interval('Of `alarm_share`.'),
    by_metric: said(
      z.object(Object.fromEntries(METRICS.map((name) => [name, count]))),
      'In how many alarms each metric failed.',
    ),
    examples: said(
      z.array(
        z.object({
          at: said(time, 'Where the imagined deployment would have been.'),
          verdict: z.enum(VERDICTS),
          metrics: z.array(metricName),
          summary: z.string(),
        }),
      ),
      'The newest alarms.',
    ),
    ...limits,
  })
  .meta({ id: 'AaCheck' });
