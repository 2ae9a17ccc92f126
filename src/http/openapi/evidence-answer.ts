import { z } from 'zod';
import { RULES, type RuleName } from '../../verdict/rules/index.ts';
import { MISSING_REASONS, STAND_INS } from '../../verdict/types.ts';
import { count, interval, said } from './common.ts';

export const evidence = z
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
        'traffic, what CI said of instances and shares, what a `control` did in the same minutes. Of errors: the ratio ' +
        'that a service is believed to have which showed what this one did; so 0 errors before and 0 after are a small negative change, the less the more requests ' +
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
    control: said(
      z.tuple([z.number(), z.number()]).nullable(),
      'Levels of the control before and in the same minutes, in the finding’s unit: how far it moved, as far as that is more ' +
        'than its noise, is in `expected`. null: there is none, or something else explains `expected`.',
    ),
    below_limit: said(z.boolean(), 'Surely worse, but by less than matters.'),
    alternative: said(z.string().nullable(), 'What else explains a failure, as one clause; null: nothing known.'),
    not_judged: said(z.string().nullable(), 'Why the metric could not be judged, as one clause; null: it was.'),
  })
  .meta({ id: 'Evidence', description: 'What a finding rests on.' });
