/** Why a number of a sample is not there. */
export const MISSING_REASONS = ['not_measured', 'out_of_range', 'no_requests'] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];
