import { grownBy } from './distribution.ts';
import type { Distribution, KeptPoint, SenderPoints } from './points.ts';

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

/** When a sender exported, and how. */
export interface Exports {
  /** Epoch milliseconds, rising. */
  readonly timesMs: readonly number[];
  readonly isCumulative: boolean;
}

export interface Told {
  readonly increments: readonly Increment[];
  readonly levels: readonly Level[];
  readonly exports: ReadonlyMap<number, Exports>;
  /** Times of first points that tell nothing yet but what later ones are held against; epoch milliseconds. */
  readonly firstSeenMs: readonly number[];
}

/**
 * What streams tell, from all points of a time together, in any order and however often each came. A cumulative stream
 * tells the difference of neighbours that began at the same time; its first point all since its beginning where that is
 * near, or where its sender had exported without it before (a status that never was: the first failures of a route).
 */
export function tellOf(senders: readonly SenderPoints[]): Told {
  const increments: Increment[] = [];
  const levels: Level[] = [];
  const firstSeenMs: number[] = [];
  const exported = exportsOf(senders);
  for (const [sender, points] of pointsBySender(senders)) {
    const { timesMs, completeMs } = exported.get(sender) as FoundExports;
    for (const stream of points.values()) {
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
          const fromMs = zeroAt(point, completeMs);
          if (fromMs === null) firstSeenMs.push(timeMs);
          // It began at its point: nothing could have come yet.
          else if (fromMs < timeMs || startMs < timeMs) add(Math.min(fromMs, timeMs), timeMs, value);
        }
      });
    }
  }
  return { increments, levels, exports: exported, firstSeenMs };
}

interface FoundExports extends Exports {
  /** Of exports of which all was kept. */
  readonly completeMs: readonly number[];
}

function exportsOf(senders: readonly SenderPoints[]): Map<number, FoundExports> {
  const found = new Map<number, { all: Set<number>; incomplete: Set<number>; isCumulative: boolean }>();
  for (const { sender, isComplete, points } of senders) {
    const one = found.get(sender) ?? { all: new Set(), incomplete: new Set(), isCumulative: false };
    found.set(sender, one);
    for (const { timeMs, temporality } of points) {
      one.all.add(timeMs);
      if (!isComplete) one.incomplete.add(timeMs);
      if (temporality === 'cumulative') one.isCumulative = true;
    }
  }
  return new Map(
    [...found].map(([sender, { all, incomplete, isCumulative }]) => {
      const timesMs = [...all].sort((a, b) => a - b);
      return [sender, { timesMs, completeMs: timesMs.filter((at) => !incomplete.has(at)), isCumulative }];
    }),
  );
}

/** Streams of each sender; one that began anew is another one, and so is a second process that calls itself the same. */
function pointsBySender(senders: readonly SenderPoints[]): Map<number, Map<string, KeptPoint[]>> {
  const bySender = new Map<number, Map<string, KeptPoint[]>>();
  for (const { sender, points } of senders) {
    const streams = bySender.get(sender) ?? new Map<string, KeptPoint[]>();
    bySender.set(sender, streams);
    for (const point of points) {
      const name = point.temporality === 'cumulative' ? `${point.stream} ${point.startMs}` : `${point.stream}`;
      const stream = streams.get(name);
      if (stream === undefined) streams.set(name, [point]);
      else stream.push(point);
    }
  }
  return bySender;
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
