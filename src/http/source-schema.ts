import { z } from 'zod';
import {
  type OtlpSettings,
  PRESET_NAMES,
  type PrometheusCredentials,
  type PrometheusSettings,
} from '../model/source.ts';
import type { NewSource } from '../projects/sources.ts';
import { parseSelector } from '../sources/prometheus/selector.ts';
import { normalizeEndpoint } from '../sources/pull/endpoint-url.ts';
import { METRICS } from '../verdict/types.ts';
import { customInstruments, customMetrics, query } from './custom-metric-schema.ts';
import { endpointUrl, envName, optional, text } from './schemas.ts';

/** Own headers: a tenant, and what a proxy wants besides. */
const MAX_HEADERS = 5;
/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-zA-Z-]{1,100}$/;
/** What the connection needs, and what has a place of its own. */
const OURS = [
  'host',
  'authorization',
  'accept',
  'accept-encoding',
  'user-agent',
  'connection',
  'keep-alive',
  'upgrade',
];
const isOurs = (name: string) => OURS.includes(name) || /^(content-|transfer-|proxy-|te$|trailer$|expect$)/.test(name);

const baseUrl = text(2_048).transform((value, context) => {
  const normalized = normalizeEndpoint(value);
  const reason = normalized.ok
    ? normalized.url.includes('?')
      ? 'must have no query: what the server needs goes into headers'
      : null
    : normalized.reason;
  if (normalized.ok && reason === null) return normalized.url.replace(/\/api\/v1$/, '');
  context.addIssue({ code: 'custom', message: reason ?? 'is no URL' });
  return z.NEVER;
});

const selector = text(1_000).transform((value, context) => {
  const parsed = parseSelector(value);
  if (parsed.ok) return parsed.selector;
  context.addIssue({ code: 'custom', message: parsed.reason });
  return z.NEVER;
});

/** Of the classic kind: it is grouped by. */
const labelName = text(200).regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'is no name of a label');

/** What HTTP lets a header hold, and nothing that would begin another. */
const secretText = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\t\x20-\x7e\u0080-\u00ff]*$/, 'must not contain line breaks or other control characters');

const auth = z.discriminatedUnion('type', [
  z.object({ type: z.literal('none') }),
  z.object({
    type: z.literal('basic'),
    username: secretText(255).refine((name) => !name.includes(':'), { message: 'must not contain a colon' }),
    password: secretText(4_096),
  }),
  z.object({ type: z.literal('bearer'), token: secretText(8_192) }),
]);

const headers = z
  .record(z.string().regex(TOKEN, 'is no name of a header'), secretText(4_096))
  .refine((given) => Object.keys(given).length <= MAX_HEADERS, { message: `must be ${MAX_HEADERS} at the most` })
  .refine((given) => !Object.keys(given).some((name) => isOurs(name.toLowerCase())), {
    message: 'must not name what the connection sets itself, or Authorization: that is auth',
  });

const prometheus = z
  .object({
    type: z.literal('prometheus'),
    env: optional(envName),
    url: baseUrl,
    preset: optional(z.enum(PRESET_NAMES)),
    selector: optional(selector),
    containers: optional(selector),
    auth: optional(auth),
    headers: optional(headers),
    queries: optional(z.partialRecord(z.enum(METRICS), query)),
    window_seconds: optional(z.int().min(10).max(3_600)),
    version_label: optional(labelName),
    control: optional(z.object({ selector })),
    metrics: optional(customMetrics),
    detect: optional(z.boolean()),
  })
  .refine(({ selector: matchers, queries }) => (matchers ?? '') !== '' || Object.keys(queries ?? {}).length > 0, {
    path: ['selector'],
    message: 'says which series are the application’s, such as service_name="checkout"; else give queries',
  })
  .transform((body) => {
    const settings: PrometheusSettings = {
      url: body.url,
      preset: body.preset,
      selector: body.selector ?? '',
      containers: body.containers,
      queries: body.queries ?? {},
      windowSeconds: body.window_seconds,
      versionLabel: body.version_label,
      control: body.control?.selector || null,
      ...(body.detect === false ? { detect: false } : {}),
      ...(body.metrics === null || body.metrics.length === 0 ? {} : { custom: body.metrics }),
    };
    const credentials: PrometheusCredentials = { auth: body.auth ?? { type: 'none' }, headers: body.headers ?? {} };
    return { env: body.env, source: { kind: 'prometheus', settings, credentials } satisfies NewSource };
  });

const pull = z
  .object({ type: z.literal('pull'), env: optional(envName), url: endpointUrl })
  .transform(({ env, url }) => ({ env, source: { kind: 'pull', url } satisfies NewSource }));

const otlp = z
  .object({
    type: z.literal('otlp'),
    env: optional(envName),
    service_name: optional(text(255)),
    detect: optional(z.boolean()),
    metrics: optional(customInstruments),
  })
  .transform(({ env, service_name, detect, metrics }) => {
    const settings: OtlpSettings = {
      type: 'otlp',
      serviceName: service_name || null,
      ...(detect === false ? { detect } : {}),
      ...(metrics === null || metrics.length === 0 ? {} : { custom: metrics }),
    };
    return { env, source: { kind: 'otlp', settings } satisfies NewSource };
  });

export const sourceBody = z.discriminatedUnion('type', [prometheus, pull, otlp]);
