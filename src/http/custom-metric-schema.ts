import { z } from 'zod';
import type { CustomQuery } from '../model/source.ts';
import { BAD_DIRECTIONS, CUSTOM_KINDS, type CustomKind, MAX_CUSTOM_METRICS } from '../verdict/custom/custom-metric.ts';
import { CUSTOM, METRICS } from '../verdict/types.ts';
import { optional, text } from './schemas.ts';

export const query = text(4_000).refine((promql) => promql.trim() !== '', { message: 'must not be empty or blank' });

/** It stands in sentences, tables, attributes of pages and as a field's name. */
const NAME = /^[a-zA-Z][a-zA-Z0-9_.-]{0,47}$/;
/** Letters and what units are made of; no marks of HTML or Markdown. */
const UNIT = /^(?:[\p{L}\p{N}%€$£¥°/·.²³-](?:[\p{L}\p{N}%€$£¥°/·.²³ -]{0,14}[\p{L}\p{N}%€$£¥°/·.²³-])?)?$/u;
const TAKEN: readonly string[] = [...METRICS, CUSTOM];

const events = z.union([z.literal('requests'), z.literal('none'), z.object({ query })]);

const definition = z
  .object({
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
    query,
    events: optional(events),
  })
  .superRefine(({ kind, worse, matters, events: behind }, context) => {
    const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { relative = null, absolute = null } = matters ?? {};
    if (relative !== null && kind === 'share')
      fault(['matters', 'relative'], 'is not for a share: give absolute, a difference of shares');
    if (absolute !== null && kind === 'rate')
      fault(['matters', 'absolute'], 'is not for a rate: give relative, a share of the level before');
    if (absolute !== null && kind === 'share' && absolute >= 1)
      fault(['matters', 'absolute'], 'must be below 1: 0.004 is 0.4 points');
    if (relative !== null && worse !== 'up' && relative >= 1)
      fault(['matters', 'relative'], 'must be below 1 where down is bad: 0.3 is 30 % less');
    if (behind !== null && kind === 'rate') fault(['events'], 'is not for a rate, which counts its own');
    if (behind === 'none' && kind === 'share') fault(['events'], 'can not be none for a share: it is judged by counts');
  })
  .transform((given): CustomQuery => {
    const behind = given.events ?? (given.kind === 'share' ? 'requests' : 'none');
    return {
      name: given.name,
      unit: given.unit ?? '',
      kind: given.kind,
      worse: given.worse,
      matters: { relative: given.matters?.relative ?? null, absolute: given.matters?.absolute ?? null },
      isCounted: given.kind !== 'rate' && behind !== 'none',
      query: given.query,
      events: typeof behind === 'object' ? behind.query : null,
    };
  });

/** Settings of a team's own metrics, as a source takes them. */
export const customMetrics = z
  .array(definition)
  .max(MAX_CUSTOM_METRICS, `must be ${MAX_CUSTOM_METRICS} at the most`)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
    message: 'must have different names',
  });

/** As it is shown: what `PUT` takes, with nothing left out. */
export function showCustomMetric({ name, unit, kind, worse, matters, isCounted, query: asked, events }: CustomQuery) {
  return {
    name,
    unit,
    kind,
    worse,
    matters,
    query: asked,
    events: eventsOf(kind, isCounted, events),
  };
}

function eventsOf(
  kind: CustomKind,
  isCounted: boolean,
  asked: string | null,
): 'requests' | 'none' | { query: string } | null {
  if (kind === 'rate') return null;
  return asked !== null ? { query: asked } : isCounted ? 'requests' : 'none';
}
