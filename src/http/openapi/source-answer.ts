import { z } from 'zod';
import { PRESET_NAMES, STATISTICS } from '../../model/source.ts';
import { BAD_DIRECTIONS, CUSTOM_KINDS } from '../../verdict/custom/custom-metric.ts';
import { count, metricName, pairOfNumbers, said, time } from './common.ts';

const pull = z.object({ type: z.literal('pull'), url: z.string() });
/** What is shown of a metric of the team's own, whatever it is read from. */
const meaning = {
  name: z.string(),
  unit: said(z.string(), 'Empty: none.'),
  kind: z.enum(CUSTOM_KINDS),
  worse: z.enum(BAD_DIRECTIONS),
  matters: z.object({
    relative: said(z.number().nullable(), 'As a share of the level before; null: the default of its kind.'),
    absolute: said(z.number().nullable(), 'In its unit; of a share a difference of shares.'),
  }),
};
const instrumentPoints = {
  instrument: z.string(),
  attributes: said(z.record(z.string(), z.string()), 'Points that have all of these; empty: all points.'),
};
const prometheus = z.object({
  type: z.literal('prometheus'),
  url: z.string(),
  preset: said(z.enum(PRESET_NAMES).nullable(), 'null: not found yet, or every number has a query of its own.'),
  selector: said(z.string(), 'Label matchers; empty: none.'),
  containers: said(z.string().nullable(), 'Matchers of the containers, where cadvisor tells CPU and memory.'),
  auth: said(
    z.object({ type: z.enum(['none', 'basic', 'bearer']), username: z.string().optional() }),
    'Without the secret.',
  ),
  headers: said(z.array(z.string()), 'The names of those that are sent.'),
  queries: said(z.partialRecord(metricName, z.string()), 'PromQL of one’s own.'),
  window_seconds: said(z.number().nullable(), 'What $window stands for, seconds; null: not found yet.'),
  native_histograms: said(
    z.literal(true).optional(),
    'Found: the server keeps the application’s histograms as native ones. Absent: as buckets.',
  ),
  version_label: said(z.string().nullable(), 'The label whose values are the versions; null: they are not told apart.'),
  detect: said(z.boolean(), 'Whether versions that nobody announced become deployments.'),
  control: said(
    z.object({ selector: z.string() }).nullable(),
    'Label matchers of what runs beside and is not deployed to; null: there is none.',
  ),
  metrics: said(
    z.array(
      z
        .object({
          ...meaning,
          query: z.string(),
          events: said(
            z.union([z.literal('requests'), z.literal('none'), z.object({ query: z.string() })]).nullable(),
            'What is counted behind it; null: a rate counts its own.',
          ),
        })
        .meta({ id: 'CustomMetric', description: 'A metric of the team’s own.' }),
    ),
    'The team’s own.',
  ),
});
const otlp = z.object({
  type: z.literal('otlp'),
  service_name: said(z.string().nullable(), 'Whose points are read; null: all that is sent for the environment.'),
  detect: said(z.boolean(), 'Whether versions that nobody announced become deployments.'),
  metrics: said(
    z.array(
      z
        .object({
          ...meaning,
          ...instrumentPoints,
          statistic: said(z.enum(STATISTICS).nullable(), 'What is made of a level; null: shares and rates.'),
          of: said(z.object(instrumentPoints).nullable(), 'What a share is of; null: levels and rates.'),
        })
        .meta({ id: 'CustomInstrument', description: 'A metric of the team’s own, of what is pushed.' }),
    ),
    'The team’s own.',
  ),
});
const source = z.discriminatedUnion('type', [pull, prometheus, otlp]).meta({ id: 'Source' });

const placeFields = {
  env: said(z.string().nullable(), 'null: the project’s default.'),
  active: said(source.nullable(), 'What is read here; null: nothing of this place.'),
  candidate: said(source.nullable(), 'Set, and not tested with success yet.'),
  last_tested_at: time.nullable(),
  last_test_error: said(z.string().nullable(), 'null: the last test succeeded, or there was none.'),
};

export const place = z
  .object(placeFields)
  .meta({ id: 'Place', description: 'What is set at a place, without secrets.' });

const examinedNumber = z.object({
  value: said(z.number().nullable(), 'Of the newest minute, in the number’s unit.'),
  query: said(z.string().nullable(), 'As it was sent, or the instruments it is made of; null: there is none for it.'),
  series: said(count, 'How many series answered, or senders tell it.'),
  minutes_with_data: said(count, 'Of the last 15.'),
  warnings: z.array(z.string()),
  problem: said(z.string().nullable(), 'What is wrong, and what to change.'),
});

export const examined = z
  .object({
    ...placeFields,
    scrape_interval_seconds: said(
      z.number().nullable().optional(),
      'Of a source that is asked, as is all that follows.',
    ),
    numbers: z.partialRecord(metricName, examinedNumber).optional(),
    latency_mean: said(z.number().nullable().optional(), 'Milliseconds.'),
    latency_p95_bucket: said(
      pairOfNumbers.nullable().optional(),
      'Edges of the bucket that the p95 fell into, milliseconds.',
    ),
    cpu_cores: z.number().nullable().optional(),
    versions: said(
      z
        .object({
          requests: said(z.record(z.string(), z.number()), 'Requests per second of the newest minute, by version.'),
          problem: z.string().nullable(),
        })
        .optional(),
      'Absent: versions are not told apart.',
    ),
    control: said(
      z
        .object({
          requests: said(z.number().nullable(), 'Requests per second of the newest minute.'),
          problem: z.string().nullable(),
        })
        .optional(),
      'Absent: there is no control.',
    ),
    custom: said(
      z
        .record(
          z.string(),
          examinedNumber.extend({
            events: said(z.number().nullable(), 'Events per second behind it; null: not asked for.'),
          }),
        )
        .optional(),
      'Of the team’s own metrics, by name. Absent: there are none.',
    ),
  })
  .meta({ id: 'Examined', description: 'What a test found; of a `pull` source the place alone.' });
