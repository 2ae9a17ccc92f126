import type { KeptPoint, SenderPoints } from './points.ts';

/** When a sender exported, and how. */
export interface Exports {
  /** Epoch milliseconds, rising. */
  readonly timesMs: readonly number[];
  readonly isCumulative: boolean;
}

/** Points of a sender, and when it exported: more often than there are points of it where some are left out. */
export type Heard = SenderPoints & { readonly exportedMs?: readonly number[] };

export interface FoundExports extends Exports {
  /** Of exports of which all was kept. */
  readonly completeMs: readonly number[];
}

export function exportsOf(senders: readonly Heard[]): Map<number, FoundExports> {
  const found = new Map<number, { all: Set<number>; incomplete: Set<number>; isCumulative: boolean }>();
  for (const { sender, isComplete, points, exportedMs = [] } of senders) {
    const one = found.get(sender) ?? { all: new Set(), incomplete: new Set(), isCumulative: false };
    found.set(sender, one);
    for (const timeMs of exportedMs) {
      one.all.add(timeMs);
      if (!isComplete) one.incomplete.add(timeMs);
    }
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
export function pointsBySender(senders: readonly SenderPoints[]): Map<number, KeptPoint[][]> {
  const bySender = new Map<number, Map<number, KeptPoint[]>>();
  for (const { sender, points } of senders) {
    const streams = bySender.get(sender) ?? new Map<number, KeptPoint[]>();
    bySender.set(sender, streams);
    for (const point of points) {
      const stream = streams.get(point.stream);
      if (stream === undefined) streams.set(point.stream, [point]);
      else stream.push(point);
    }
  }
  return new Map([...bySender].map(([sender, streams]) => [sender, [...streams.values()].flatMap(byStart)]));
}

/** A stream is of one temporality, by which it is told apart from others. */
function byStart(stream: KeptPoint[]): KeptPoint[][] {
  const [first] = stream;
  if (first?.temporality !== 'cumulative' || stream.every(({ startMs }) => startMs === first.startMs)) return [stream];
  return [...Map.groupBy(stream, ({ startMs }) => startMs).values()];
}
