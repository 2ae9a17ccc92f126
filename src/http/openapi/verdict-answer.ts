import { z } from 'zod';
import { CUSTOM_KINDS } from '../../verdict/custom/custom-metric.ts';
import { VERDICTS } from '../../verdict/types.ts';
import { count, findingMetric, interval, said, share, time, uuid } from './common.ts';
import { evidence } from './evidence-answer.ts';

export const finding = z
  .object({
    metric: said(findingMetric, 'Which of the five numbers; `custom`: one of the team’s own.'),
    name: said(z.string().optional(), 'Of `custom`: which.'),
    kind: said(z.enum(CUSTOM_KINDS).optional(), 'Of `custom`: `level`, `share` of events, or `rate` of events.'),
    worse: said(z.enum(['up', 'down']).optional(), 'Of `custom`: the way that was judged.'),
    baseline: said(
      z.number().nullable(),
      'Its level before: the median, of errors failed ÷ all requests. null: unknown.',
    ),
    observed: said(
      z.number().nullable(),
      'Its level after, in the same way; of a rule over a part of the window, there.',
    ),
    unit: said(
      z.string(),
      '`ms`, `req/s`, `ratio` (0 to 1) or `cores`; of `custom` its own (a share is a `ratio`, a rate ends in `/s`): of `baseline`, `observed` and all levels and changes of `evidence`.',
    ),
    severity: said(
      z.enum(['none', 'attention', 'critical']),
      '`critical`: failed, and by itself a reason to roll back. `attention`: failed. `none`: did not, or could not be judged.',
    ),
    reason: said(z.string(), 'One sentence with the numbers.'),
    evidence,
  })
  .meta({ id: 'Finding' });

const hint = z
  .object({
    kind: said(
      z.enum(['moved_first', 'moved_later', 'moved_with', 'did_not_move', 'reads', 'left_out', 'trace']),
      '`moved_first`: what failed first, and since when; `moved_later`: what failed after it; `moved_with`: what moved ' +
        'without failing; `did_not_move`; `reads`: late, missing and failed readings; `left_out`: samples that were not ' +
        'used; `trace`: where the deployment’s steps are. There may be more.',
    ),
    text: said(z.string(), 'One sentence: a fact from the evidence, no guess.'),
    metrics: said(z.array(findingMetric), 'Of which metrics it speaks; none of reads and traces.'),
    since: said(
      time.nullable(),
      'Of `moved_first` and `moved_later`: the first sample from which on at least half lie beyond the threshold.',
    ),
    trace_id: said(z.string().nullable(), 'Of `trace`: W3C trace id, 32 hexadecimal digits.'),
  })
  .meta({ id: 'Hint', description: 'One fact to look at first.' });

const trust = z
  .object({
    interval: interval('Of the share right among verdicts of about this confidence. null: hardly any were seen.'),
    bad_share: said(share, 'Share of deployments that are bad: the project’s by its feedback, else 0.1.'),
    right_share: said(share, 'Of verdicts like this one, the share right where so many deployments are bad.'),
    quiet_pairs: said(count, 'Pairs of quiet windows by which the service’s own noise is known; 0: it is not.'),
    text: said(z.string(), 'That in words.'),
  })
  .meta({ id: 'Trust', description: 'What the confidence is worth.' });

export const leftOut = z
  .object({
    phase: said(z.enum(['pre', 'post']), 'Before or after the deployment.'),
    reason: said(
      z.string(),
      '`out_of_contract`, `no_number`, `duplicate_time`, `same_moment`, `clock_skew`, `read_late`, `older_than_baseline` ' +
        'or `other_baseline`.',
    ),
    count: said(count, 'How many samples.'),
    text: said(z.string(), 'One clause for people.'),
  })
  .meta({ id: 'LeftOut' });

const others = z
  .object({
    looked_at: said(count, 'Other projects of the environment that were read in the same minutes and could be judged.'),
    worse: said(count, 'Of them, those that got worse.'),
    suspects: said(
      count,
      'Of those, the ones that may be the cause of what failed here; 0: it is this deployment’s own.',
    ),
    since: said(
      time.nullable(),
      'When the first of the suspects, or where there is none of those that got worse, did.',
    ),
    lowered: said(z.boolean(), 'Without them the verdict would be `rollback_recommended`.'),
    projects: said(
      z.array(z.object({ id: uuid, name: z.string(), since: time.nullable(), suspect: z.boolean() })).nullable(),
      'Those that got worse, the likeliest cause first, for operators. null: who asks may not know other projects.',
    ),
  })
  .meta({ id: 'Others', description: 'What the other projects of the environment did in the same minutes.' });

/** The fields of a verdict, for answers that have more. */
export const verdictFields = {
  verdict: said(
    z.enum(VERDICTS),
    '`ok`; `attention`: something got worse; `rollback_recommended`: gravely, or several things did; ' +
      '`insufficient_data`: it can’t be known.',
  ),
  confidence: said(share, 'How far it can be trusted, 0 to 1; 0 for `insufficient_data`.'),
  trust: said(trust.nullable(), 'What the confidence is worth; null for `insufficient_data` and for verdicts of old.'),
  headline: said(z.string().max(120), 'At most 120 characters, made of the metrics that failed.'),
  summary: said(z.string(), 'One sentence, with what was left out and what it does not rest on.'),
  others: said(
    others.nullable(),
    'Whether others may be the cause. null: not looked at; only alarms are in which neither CPU nor memory failed.',
  ),
  hints: said(z.array(hint), 'What to look at first, in this order; none for `ok`.'),
  details: said(z.array(finding), 'One finding a metric; the team’s own come last.'),
  left_out: said(z.array(leftOut), 'Samples that were not used, and why.'),
};

export const verdict = z.object(verdictFields).meta({ id: 'Verdict' });
