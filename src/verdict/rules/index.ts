/**
 * All rules: the name that evidence gives, the file in this folder, and what the rule finds. A metric fails when one of its
 * rules says so; which metric has which is in by-level.ts, metric-errors.ts and metric-traffic.ts.
 */
export const RULES = [
  { name: 'level_shift', file: 'level-shift.ts', finds: 'a level that moved' },
  { name: 'late_shift', file: 'late-shift.ts', finds: 'a level that moved in the course of the window' },
  { name: 'repeated_excess', file: 'repeated-excess.ts', finds: 'every second sample out of the ordinary' },
  { name: 'leak', file: 'leak.ts', finds: 'memory that climbs steadily' },
  { name: 'refill', file: 'refill.ts', finds: 'the same, ever more slowly: a cache may be filling' },
  { name: 'error_rise', file: 'error-rise.ts', finds: 'more requests that fail, by points' },
  { name: 'error_growth', file: 'error-growth.ts', finds: 'many times as many that fail, below the limit in points' },
  { name: 'silence', file: 'silence.ts', finds: 'requests that stop, at any traffic' },
  { name: 'ramp_loss', file: 'ramp-loss.ts', finds: 'a steady rise of traffic that breaks off at the deployment' },
] as const;

export type RuleName = (typeof RULES)[number]['name'];
