import { catalog } from '../catalog/catalog.ts';
import type { Reading } from './observe.ts';

/**
 * How many jobs wait, and how many of them are overdue; null when that is not known at the moment.
 * It is called inside a scrape: answer from what a background query found, and say null when that is out of date.
 */
export type SchedulerDepthSource = () => { readonly pending: number; readonly overdue: number } | null;

/** Seconds that the database's clock is ahead of this machine's; null when unknown. Called inside a scrape, as above. */
export type ClockOffsetSource = () => number | null;

/** The gauges that the service answers, each left out until its source is set and whenever that knows nothing or throws. */
export function createServiceReadings(): {
  readonly readings: readonly Reading[];
  setSchedulerDepthSource(source: SchedulerDepthSource): void;
  setClockOffsetSource(source: ClockOffsetSource): void;
} {
  let depth: SchedulerDepthSource = () => null;
  let clockOffset: ClockOffsetSource = () => null;
  return {
    readings: [
      { metric: catalog.jobsPending, read: () => depth()?.pending ?? null },
      { metric: catalog.jobsOverdue, read: () => depth()?.overdue ?? null },
      { metric: catalog.clockOffset, read: () => clockOffset() },
    ],
    setSchedulerDepthSource(source) {
      depth = source;
    },
    setClockOffsetSource(source) {
      clockOffset = source;
    },
  };
}
