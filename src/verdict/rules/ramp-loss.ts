// Measured (bench/verdict/results/ablation.json): alone 0 false alarms on 636 healthy cases, 0 of 381 faults; without it 9 for 9, 365 for 365.

import { levelShift } from './level-shift.ts';
import type { TrackRule } from './rule.ts';

/**
 * Did a steady rise of traffic break off? The shift of the level, held against what the rise would have led to
 * (traffic-ramp.ts says when a rise counts). The level before alone would hide the loss: a morning that rises by half loses a
 * third and stands where it was.
 */
export const rampLoss: TrackRule = (track, tuning) => ({ ...levelShift(track, tuning), rule: 'ramp_loss' });
