import { quantileOfSorted } from '../order-statistics.ts';
import type { Track } from '../track.ts';
import type { Tuning } from '../tuning.ts';

/**
 * A level that the window before visited is no new one: services whose readings flip between two levels all day, or now
 * and then take three times as long, do that without a deployment. The level must stand `visitedClearance` of what
 * matters above what the highest readings before reached, `visitedQuantile` of them. 1 and more: it does.
 */
export function clearanceOf(observed: number, track: Track, tuning: Tuning): number {
  const visited = quantileOfSorted(track.sortedBefore, tuning.visitedQuantile) - track.levelBefore + track.expected;
  return (observed - visited) / (tuning.visitedClearance * track.leastChange);
}
