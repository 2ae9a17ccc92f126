/**
 * What the KPIs are measured against. Goals, not alerts: nobody is woken for them, so they stand here and not among
 * the limits of the monitoring. Shares are 0 to 1, times are seconds.
 */
export const KPI_TARGETS = {
  /** A team that has no verdict after three days has most likely given up on the set-up. */
  firstVerdictWithin72h: { good: 0.8, poor: 0.5 },
  /** DORA's State of DevOps reports put elite and high performers at 15 %, the next group up to 30 %. */
  changeFailureRate: { warning: 0.15, critical: 0.3 },
  /** CI plus the shortest window is about 10 minutes; CI plus the longest one with all retries about an hour. */
  triggerToVerdictMedianSeconds: { warning: 20 * 60, critical: 60 * 60 },
  triggerToVerdictP95Seconds: { warning: 60 * 60, critical: 2 * 60 * 60 },
  completeSamples: { good: 0.95, poor: 0.8 },
  /** DORA: under an hour is elite, under a day is high. */
  recoverySeconds: { warning: 60 * 60, critical: 24 * 60 * 60 },
  /** DORA: under a day is elite, under a week is high. */
  leadTimeSeconds: { warning: 24 * 60 * 60, critical: 7 * 24 * 60 * 60 },
  /** Each one blocked its environment for up to the finish deadline. */
  abandonedShare: { warning: 0.02, critical: 0.1 },
  /** Every second alarm that is wrong is the one after which nobody looks at the next. */
  alarmPrecision: { good: 0.8, poor: 0.5 },
  /** Fewer marks are shown as a number alone: one of them would be 0 % or 100 %, and paint the tile. */
  leastMarks: 5,
} as const;
