import { z } from 'zod';
import { CUSTOM_KINDS } from '../../verdict/custom/custom-metric.ts';
import { RULES, type RuleName } from '../../verdict/rules/index.ts';
import { MISSING_REASONS, STAND_INS, VERDICTS } from '../../verdict/types.ts';
import { count, findingMetric, interval, said, share, time } from './common.ts';

const evidence = z
  .object({
    rule: said(
      z.enum(RULES.map(({ name }) => name) as [RuleName, ...RuleName[]]).nullable(),
      'The rule that explains the finding: of a metric that failed the first one that says so, of one that passed the one ' +
        'that came nearest. It has failed only where `severity` is not `none`. null: no rule could be applied.',
    ),
    change: said(
      z.number().nullable(),
      'How far the metric moved from `expected` (or, where that is null, from `baseline`), in the finding’s unit; ' +
        'positive is worse: of traffic what was lost, of the others what was added. null: nothing could be compared.',
    ),
    interval: interval('Of `change`, drift between windows included. null as `change`.'),
    expected: said(
      z.number().nullable(),
      'The level expected after, in the finding’s unit, where that is not the baseline: a ramp that was going on, more ' +
        'traffic, what CI said of instances and shares. Of errors: the ratio that a service is believed to have which ' +
        'showed what this one did; so 0 errors before and 0 after are a small negative change, the less the more requests ' +
        'were seen. null: the baseline is what was expected.',
    ),
    limit: said(
      z.number().nullable(),
      'A difference, in the finding’s unit: the change from which the metric fails, the larger of what matters and what ' +
        'chance and drift do. Compare it with `change`.',
    ),
    threshold: said(
      z.number().nullable(),
      'A level, in the finding’s unit: `expected` and `limit` together (of traffic less it). Compare it with samples, and ' +
        'draw it in a plot.',
    ),
    samples_beyond: said(count.nullable(), 'How many of the samples after lie on the bad side of `threshold`.'),
    strength: said(
      z.number().nullable(),
      'No unit: `change` ÷ `limit` of the loudest rule, or its weakest other condition where that is smaller, divided by ' +
        '`own_noise`. Failed from 1 on. null: not judged.',
    ),
    samples_before: said(count, 'Samples before that were used for this metric.'),
    samples_after: said(count, 'Samples after that were used for this metric.'),
    samples_without_requests: said(
      count,
      'Samples of both sides that say nothing about latency or errors because they hold no request.',
    ),
    samples_missing: said(
      z.partialRecord(z.enum(MISSING_REASONS), count),
      'Samples of both sides that lack this number for another reason, by reason; empty: none.',
    ),
    own_noise: said(
      z.number().nullable(),
      'How many times louder than its limit this metric is by itself in quiet times; null: it is not.',
    ),
    judged_by: said(
      z.enum(STAND_INS).nullable(),
      'What `baseline`, `observed` and all levels here are of, where that is not the metric’s own number: `latency_mean`, ' +
        'where a p95 from a histogram can’t tell whether it got worse by what matters; `cpu_cores`, where there is no limit ' +
        'that CPU could be a share of. null: the metric itself.',
    ),
    resolution: said(
      z.tuple([z.number(), z.number().nullable()]).nullable(),
      'Of p95 latency from a histogram: the edges, in milliseconds, of the widest bucket that it fell into. Between them it ' +
        'is a guess. The second is null beyond the last edge. null: no edges are known.',
    ),
    p95_blind: said(
      z.boolean(),
      'Those edges leave open whether p95 latency got worse by what matters. Where the mean is known it is judged then, or ' +
        'has to have risen too.',
    ),
    p95_read: said(
      z.tuple([z.number(), z.number()]).nullable(),
      'Median p95 latency before and after as it was read, in milliseconds, where the mean was judged; else null.',
    ),
    below_limit: said(z.boolean(), 'Surely worse, but by less than matters.'),
    alternative: said(z.string().nullable(), 'What else explains a failure, as one clause; null: nothing known.'),
    not_judged: said(z.string().nullable(), 'Why the metric could not be judged, as one clause; null: it was.'),
  })
  .meta({ id: 'Evidence', description: 'What a finding rests on.' });

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
  hints: said(z.array(hint), 'What to look at first, in this order; none for `ok`.'),
  details: said(z.array(finding), 'One finding a metric; the team’s own come last.'),
  left_out: said(z.array(leftOut), 'Samples that were not used, and why.'),
};

export const verdict = z.object(verdictFields).meta({ id: 'Verdict' });
