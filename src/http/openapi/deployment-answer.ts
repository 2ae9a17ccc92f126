import { z } from 'zod';
import { PIPELINE_OUTCOMES } from '../../model/deployment.ts';
import { MISSING_REASONS, VERDICTS } from '../../verdict/types.ts';
import { count, metricName, numbers, page, pairOfNumbers, said, share, time, uuid } from './common.ts';
import { limitFields } from './project-answer.ts';
import { finding, verdict, verdictFields } from './verdict-answer.ts';

const sampleCount = z.object({
  expected: said(count, 'Samples that there are to be.'),
  collected: said(count, 'Samples that there are.'),
});

const feedbackFields = {
  correct: said(z.boolean(), 'Whether somebody calls the verdict right.'),
  note: said(z.string().nullable(), 'Their words.'),
  given_at: said(time, 'When they said it.'),
};

/** Which one it is, and how far it has come. */
const facing = {
  id: uuid,
  number: said(z.int().min(1), 'Counts up within the project, without gaps.'),
  project: said(z.string(), 'The project’s name.'),
  env: z.string(),
  idempotency_key: said(
    z.string().nullable(),
    'Of its trigger: a trigger that was answered `existing` knows by it whether it found its own.',
  ),
  branch: said(z.string().nullable(), 'As CI said it, as are the next six.'),
  version: z.string().nullable(),
  commit_sha: z.string().nullable(),
  commit_time: time.nullable(),
  build_url: said(z.string().nullable(), 'http or https.'),
  actor: z.string().nullable(),
  service: z.string().nullable(),
  origin: said(
    z.enum(['ci', 'detected']),
    '`detected`: nobody announced it; its version took requests for two minutes (docs/connect.md). `started_at` is then when it was first seen, `finished_at` when it was found.',
  ),
  state: said(
    z.enum(['running', 'finished', 'analyzed', 'abandoned']),
    '`running` until finish, `finished` while it is observed, `analyzed` with its verdict; `abandoned`: finish never came.',
  ),
  pipeline_result: said(z.enum(['success', 'failed']).nullable(), 'null until finish.'),
  pipeline_outcome: said(z.enum(PIPELINE_OUTCOMES).nullable(), 'The word that finish was sent.'),
  started_at: said(time, 'When the trigger came.'),
  finished_at: said(time.nullable(), 'When finish came.'),
  analyzed_at: said(time.nullable(), 'When the verdict was stored.'),
  superseded_by: said(uuid.nullable(), 'The deployment that took its place.'),
  observed_until: said(time.nullable(), 'The end of its window; null until finish has come.'),
};

/** What people say of it, and where they read it. */
const opinions = {
  feedback: said(z.object(feedbackFields).nullable(), 'What somebody said of the verdict.'),
  html_url: said(
    z.string().nullable(),
    'Its report for people: for CI with the signature that opens it without signing in (SEQPULSE_PUBLIC_REPORTS). null without SEQPULSE_PUBLIC_URL.',
  ),
};

export const deployment = z
  .object({
    ...facing,
    verdict_due_at: said(
      time.nullable(),
      'While it is observed: when the verdict is to be expected, the end of the window, and once that has passed the ' +
        'latest moment.',
    ),
    samples: said(z.object({ before: sampleCount, after: sampleCount }), 'How far collecting has come.'),
    baseline: said(
      z.object({
        source: said(
          z.enum(['at_trigger', 'continuous', 'last_good']),
          '`continuous`: kept ready between deployments; `at_trigger`: read at the trigger; `last_good`: the last good ' +
            'one, because the environment is in a bad state.',
        ),
        from: said(time.nullable(), 'The oldest of its readings; null: there is none yet, or they have been deleted.'),
        until: said(time.nullable(), 'The newest.'),
        samples: said(count, 'How many they are.'),
        good_since: said(
          z.object({ id: uuid, number: z.int() }).nullable(),
          'The deployment with which the good state began that they show, as far as was looked back; null: unknown.',
        ),
        note: said(z.string().nullable(), 'One clause where it is not the usual baseline.'),
      }),
      'The readings that it is compared with.',
    ),
    failed_reads: said(
      z.object({
        tries: said(count, 'Tries to read that failed: one that came through at the third counts two.'),
        last: said(
          z
            .object({
              phase: z.enum(['pre', 'post']),
              error: said(z.string(), 'One clause.'),
              at: time,
            })
            .nullable(),
          'The newest of them.',
        ),
      }),
      'Readings that failed, whether or not a later try came through.',
    ),
    limits: said(
      z.object(limitFields).nullable(),
      'Until the verdict is there: the limits that it will be judged by. null afterwards: each finding has its own.',
    ),
    instances: said(
      z.object({ before: z.int().min(1), after: z.int().min(1) }).nullable(),
      'Instances that shared the traffic and those that share it now, as finish said.',
    ),
    traffic_share: said(share.nullable(), 'Share of the traffic before that is planned for what is read, 0 to 1.'),
    verdict: said(verdict.nullable(), 'null until `analyzed`; it never changes.'),
    preliminary: said(
      z
        .object({
          verdict: z.literal('rollback_recommended'),
          confidence: said(share, 'As of a verdict on the samples until then.'),
          summary: said(z.string(), 'One sentence: on how many samples, and what it rests on.'),
          details: said(z.array(finding), 'The findings that it rests on.'),
          at: said(time, 'When it was given.'),
          minute: said(z.int().min(1), 'Minutes after finish of the last sample that it rests on.'),
          outcome: said(
            z.enum(['confirmed', 'withdrawn']).nullable(),
            'What the verdict made of it; null: there is none yet, or it is `insufficient_data`.',
          ),
        })
        .nullable(),
      'A rollback recommended before the window was over; the verdict confirms or withdraws it.',
    ),
    late_checks: said(
      z.array(
        z.object({
          at: said(time, 'When it was made.'),
          hours: said(z.int().min(1), 'Hours after the verdict: 1 or 24.'),
          verdict: z.enum(['ok', 'attention', 'insufficient_data']),
          confidence: share,
          summary: said(z.string(), 'One sentence.'),
          details: said(z.array(finding), 'Of the metrics that could be judged.'),
        }),
      ),
      'Second looks at an `ok`, ended by a newer deployment; the verdict stays as it is (docs/verdict.md, “Late”).',
    ),
    ...opinions,
  })
  .meta({ id: 'Deployment' });

