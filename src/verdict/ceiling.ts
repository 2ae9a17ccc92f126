import type { NoisePrior } from './tuning.ts';

/** Below this no rise of a usage matters, however near its ceiling it is: a tenth of a point. */
const MIN_RISE = 0.001;

/**
 * A usage near its ceiling of 1 has limits of its own: memory that goes from 99.5 to 100 % has lost all the room that it
 * had, and can't rise by the 6 points that matter elsewhere. Where less than twice `leastRise` is left, half of what is
 * left matters, and the noise that is believed of a usage shrinks with it, for there is no room for more.
 */
export function nearCeiling(
  expected: number,
  leastRise: number,
  noise: NoisePrior,
): { leastChange: number; noise: NoisePrior } {
  const scale = Math.max(0, Math.min(1, (1 - expected) / (2 * leastRise)));
  return {
    leastChange: Math.max(MIN_RISE, leastRise * scale),
    noise: { sampleSd: noise.sampleSd * scale, driftSd: noise.driftSd * scale },
  };
}
