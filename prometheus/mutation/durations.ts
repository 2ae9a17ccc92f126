const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `5m` times 0.5 → `150s`. One number and one unit, as our rules write durations. */
export function scaleDuration(duration: string, factor: number): string {
  const match = /^(\d+)([smhd])$/.exec(duration);
  if (match === null) throw new Error(`not a duration of one number and one unit: ${duration}`);
  const seconds = Number(match[1]) * UNIT_SECONDS[match[2] as keyof typeof UNIT_SECONDS] * factor;
  return `${Math.round(seconds)}s`;
}