const deploymentSummary = z
  .object({
    ...facing,
    verdict: said(
      z
        .object({
          verdict: verdictFields.verdict,
          confidence: verdictFields.confidence,
          headline: verdictFields.headline,
        })
        .nullable(),
      'null until `analyzed`; what it rests on: `GET /deployments/{id}`.',
    ),
    ...opinions,
  })
  .meta({ id: 'DeploymentSummary', description: 'A deployment of a list with `view=summary`.' });

export const deployments = page(z.union([deployment, deploymentSummary])).meta({ id: 'Deployments' });

/** What few sources know is only there where it is known. */
const measuredFacts = {
  window_seconds: said(z.number().optional(), 'The time that the numbers speak of, seconds; where the source says it.'),
  requests: said(z.number().optional(), 'Requests in that time; where the source counts them.'),
  latency_mean: said(z.number().optional(), 'Mean latency, milliseconds; where the source knows it.'),
  latency_p95_bucket: said(
    pairOfNumbers.optional(),
    'Edges of the histogram bucket that the p95 fell into, milliseconds.',
  ),
  cpu_cores: said(z.number().optional(), 'CPU in cores, where there is no limit to divide by.'),
};

const sample = z
  .object({
    phase: said(z.enum(['pre', 'post']), 'Before or after.'),
    collected_at: time,
    ...numbers,
    missing: said(
      z.partialRecord(metricName, z.enum(MISSING_REASONS)).optional(),
      'Why numbers are null, by number; absent: none is.',
    ),
    ...measuredFacts,
    custom: said(
      z.record(z.string(), z.number().nullable()).optional(),
      'Metrics of the team’s own, by name; absent: the source defines none.',
    ),
    custom_missing: said(
      z.record(z.string(), z.enum(MISSING_REASONS)).optional(),
      'Why those of them that are null are so; absent: none is.',
    ),
    custom_events: said(
      z.record(z.string(), z.number()).optional(),
      'Events behind those that a query of their own counts, in the sample’s window.',
    ),
    versions: said(z.array(z.string()).optional(), 'Whose numbers these are, where the source tells versions apart.'),
    control: said(
      z.object({ ...numbers, ...measuredFacts, versions: z.array(z.string()).optional() }).optional(),
      'The same minute of what was not deployed to: a control, or the versions of before while they still serve.',
    ),
  })
  .meta({ id: 'Sample' });

export const samples = z.object({ samples: said(z.array(sample), 'Oldest first.') }).meta({ id: 'Samples' });

export const triggered = z
  .object({
    deployment_id: said(uuid, 'For finish, and for reading it.'),
    status: said(z.enum(['created', 'existing']), '`existing`: this key was used before, or one is running here.'),
    message: said(
      z.string().nullable(),
      'Whose was found, what was taken over, which baseline it is; null: the usual.',
    ),
  })
  .meta({ id: 'Triggered' });

export const finished = z
  .object({
    status: said(
      z.enum(['accepted', 'ignored', 'not_found']),
      '`ignored`: it does not run any more; `not_found`: no such deployment of this project.',
    ),
    message: z.string(),
  })
  .meta({ id: 'Finished' });

export const rejudged = z
  .object({
    deployment_id: uuid,
    ...verdictFields,
    limits: said(z.object(limitFields), 'What it was judged by.'),
    limits_set: said(z.array(z.string()), 'Which of them are not the defaults.'),
  })
  .meta({ id: 'Rejudged' });

export const feedbackGiven = z
  .object({
    deployment_id: uuid,
    verdict: said(z.enum(VERDICTS), 'Of which this was said.'),
    ...feedbackFields,
  })
  .meta({ id: 'FeedbackGiven' });
