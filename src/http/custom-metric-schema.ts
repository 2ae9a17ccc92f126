import { z } from 'zod';
import { type CustomInstrument, type CustomQuery, STATISTICS } from '../model/source.ts';
import {
  BAD_DIRECTIONS,
  type BadDirection,
  CUSTOM_KINDS,
  type CustomKind,
  MAX_CUSTOM_METRICS,
} from '../verdict/custom/custom-metric.ts';
import { CUSTOM, METRICS } from '../verdict/types.ts';
import { optional, text } from './schemas.ts';

export const query = text(4_000).refine((promql) => promql.trim() !== '', { message: 'must not be empty or blank' });

/** It stands in sentences, tables, attributes of pages and as a field's name. */
const NAME = /^[a-zA-Z][a-zA-Z0-9_.-]{0,47}$/;
/** Letters and what units are made of; no marks of HTML or Markdown. */
const UNIT = /^(?:[\p{L}\p{N}%€$£¥°/·.²³-](?:[\p{L}\p{N}%€$£¥°/·.²³ -]{0,14}[\p{L}\p{N}%€$£¥°/·.²³-])?)?$/u;
/** Of one metric. */
const MAX_ATTRIBUTES = 8;
const TAKEN: readonly string[] = [...METRICS, CUSTOM];

const events = z.union([z.literal('requests'), z.literal('none'), z.object({ query })]);

/** What every source takes of one. */
const meaning = {
  name: z
    .string()
    .regex(NAME, 'must begin with a letter and hold letters, digits, _ . or -, 48 characters at the most')
    .refine((name) => !TAKEN.includes(name), { message: 'is the name of one of the five numbers' }),
  unit: optional(z.string().regex(UNIT, 'must be a unit such as ms or jobs, 16 characters at the most')),
  kind: z.enum(CUSTOM_KINDS),
  worse: z.enum(BAD_DIRECTIONS),
  matters: optional(
    z.object({
      relative: optional(z.number().min(0.01).max(100)),
      absolute: optional(z.number().min(1e-6).max(1e12)),
    }),
  ),
};

type Fault = (path: string[], message: string) => void;

interface Meaning {
  readonly name: string;
  readonly unit: string | null;
  readonly kind: CustomKind;
  readonly worse: BadDirection;
  readonly matters: { readonly relative: number | null; readonly absolute: number | null } | null;
}

function checkMatters({ kind, worse, matters }: Meaning, fault: Fault): void {
  const { relative = null, absolute = null } = matters ?? {};
  if (relative !== null && kind === 'share')
    fault(['matters', 'relative'], 'is not for a share: give absolute, a difference of shares');
  if (absolute !== null && kind === 'rate')
    fault(['matters', 'absolute'], 'is not for a rate: give relative, a share of the level before');
  if (absolute !== null && kind === 'share' && absolute >= 1)
    fault(['matters', 'absolute'], 'must be below 1: 0.004 is 0.4 points');
  if (relative !== null && worse !== 'up' && relative >= 1)
    fault(['matters', 'relative'], 'must be below 1 where down is bad: 0.3 is 30 % less');
}

function metricOf({ name, unit, kind, worse, matters }: Meaning) {
  const given = { relative: matters?.relative ?? null, absolute: matters?.absolute ?? null };
  return { name, unit: unit ?? '', kind, worse, matters: given };
}

const queried = z
  .object({ ...meaning, query, events: optional(events) })
  .superRefine((given, context) => {
    const fault: Fault = (path, message) => context.addIssue({ code: 'custom', path, message });
    checkMatters(given, fault);
    const { kind, events: behind } = given;
    if (behind !== null && kind === 'rate') fault(['events'], 'is not for a rate, which counts its own');
    if (behind === 'none' && kind === 'share') fault(['events'], 'can not be none for a share: it is judged by counts');
  })
  .transform((given): CustomQuery => {
    const behind = given.events ?? (given.kind === 'share' ? 'requests' : 'none');
    return {
      ...metricOf(given),
      isCounted: given.kind !== 'rate' && behind !== 'none',
      query: given.query,
      events: typeof behind === 'object' ? behind.query : null,
    };
  });

const instrument = text(255).refine((name) => name.trim() !== '', { message: 'must not be empty or blank' });
/** By name; text, as OTLP's values are written out: 500, true. */
const attributes = z
  .record(z.string().min(1).max(255), text(255))
  .refine((given) => Object.keys(given).length <= MAX_ATTRIBUTES, { message: `must be ${MAX_ATTRIBUTES} at the most` })
  .refine((given) => !Object.keys(given).some((name) => name === '__proto__' || name.includes('\0')), {
    message: 'must be names of attributes',
  });

const pushed = z
  .object({
    ...meaning,
    instrument,
    attributes: optional(attributes),
    statistic: optional(z.enum(STATISTICS)),
    of: optional(z.object({ instrument: optional(instrument), attributes: optional(attributes) })),
  })
  .superRefine((given, context) => {
    const fault: Fault = (path, message) => context.addIssue({ code: 'custom', path, message });
    checkMatters(given, fault);
    const { kind, statistic, of } = given;
    if (statistic !== null && kind !== 'level') fault(['statistic'], 'is for a level alone');
    if (of !== null && kind !== 'share') fault(['of'], 'is for a share alone');
    if (kind !== 'share') return;
    const isAll = (one: Readonly<Record<string, string>> | null | undefined) => Object.keys(one ?? {}).length === 0;
    if ((of?.instrument ?? given.instrument) === given.instrument && isAll(given.attributes))
      fault(
        ['attributes'],
        'must say which points are counted: without, or an instrument in of, the share is of itself',
      );
  })
  .transform((given): CustomInstrument => {
    const { kind, of } = given;
    const whole = { instrument: of?.instrument ?? given.instrument, attributes: of?.attributes ?? {} };
    return {
      ...metricOf(given),
      isCounted: kind === 'share' || given.statistic === 'p95',
      instrument: given.instrument,
      attributes: given.attributes ?? {},
      statistic: kind === 'level' ? (given.statistic ?? 'mean') : null,
      of: kind === 'share' ? whole : null,
    };
  });

const namedApart = (all: readonly { readonly name: string }[]) =>
  new Set(all.map(({ name }) => name)).size === all.length;
const AT_MOST = `must be ${MAX_CUSTOM_METRICS} at the most`;
const SAME_NAME = { message: 'must have different names' };

/** Settings of a team's own metrics, as a Prometheus takes them. */
export const customMetrics = z.array(queried).max(MAX_CUSTOM_METRICS, AT_MOST).refine(namedApart, SAME_NAME);

/** The same, of what is pushed. */
export const customInstruments = z.array(pushed).max(MAX_CUSTOM_METRICS, AT_MOST).refine(namedApart, SAME_NAME);
