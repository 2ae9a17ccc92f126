import { z } from 'zod';
import type { LimitProposal } from '../verdict/limit-proposals.ts';
import { LIMIT_NAMES, type LimitsChange, limitsOf } from '../verdict/limits.ts';
import type { Limits } from '../verdict/types.ts';

/** How a limit is called on the wire: metric, direction, and the unit where it is no share. */
interface WireLimit {
  readonly field: string;
  readonly min: number;
  readonly max: number;
  /** What the number means, with an example: whoever writes 35 for 35 % is told. */
  readonly meaning: string;
}

/**
 * The ranges end where a limit would say nothing: below, every tremor would pass it; above, no fault could.
 */
const WIRE: Record<keyof Limits, WireLimit> = {
  errorRise: { field: 'error_rate_rise', min: 1e-4, max: 1, meaning: 'a share of requests, 0.004 is .4 points' },
  latencyGrowth: { field: 'latency_p95_growth', min: 0.01, max: 10, meaning: 'a share of the level, 0.35 is +35 %' },
  latencyRiseMs: { field: 'latency_p95_rise_ms', min: 0.01, max: 60_000, meaning: 'milliseconds' },
  trafficDrop: { field: 'requests_per_sec_drop', min: 0.01, max: 1, meaning: 'a share of the level, 0.26 is −26 %' },
  cpuRise: { field: 'cpu_usage_rise', min: 1e-3, max: 1, meaning: 'a share of the machine, 0.05 is 5 points' },
  memoryRise: { field: 'memory_usage_rise', min: 1e-3, max: 1, meaning: 'a share of the machine, 0.06 is 6 points' },
};

const FIELDS = LIMIT_NAMES.map((name) => WIRE[name].field);

/** Each limit as it is called on the wire, with what its number means. */
export function limitMeanings(): readonly { readonly field: string; readonly meaning: string }[] {
  return LIMIT_NAMES.map((name) => ({ field: WIRE[name].field, meaning: MEANS[name] }));
}

const MEANS: Record<keyof Limits, string> = {
  errorRise: 'Rise of the share of failed requests that matters, 0 to 1: 0.004 is .4 points.',
  latencyGrowth: 'Growth of the p95 latency that matters, as a share of the level before: 0.35 is +35 %.',
  latencyRiseMs: 'And at the same time this many milliseconds.',
  trafficDrop: 'Loss of requests per second that matters, as a share of the level before: 0.26 is −26 %.',
  cpuRise: 'Rise of the CPU usage that matters beyond what more traffic explains, 0 to 1: 0.05 is 5 points.',
  memoryRise: 'Rise of the memory usage that matters, 0 to 1: 0.06 is 6 points.',
};

/** A change of limits by their names on the wire. */
export function wireLimits(change: LimitsChange): Record<string, number | null> {
  const named = LIMIT_NAMES.filter((name) => change[name] !== undefined);
  return Object.fromEntries(named.map((name) => [WIRE[name].field, change[name] ?? null]));
}

function within({ min, max, meaning }: WireLimit, orElse = '') {
  const error = `must be a number from ${min} to ${max} (${meaning})${orElse}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** `{ latency_p95_growth: 0.5, … }` ⇒ names of the engine. */
function renamed(given: Readonly<Record<string, number | null | undefined>>): LimitsChange {
  const change: Partial<Record<keyof Limits, number | null>> = {};
  for (const name of LIMIT_NAMES) {
    const value = given[WIRE[name].field];
    if (value !== undefined) change[name] = value;
  }
  return change;
}

const ALL_DEFAULT: LimitsChange = Object.fromEntries(LIMIT_NAMES.map((name) => [name, null]));

/**
 * `limits` in a body. Strict, unlike other objects: a misspelt limit that was passed over would be believed to hold.
 * null takes all of them back to the defaults.
 */
export const limitsChange = z
  .strictObject(
    Object.fromEntries(
      LIMIT_NAMES.map((name) => [
        WIRE[name].field,
        within(WIRE[name], ', or null for the default').nullish().meta({ description: MEANS[name] }),
      ]),
    ),
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys'
          ? `knows ${FIELDS.join(', ')}; not ${JSON.stringify(issue.keys?.[0]?.slice(0, 60))}`
          : `must be an object of ${FIELDS.join(', ')}`,
    },
  )
  .nullable()
  .transform((given) => (given === null ? ALL_DEFAULT : renamed(given)));

/** The same as parameters of a query, for a shape of more of them; `limitsOfQuery` reads them out again. */
export const limitsQuery = Object.fromEntries(
  LIMIT_NAMES.map((name) => [
    WIRE[name].field,
    z
      .string({ error: 'must be given once' })
      .transform((text) => (/^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN))
      .pipe(within(WIRE[name]))
      .optional()
      .meta({
        wire: { type: 'number', minimum: WIRE[name].min, maximum: WIRE[name].max },
        description: MEANS[name],
      }),
  ]),
);

export function limitsOfQuery(query: Readonly<Record<string, unknown>>): LimitsChange {
  return renamed(query as Readonly<Record<string, number | undefined>>);
}

/** Proposals as `proposed_limits` shows them: `limit` is the name that PATCH /projects/{id} takes. */
export function showProposals(proposals: readonly LimitProposal[]): object[] {
  return proposals.map(({ metric, rule, limit, value, now, falseAlarms, rightHidden }) => ({
    metric,
    rule,
    limit: WIRE[limit].field,
    value,
    now,
    false_alarms: falseAlarms,
    right_hidden: rightHidden,
    why: `${falseAlarms} alarms on ${metric} (${rule}) were marked wrong, all of them below ${value}${
      rightHidden === 0 ? '' : `; it would also hide ${rightHidden} marked right`
    }`,
  }));
}

/** The limits that hold, defaults included, and which of them are the project's own. */
export function showLimits(set: Partial<Limits>): { limits: Record<string, number>; limits_set: string[] } {
  const limits = limitsOf(set);
  return {
    limits: Object.fromEntries(LIMIT_NAMES.map((name) => [WIRE[name].field, limits[name]])),
    limits_set: LIMIT_NAMES.filter((name) => set[name] !== undefined).map((name) => WIRE[name].field),
  };
}
