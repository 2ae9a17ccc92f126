import { z } from 'zod';
import { PIPELINE_OUTCOMES } from '../model/deployment.ts';
import { normalizeEndpoint } from '../sources/pull/endpoint-url.ts';
import { VERDICTS } from '../verdict/types.ts';
import { limitsChange, limitsOfQuery, limitsQuery } from './limits.ts';

/**
 * PostgreSQL can store neither U+0000 nor a lone surrogate: without this they would arrive there and come back
 * as a 500.
 */
export function text(max: number) {
  return z
    .string()
    .max(max)
    .refine((value) => !value.includes('\u0000') && value.isWellFormed(), {
      message: 'must not contain U+0000 or lone surrogates',
    });
}

export const named = (max: number) =>
  text(max)
    .refine((value) => value.trim() !== '', { message: 'must not be empty or blank' })
    .meta({ minLength: 1, pattern: String.raw`\S` });

export const envName = named(64);

export const endpointUrl = text(2_048).transform((value, context) => {
  const normalized = normalizeEndpoint(value);
  if (normalized.ok) return normalized.url;
  context.addIssue({ code: 'custom', message: normalized.reason });
  return z.NEVER;
});

/** A field with its meaning, for the description of the API (openapi/). */
export const said = <Schema extends z.ZodType>(schema: Schema, description: string): Schema =>
  schema.meta({ description }) as Schema;

const COMPARED = 'Only compared with the active endpoint; passed over where the source is another.';
const WINDOW = 'Minutes for which a deployment is observed after finish.';
const DEADLINE = 'Minutes after which a deployment without finish is abandoned; up to two weeks.';
const BASELINE = '`continuous`: read once a minute between deployments; `at_trigger`: only at the trigger.';
const LIMITS = 'The least changes that matter; null takes one, or all, back to the default.';

/** Absent and null are the same: clients in the wild send null for what they do not set. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? null);

/** Blank = none. Without the blanks around it, which HTTP drops in a header: one key, wherever it came. */
const idempotencyKey = optional(text(255)).transform((key) => key?.trim() || null);

export const triggerHeaders = z.object({
  'x-idempotency-key': said(idempotencyKey, 'As `idempotency_key` in the body, over which it wins.'),
});

/** What is only shown; blank = none. */
const mention = optional(text(255)).transform((said) => said?.trim() || null);

/** Only what a browser may follow: never `javascript:`. */
const webUrl = text(255)
  .transform((url) => url.trim())
  .refine((url) => url === '' || (/^https?:\/\//i.test(url) && URL.canParse(url)), {
    message: 'must be an http or https URL',
  })
  .transform((url) => url || null);

const instant = z.iso
  .datetime({ offset: true, error: 'must be a time as in RFC 3339, 2026-05-04T10:00:00Z or with +02:00' })
  .transform((time) => new Date(time))
  .refine((time) => !Number.isNaN(time.getTime()), { message: 'names no time' });

export const triggerBody = z.object({
  env: said(envName, 'One of the project’s environments.'),
  idempotency_key: said(
    idempotencyKey,
    'The same key finds the same deployment, in this project and environment. Blank = none.',
  ),
  branch: said(optional(text(255)), 'For people to read, as are version, commit, build, actor and service.'),
  supersede: said(
    optional(z.boolean({ error: 'must be true or false' })).transform((supersede) => supersede ?? false),
    'A dead run’s deployment makes room for this one, and so does an earlier one of this key.',
  ),
  version: mention,
  commit_sha: mention,
  commit_time: said(optional(instant), 'RFC 3339, with Z or an offset.'),
  build_url: said(optional(webUrl), 'http or https.'),
  actor: mention,
  service: mention,
  metrics_endpoint: said(optional(endpointUrl), COMPARED),
});

const instanceCount = z.int().min(1).max(1_000_000);

export const finishBody = z.object({
  deployment_id: said(z.guid(), 'What the trigger answered.'),
  result: said(z.enum(PIPELINE_OUTCOMES), 'All but `success` come to `failed`; it says nothing about metrics.'),
  instances: said(
    optional(z.object({ before: instanceCount, after: instanceCount })),
    'Instances that shared the traffic, and those that share it now.',
  ),
  traffic_share: said(
    optional(z.number().min(0).max(1)),
    'Share of the traffic before that what is read is to get now, 0 to 1.',
  ),
  metrics_endpoint: said(optional(endpointUrl), COMPARED),
});

/** `limit`, `cursor` of every list. The cursor is opaque; see pagination.ts. */
const page = {
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'must be a whole number from 1 to 200')
    .transform(Number)
    .pipe(z.number().min(1).max(200))
    .default(50)
    .meta({ wire: { type: 'integer', minimum: 1, maximum: 200, default: 50 }, description: 'How many, at the most.' }),
  cursor: said(optional(z.string().max(200)), '`next_cursor` of the page before. Opaque.'),
};

