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

const named = (max: number) =>
  text(max).refine((value) => value.trim() !== '', { message: 'must not be empty or blank' });

export const envName = named(64);

export const endpointUrl = text(2_048).transform((value, context) => {
  const normalized = normalizeEndpoint(value);
  if (normalized.ok) return normalized.url;
  context.addIssue({ code: 'custom', message: normalized.reason });
  return z.NEVER;
});

/** Absent and null are the same: clients in the wild send null for what they do not set. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? null);

/** Blank = none. Without the blanks around it, which HTTP drops in a header: one key, wherever it came. */
const idempotencyKey = optional(text(255)).transform((key) => key?.trim() || null);

export const triggerHeaders = z.object({ 'x-idempotency-key': idempotencyKey });

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
  env: envName,
  idempotency_key: idempotencyKey,
  branch: optional(text(255)),
  /** A dead run's deployment makes room for this one, and so does an earlier one of this key. */
  supersede: optional(z.boolean({ error: 'must be true or false' })).transform((supersede) => supersede ?? false),
  version: mention,
  commit_sha: mention,
  commit_time: optional(instant),
  build_url: optional(webUrl),
  actor: mention,
  service: mention,
  metrics_endpoint: optional(endpointUrl),
});

const instanceCount = z.int().min(1).max(1_000_000);

export const finishBody = z.object({
  deployment_id: z.guid(),
  result: z.enum(PIPELINE_OUTCOMES),
  /** Instances that shared the traffic, and those that share it now. */
  instances: optional(z.object({ before: instanceCount, after: instanceCount })),
  /** Of the traffic before, what the observed application is to get now. */
  traffic_share: optional(z.number().min(0).max(1)),
  metrics_endpoint: optional(endpointUrl),
});

/** `limit`, `cursor` of every list. The cursor is opaque; see pagination.ts. */
const page = {
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'must be a whole number from 1 to 200')
    .transform(Number)
    .pipe(z.number().min(1).max(200))
    .default(50),
  cursor: optional(z.string().max(200)),
};

/** Seconds to wait for the end; 0: not at all. Proxies cut at 60. */
export const deploymentQuery = z.object({
  wait: z
    .string({ error: 'must be given once' })
    .regex(/^\d{1,2}$/, 'must be a whole number of seconds from 0 to 60')
    .transform(Number)
    .pipe(z.number().max(60, 'must be a whole number of seconds from 0 to 60'))
    .default(0),
});

export const pageQuery = z.object(page);
export const deploymentsQuery = z.object({
  ...page,
  env: optional(text(64)),
  project_id: optional(z.guid()),
  verdict: optional(z.enum(VERDICTS, { error: `must be one of ${VERDICTS.join(', ')}` })),
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
  name: named(120),
  envs: uniqueEnvs.default(['prod']),
  metrics_endpoint: optional(endpointUrl),
  observation_window_minutes: observationWindow.default(5),
  finish_deadline_minutes: finishDeadline.default(120),
  baseline: baselineMode.default('continuous'),
  limits: limitsChange.default({}),
});

/** Loose: the handler looks at what else came (`refuseUnchangeable`). */
export const projectChangeBody = z.looseObject({
  name: named(120).optional(),
  envs: uniqueEnvs.optional(),
  observation_window_minutes: observationWindow.optional(),
  finish_deadline_minutes: finishDeadline.optional(),
  metrics_endpoint: optional(endpointUrl),
  baseline: baselineMode.optional(),
  limits: limitsChange.optional(),
});

/** No body at all judges again by the limits of now. */
export const rejudgeBody = z.object({ limits: limitsChange.default({}) });

/** The ring reaches back a week at most. Limits given here are tried; the others are the project's. */
export const aaCheckQuery = z
  .object({
    ...limitsQuery,
    days: z
      .string({ error: 'must be given once' })
      .regex(/^[1-7]$/, 'must be a whole number from 1 to 7')
      .transform(Number)
      .default(7),
    env: optional(text(64)),
  })
  .transform((query) => ({ days: query.days, env: query.env, limits: limitsOfQuery(query) }));

export const feedbackBody = z.object({
  correct: z.boolean({ error: 'must be true or false' }),
  note: optional(text(1_000)).transform((note) => note?.trim() || null),
});

export const rotateKeyBody = z.object({
  /** Hours for which the old keys go on; up to 30 days. */
  keep_old_hours: z.number().min(0).max(720).default(24),
});

export const endpointBody = z.object({ url: endpointUrl, env: optional(envName) });
export const endpointTestBody = z.object({ env: optional(envName) });
export const sourceQuery = z.object({ env: optional(envName) });
