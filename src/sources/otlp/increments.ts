import { grownBy } from './distribution.ts';
import { type Exports, exportsOf, type FoundExports, type Heard, pointsBySender } from './exports.ts';
import type { Distribution, KeptPoint } from './points.ts';

/**
 * Milliseconds between two points of a stream over which what came between them is spread. Longer ago, nobody knows when it
 * came; an outage of minutes, of SeqPulse or of what sends, loses none of them.
 */
export const MAX_GAP_MS = 600_000;

/** What came of one stream in a stretch of time, epoch milliseconds. */
export interface Increment {
  readonly sender: number;
  readonly instrument: number;
  readonly part: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly amount: number | Distribution;
}

export interface Level {
  readonly sender: number;
  readonly stream: number;
  readonly instrument: number;
  readonly part: number;
  readonly atMs: number;
  readonly value: number;
}

export interface Told {
  readonly increments: readonly Increment[];
  readonly levels: readonly Level[];
  readonly exports: ReadonlyMap<number, Exports>;
  /** Times of first points that tell nothing yet but what later ones are held against; epoch milliseconds. */
  readonly firstSeenMs: readonly number[];
  /** Times of the first points of cumulative streams, which older ones would tell more of; epoch milliseconds. */
  readonly firstMs: readonly number[];
}

/**
 * What streams tell, from all points of a time together, in any order and however often each came. A cumulative stream
 * tells the difference of neighbours that began at the same time; its first point all since its beginning where that is
 * near, or where its sender had exported without it before (a status that never was: the first failures of a route).
 */
export function tellOf(senders: readonly Heard[]): Told {
  const increments: Increment[] = [];
  const levels: Level[] = [];
  const firstSeenMs: number[] = [];
  const firstMs: number[] = [];
  const exported = exportsOf(senders);
  for (const [sender, streams] of pointsBySender(senders)) {
    const { timesMs, completeMs } = exported.get(sender) as FoundExports;
    for (const stream of streams) {
      stream.sort((a, b) => a.timeMs - b.timeMs);
      const of = { sender, instrument: stream[0]?.instrument ?? 0, part: stream[0]?.part ?? 0 };
      const add = (fromMs: number, toMs: number, amount: number | Distribution | null) => {
        if (amount !== null && toMs - fromMs <= MAX_GAP_MS) increments.push({ ...of, fromMs, toMs, amount });
      };
      stream.forEach((point, index) => {
        const before = stream[index - 1];
        const { timeMs, startMs, value } = point;
        if (before?.timeMs === timeMs) return;
        if (point.temporality === 'level') {
          if (typeof value === 'number') levels.push({ ...of, stream: point.stream, atMs: timeMs, value });
        } else if (point.temporality === 'delta') add(deltaStart(point, timesMs), timeMs, value);
        else if (before !== undefined) add(before.timeMs, timeMs, grown(before.value, value) ?? value);
        else {
          firstMs.push(timeMs);
          const fromMs = zeroAt(point, completeMs);
          if (fromMs === null) firstSeenMs.push(timeMs);
          // It began at its point: nothing could have come yet.
          else if (fromMs < timeMs || startMs < timeMs) add(Math.min(fromMs, timeMs), timeMs, value);
        }
      });
    }
  }
  return { increments, levels, exports: exported, firstSeenMs, firstMs };
}

/** null: it is smaller than it was, without saying that it began anew; then all of it came since. */
function grown(earlier: KeptPoint['value'], later: KeptPoint['value']): number | Distribution | null {
  if (typeof earlier !== 'number' && typeof later !== 'number') return grownBy(earlier, later);
  if (typeof earlier !== 'number' || typeof later !== 'number') return null;
  return later < earlier ? null : later - earlier;
}

/** Since when a stream's first point has been counting from zero; null: since too long ago. */
function zeroAt({ startMs, timeMs }: KeptPoint, completeMs: readonly number[]): number | null {
  const before = lastBefore(completeMs, timeMs);
  const sawNone = before !== undefined && before >= startMs && startMs !== 0 ? before : null;
  const isNear = startMs !== 0 && timeMs - startMs <= MAX_GAP_MS;
  if (sawNone !== null) return sawNone;
  return isNear ? startMs : null;
}

function deltaStart({ startMs, timeMs }: KeptPoint, timesMs: readonly number[]): number {
  return startMs !== 0 && startMs < timeMs ? startMs : (lastBefore(timesMs, timeMs) ?? timeMs);
}

function lastBefore(timesMs: readonly number[], atMs: number): number | undefined {
  let [low, high] = [0, timesMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((timesMs[middle] as number) < atMs) low = middle + 1;
    else high = middle;
  }
  return timesMs[low - 1];
}
