/** DORA's four figures over a window of time, as counts and medians (docs/dora.md). */
export interface DoraFigures {
  readonly deployments: number;
  /** Days of UTC with at least one. */
  readonly daysWithDeployments: number;
  /** Of those whose outcome is known. */
  readonly failed: number;
  readonly rated: number;
  /** Incidents that began in the window and have ended, and those that go on. */
  readonly restored: number;
  readonly open: number;
  /** Median from the failure's finish to the finish of what ended it; null without any. */
  readonly restoreSeconds: number | null;
  /** Deployments whose commit time is known. */
  readonly leadTimes: number;
  /** Median from commit to finish; null without any. */
  readonly leadTimeSeconds: number | null;
}

export const NO_DEPLOYMENTS: DoraFigures = {
  deployments: 0,
  daysWithDeployments: 0,
  failed: 0,
  rated: 0,
  restored: 0,
  open: 0,
  restoreSeconds: null,
  leadTimes: 0,
  leadTimeSeconds: null,
};
