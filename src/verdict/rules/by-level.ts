import type { Track } from '../track.ts';
import type { Tuning } from '../tuning.ts';
import type { MetricName } from '../types.ts';
import { lateShift } from './late-shift.ts';
import { leak } from './leak.ts';
import { levelShift } from './level-shift.ts';
import { repeatedExcess } from './repeated-excess.ts';
import { heard, type RuleResult, type TrackRule } from './rule.ts';

type LevelMetric = Exclude<MetricName, 'error_rate'>;

/**
 * The rules on levels, by metric. Errors are counts and have error-rise.ts with error-growth.ts; traffic has silence.ts
 * before these, and ramp-loss.ts in their place while it rises. A failure is told by the first that found it: a plain shift
 * of the level is also a late one, and is better told as the former.
 */
const LEVEL_RULES: Readonly<Record<LevelMetric, readonly [TrackRule, ...TrackRule[]]>> = {
  latency_p95: [levelShift, lateShift, repeatedExcess],
  requests_per_sec: [levelShift, lateShift, repeatedExcess],
  cpu_usage: [levelShift, lateShift, repeatedExcess],
  memory_usage: [leak, levelShift, lateShift, repeatedExcess],
};

/** What the rules of a level say of it, in the order in which a failure is told. */
export function byLevel(metric: LevelMetric, track: Track, tuning: Tuning): [RuleResult, ...RuleResult[]] {
  const [first, ...others] = LEVEL_RULES[metric];
  const asked = (rule: TrackRule) => heard(rule(track, tuning), tuning);
  return [asked(first), ...others.map(asked)];
}
