import { catalog } from '../catalog/catalog.ts';
import type { Reading } from './readings.ts';

/**
 * How many jobs wait, and how many of them are overdue; null when that is not known at the moment.
 * It is called inside a scrape: answer from what a background query found, and say null when that is out of date.
 */
export type SchedulerDepthSource = () => { readonly pending: number; readonly overdue: number } | null;

/** The two scheduler gauges, left out until a source is set and whenever it has nothing to say or throws. */
export function createSchedulerDepth(): {
  readonly readings: readonly Reading[];
  setSource(source: SchedulerDepthSource): void;
} {
  let source: SchedulerDepthSource = () => null;
  return {
    readings: [
      { metric: catalog.jobsPending, read: () => source()?.pending ?? null },
      { metric: catalog.jobsOverdue, read: () => source()?.overdue ?? null },
    ],
    setSource(given) {
      source = given;
    },
  };
}
