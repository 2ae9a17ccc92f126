import type { Window } from './admit.ts';
import { pair } from './figures.ts';
import { measured } from './measured.ts';
import { median } from './order-statistics.ts';
import type { Tuning } from './tuning.ts';
import type { DeploymentFacts } from './types.ts';

/**
 * What the deployment itself changed around the service: how much traffic what is read gets. Worked out once, before any
 * metric is judged, because it explains them all.
 */
export interface Context {
  /** Requests per second of what is read; null where that was not measured. Medians. */
  readonly rpsBefore: number | null;
  readonly rpsAfter: number | null;
  /** Traffic expected after, as a multiple of that before, by what CI said; 1 where it said nothing. */
  readonly planned: number;
  readonly facts: DeploymentFacts;
  /** Idle before and serving after: levels of CPU and memory under such traffic are not known. */
  readonly isNewlyServing: boolean;
  /** Not one request in any sample after, and somebody counted. */
  readonly isSilent: boolean;
  /** The same of before. */
  readonly wasIdle: boolean;
}

export function contextOf(before: Window, after: Window, facts: DeploymentFacts, tuning: Tuning): Context {
  const was = measured(before, 'requests_per_sec').values;
  const is = measured(after, 'requests_per_sec').values;
  const rpsBefore = was.length > 0 ? median(was) : null;
  const rpsAfter = is.length > 0 ? median(is) : null;
  const wasIdle = was.length > 0 && was.every((rps) => rps === 0);
  return {
    rpsBefore,
    rpsAfter,
    planned: plannedFactor(facts),
    facts,
    isNewlyServing:
      rpsBefore !== null &&
      rpsAfter !== null &&
      (isAnotherLoad(rpsBefore, rpsAfter, tuning) || (wasIdle && rpsAfter >= tuning.cpuIdleRps)),
    isSilent: is.length > 0 && is.every((rps) => rps === 0),
    wasIdle,
  };
}

/** Beyond it the CPU that more traffic explains is not known. A few requests a minute explain next to nothing. */
function isAnotherLoad(before: number, after: number, tuning: Tuning): boolean {
  return (after + tuning.cpuIdleRps) / (before + tuning.cpuIdleRps) > tuning.cpuGrowthMax;
}

/** Twice as many instances get half of the traffic each; a planned share is what it says. */
function plannedFactor({ instances, trafficShare }: DeploymentFacts): number {
  const perInstance =
    instances !== undefined && instances.before > 0 && instances.after > 0 ? instances.before / instances.after : 1;
  return perInstance * (trafficShare !== undefined && trafficShare >= 0 && trafficShare <= 1 ? trafficShare : 1);
}

/** Why levels of CPU and memory can't be compared, as one clause. */
export function whyAnotherLoad({ rpsBefore, rpsAfter }: Context): string {
  const [before, after] = pair('requests_per_sec', rpsBefore ?? 0, rpsAfter ?? 0);
  return rpsBefore === 0
    ? `no request came before and ${after} after, and what it uses under traffic was not seen`
    : `${before} came before and ${after} after, and what it uses under so much more was not seen`;
}
