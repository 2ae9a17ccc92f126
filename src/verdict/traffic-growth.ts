import type { Context } from './context.ts';
import type { Tuning } from './tuning.ts';

/** How many times the CPU before more traffic explains; 1 where traffic was not measured. */
export function growthExplained({ rpsBefore, rpsAfter }: Context, tuning: Tuning): number {
  if (rpsBefore === null || rpsAfter === null) return 1;
  const more = (rpsAfter + tuning.cpuIdleRps) / (rpsBefore + tuning.cpuIdleRps);
  return Math.min(tuning.cpuGrowthMax, Math.max(1, more));
}
