import protobuf from 'protobufjs/minimal.js';
import { type Distribution, isExponential, type KeptPoint, type SenderPoints } from './points.ts';
import { eachField, embedded, LENGTH_DELIMITED, type Part, type Reader } from './wire/protobuf-fields.ts';

/**
 * Kept points as bytes: protobuf messages of our own, so that fields may be added and old rows go on being read.
 *
 *     Row    { repeated Sender = 1; repeated Edges = 2 }
 *     Sender { double sender = 1; uint32 is_incomplete = 2; repeated Point = 3 }
 *     Edges  { packed double = 1 }
 *     Point  { double stream = 1; uint32 instrument = 2, part = 3, temporality = 4; double start = 5, time = 6, value = 7,
 *              count = 8, sum = 9; uint32 edges = 10 (1-based); packed uint32 counts = 11; sint32 scale = 12;
 *              double zero = 13; sint32 offset = 14; double unit_ms = 15; packed double large_counts = 16 }
 */
const TEMPORALITIES = ['level', 'delta', 'cumulative'] as const;
const TWO_32 = 4_294_967_296;
type Writer = protobuf.Writer;

const key = (field: number, wire: number) => (field << 3) | wire;

export function encodePoints(senders: readonly SenderPoints[]): Uint8Array {
  const writer = protobuf.Writer.create();
  const edges = new Map<string, number>();
  const edgesIndex = (of: readonly number[]): number => {
    const name = of.join(' ');
    const known = edges.get(name);
    if (known !== undefined) return known;
    edges.set(name, edges.size + 1);
    writeDoubles(writer.uint32(key(2, 2)).fork(), 1, of).ldelim();
    return edges.size;
  };
  // Edges before whoever names them: writers know no place that is filled in later.
  const indexed = senders.map(({ points }) =>
    points.map(({ value }) =>
      typeof value === 'number' || isExponential(value.buckets) || value.buckets.edgesMs.length === 0
        ? 0
        : edgesIndex(value.buckets.edgesMs),
    ),
  );
  senders.forEach(({ sender, isComplete, points }, at) => {
    writer.uint32(key(1, 2)).fork();
    writer.uint32(key(1, 1)).double(sender);
    if (!isComplete) writer.uint32(key(2, 0)).uint32(1);
    points.forEach((point, index) => {
      writePoint(writer.uint32(key(3, 2)).fork(), point, indexed[at]?.[index] ?? 0).ldelim();
    });
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

export function decodePoints(bytes: Uint8Array): SenderPoints[] {
  const reader = protobuf.Reader.create(bytes);
  const senders: SenderPoints[] = [];
  const edges: number[][] = [];
  eachField(reader, { start: 0, end: bytes.length }, (field, wire) => {
    if (wire !== LENGTH_DELIMITED) return false;
    if (field === 1) senders.push(readSender(reader, embedded(reader, bytes.length), edges));
    else if (field === 2) edges.push(readEdges(reader, embedded(reader, bytes.length)));
    else return false;
    return true;
  });
  return senders;
}

function readEdges(reader: Reader, part: Part): number[] {
  const edges: number[] = [];
  eachField(reader, part, (field) => {
    if (field === 1) readPacked(reader, edges, () => reader.double());
    return field === 1;
  });
  return edges;
}

function readSender(reader: Reader, part: Part, edges: readonly (readonly number[])[]): SenderPoints {
  let sender = 0;
  let isComplete = true;
  const points: KeptPoint[] = [];
  eachField(reader, part, (field) => {
    if (field === 1) sender = reader.double();
    else if (field === 2) isComplete = reader.uint32() === 0;
    else if (field === 3) points.push(readPoint(reader, embedded(reader, part.end), edges));
    else return false;
    return true;
  });
  return { sender, isComplete, points };
}

/** `part`, `temporality` and what else is small: by field, 1-based. */
function readPoint(reader: Reader, part: Part, edges: readonly (readonly number[])[]): KeptPoint {
  const numbers = new Map<number, number>();
  const counts: number[] = [];
  eachField(reader, part, (field, wire) => {
    if (field === 11) readPacked(reader, counts, () => reader.uint32());
    else if (field === 16) readPacked(reader, counts, () => reader.double());
    else if (wire === 1) numbers.set(field, reader.double());
    else if (wire === 0) numbers.set(field, field === 12 || field === 14 ? reader.sint32() : reader.uint32());
    else return false;
    return true;
  });
  const of = (field: number) => numbers.get(field) ?? 0;
  const count = numbers.get(8);
  const point = {
    stream: of(1),
    instrument: of(2),
    part: of(3),
    temporality: TEMPORALITIES[of(4)] ?? 'level',
    startMs: of(5),
    timeMs: of(6),
  };
  if (count === undefined) return { ...point, value: of(7) };
  const buckets: Distribution['buckets'] = numbers.has(12)
    ? { scale: of(12), unitMs: of(15), zeroCount: of(13), offset: of(14), counts }
    : { edgesMs: edges[of(10) - 1] ?? [], counts };
  return { ...point, value: { count, sumMs: numbers.get(9) ?? null, buckets } };
}

function readPacked(reader: Reader, into: number[], read: () => number): void {
  const end = reader.uint32() + reader.pos;
  while (reader.pos < end) into.push(read());
}
