import protobuf from 'protobufjs/minimal.js';
import { isExponential, type KeptPoint, type SenderPoints } from './points.ts';

/**
 * Kept points as bytes: protobuf messages of our own, so that fields may be added and old rows go on being read.
 *
 *     Row    { repeated Sender = 1; repeated Edges = 2; repeated Attributes = 3 }
 *     Sender { double sender = 1; uint32 is_incomplete = 2; repeated Point = 3; packed uint32 watched = 4;
 *              repeated string others = 5 }
 *     Edges  { packed double = 1 }
 *     Attributes { repeated string = 1 (names and values by turns) }
 *     Point  { double stream = 1; uint32 instrument = 2, part = 3, temporality = 4; double start = 5, time = 6, value = 7,
 *              count = 8, sum = 9; uint32 edges = 10 (1-based); packed uint32 counts = 11; sint32 scale = 12;
 *              double zero = 13; sint32 offset = 14; double unit_ms = 15; packed double large_counts = 16;
 *              uint32 attributes = 17 (1-based) }
 */
export const TEMPORALITIES = ['level', 'delta', 'cumulative'] as const;
const TWO_32 = 4_294_967_296;
type Writer = protobuf.Writer;

const key = (field: number, wire: number) => (field << 3) | wire;

export function encodePoints(senders: readonly SenderPoints[]): Uint8Array {
  const writer = protobuf.Writer.create();
  const edges = new Map<string, number>();
  let last: { readonly of: readonly number[]; readonly index: number } = { of: [], index: 0 };
  const edgesIndex = (of: readonly number[]): number => {
    // Points of an instrument share their list (edge-sharing.ts): its text need not be made for each.
    if (of === last.of) return last.index;
    const name = of.join(' ');
    const index = edges.get(name) ?? edges.size + 1;
    if (index > edges.size) {
      edges.set(name, index);
      writeDoubles(writer.uint32(key(2, 2)).fork(), 1, of).ldelim();
    }
    last = { of, index };
    return index;
  };
  const attributes = new Map<string, number>();
  const attributesIndex = (of: KeptPoint['attributes'] = {}): number => {
    const texts = Object.entries(of).flat();
    if (texts.length === 0) return 0;
    const name = JSON.stringify(texts);
    const known = attributes.get(name);
    if (known !== undefined) return known;
    attributes.set(name, attributes.size + 1);
    writer.uint32(key(3, 2)).fork();
    for (const text of texts) writer.uint32(key(1, 2)).string(text);
    writer.ldelim();
    return attributes.size;
  };
  // Edges and attributes before whoever names them: writers know no place that is filled in later.
  const indexed = senders.map(({ points }) =>
    points.map(({ value, attributes: kept }) => ({
      edges:
        typeof value === 'number' || isExponential(value.buckets) || value.buckets.edgesMs.length === 0
          ? 0
          : edgesIndex(value.buckets.edgesMs),
      attributes: attributesIndex(kept),
    })),
  );
  senders.forEach(({ sender, isComplete, points, watched = [], others = [] }, at) => {
    writer.uint32(key(1, 2)).fork();
    writer.uint32(key(1, 1)).double(sender);
    if (!isComplete) writer.uint32(key(2, 0)).uint32(1);
    points.forEach((point, index) => {
      const { edges: edgesAt = 0, attributes: attributesAt = 0 } = indexed[at]?.[index] ?? {};
      writePoint(writer.uint32(key(3, 2)).fork(), point, edgesAt);
      if (attributesAt !== 0) writer.uint32(key(17, 0)).uint32(attributesAt);
      writer.ldelim();
    });
    if (watched.length > 0) {
      writer.uint32(key(4, 2)).fork();
      for (const code of watched) writer.uint32(code);
      writer.ldelim();
    }
    for (const other of others) writer.uint32(key(5, 2)).string(other);
    writer.ldelim();
  });
  return writer.finish();
}

function writePoint(writer: Writer, point: KeptPoint, edges: number): Writer {
  writer.uint32(key(1, 1)).double(point.stream);
  writer.uint32(key(2, 0)).uint32(point.instrument);
  if (point.part !== 0) writer.uint32(key(3, 0)).uint32(point.part);
  writer.uint32(key(4, 0)).uint32(TEMPORALITIES.indexOf(point.temporality));
  if (point.startMs !== 0) writer.uint32(key(5, 1)).double(point.startMs);
  writer.uint32(key(6, 1)).double(point.timeMs);
  const { value } = point;
  if (typeof value === 'number') return writer.uint32(key(7, 1)).double(value);
  writer.uint32(key(8, 1)).double(value.count);
  if (value.sumMs !== null) writer.uint32(key(9, 1)).double(value.sumMs);
  const { buckets } = value;
  if (edges !== 0) writer.uint32(key(10, 0)).uint32(edges);
  writeCounts(writer, buckets.counts);
  if (!isExponential(buckets)) return writer;
  writer.uint32(key(12, 0)).sint32(buckets.scale);
  writer.uint32(key(13, 1)).double(buckets.zeroCount);
  writer.uint32(key(14, 0)).sint32(buckets.offset);
  return writer.uint32(key(15, 1)).double(buckets.unitMs);
}

function writeCounts(writer: Writer, counts: readonly number[]): void {
  if (counts.length === 0) return;
  if (!counts.every((count) => Number.isInteger(count) && count < TWO_32)) {
    writeDoubles(writer, 16, counts);
    return;
  }
  writer.uint32(key(11, 2)).fork();
  for (const count of counts) writer.uint32(count);
  writer.ldelim();
}

function writeDoubles(writer: Writer, field: number, values: readonly number[]): Writer {
  writer.uint32(key(field, 2)).fork();
  for (const value of values) writer.double(value);
  return writer.ldelim();
}