/** Seconds to wait for the end; 0: not at all. Proxies cut at 60. */
export const deploymentQuery = z.object({
  wait: z
    .string({ error: 'must be given once' })
    .regex(/^\d{1,2}$/, 'must be a whole number of seconds from 0 to 60')
    .transform(Number)
    .pipe(z.number().max(60, 'must be a whole number of seconds from 0 to 60'))
    .default(0)
    .meta({
      wire: { type: 'integer', minimum: 0, maximum: 60, default: 0 },
      description: 'Seconds to wait for the end (`analyzed` or `abandoned`); 0: not at all.',
    }),
  until: z
    .enum(['end', 'preliminary'], { error: 'must be `end` or `preliminary`' })
    .default('end')
    .meta({ description: 'What `wait` waits for; `preliminary`: also for an early verdict.' }),
});

export const pageQuery = z.object(page);
export const deploymentsQuery = z.object({
  ...page,
  env: said(optional(text(64)), 'Of this environment alone.'),
  project_id: said(optional(z.guid()), 'Of this project alone; a key sees its own whatever is asked.'),
  verdict: said(
    optional(z.enum(VERDICTS, { error: `must be one of ${VERDICTS.join(', ')}` })),
    'With this verdict alone.',
  ),
  view: said(
    optional(z.enum(['full', 'summary'], { error: 'must be full or summary' })),
    '`summary`: without what a verdict rests on (a small part of the bytes); `full`, the default: as each deployment by itself.',
  ),
});

const uniqueEnvs = z
  .array(envName)
  .min(1)
  .max(1_000)
  .refine((envs) => new Set(envs).size === envs.length, { message: 'must not name an environment twice' });

const observationWindow = z.union([z.literal(5), z.literal(15), z.literal(30)], {
  error: 'must be 5, 15 or 30',
});
/** Minutes: up to two weeks. */
const finishDeadline = z.int().min(1).max(20_160);

const baselineMode = z.enum(['continuous', 'at_trigger']);

export const newProjectBody = z.object({
  name: said(named(120), 'Unique.'),
  envs: said(uniqueEnvs.default(['prod']), 'Each once.'),
  metrics_endpoint: said(optional(endpointUrl), 'A candidate, tested at once: http or https, without credentials.'),
  observation_window_minutes: said(observationWindow.default(5), WINDOW),
  finish_deadline_minutes: said(finishDeadline.default(120), DEADLINE),
  baseline: said(baselineMode.default('continuous'), BASELINE),
  limits: said(limitsChange.default({}), LIMITS),
});

/** Loose: the handler looks at what else came (`refuseUnchangeable`). */
export const projectChangeBody = z.looseObject({
  name: named(120).optional(),
  envs: uniqueEnvs.optional(),
  observation_window_minutes: said(observationWindow.optional(), WINDOW),
  finish_deadline_minutes: said(finishDeadline.optional(), DEADLINE),
  metrics_endpoint: said(optional(endpointUrl), 'The project’s default: set and tested.'),
  baseline: said(baselineMode.optional(), BASELINE),
  limits: said(limitsChange.optional(), LIMITS),
});

/** No body at all judges again by the limits of now. */
export const rejudgeBody = z.object({
  limits: said(limitsChange.default({}), 'Over the project’s own; null: the defaults.'),
});

/** The ring reaches back a week at most. Limits given here are tried; the others are the project's. */
export const aaCheckQuery = z
  .object({
    ...limitsQuery,
    days: z
      .string({ error: 'must be given once' })
      .regex(/^[1-7]$/, 'must be a whole number from 1 to 7')
      .transform(Number)
      .default(7)
      .meta({ wire: { type: 'integer', minimum: 1, maximum: 7, default: 7 }, description: 'How far to look back.' }),
    env: said(optional(text(64)), 'Which; without it the only one, or `prod`.'),
  })
  .transform((query) => ({ days: query.days, env: query.env, limits: limitsOfQuery(query) }));

export const feedbackBody = z.object({
  correct: said(z.boolean({ error: 'must be true or false' }), 'Whether the verdict is right.'),
  note: optional(text(1_000)).transform((note) => note?.trim() || null),
});

export const rotateKeyBody = z.object({
  keep_old_hours: said(z.number().min(0).max(720).default(24), 'Hours for which the old keys go on; up to 30 days.'),
});

const place = said(optional(envName), 'null, or left out: the project’s default.');
export const endpointBody = z.object({ url: said(endpointUrl, 'http or https, without credentials.'), env: place });
export const endpointTestBody = z.object({ env: place });
export const sourceQuery = z.object({ env: place });
