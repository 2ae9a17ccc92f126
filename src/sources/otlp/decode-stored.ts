import protobuf from 'protobufjs/minimal.js';
import { readAttributes, readEdges, readPacked, type Shared } from './decode-shared.ts';
import type { Distribution, KeptPoint, SenderPoints } from './points.ts';
import { TEMPORALITIES } from './stored-points.ts';
import { eachField, embedded, LENGTH_DELIMITED, type Part, type Reader } from './wire/protobuf-fields.ts';

/** What encodePoints made. Throws where it made it not. */
export function decodePoints(bytes: Uint8Array): SenderPoints[] {
  const reader = protobuf.Reader.create(bytes);
  const senders: SenderPoints[] = [];
  const shared: Shared = { edges: [], attributes: [] };
  eachField(reader, { start: 0, end: bytes.length }, (field, wire) => {
    if (wire !== LENGTH_DELIMITED) return false;
    if (field === 1) senders.push(readSender(reader, embedded(reader, bytes.length), shared));
    else if (field === 2) shared.edges.push(readEdges(reader, embedded(reader, bytes.length)));
    else if (field === 3) shared.attributes.push(readAttributes(reader, embedded(reader, bytes.length)));
    else return false;
    return true;
  });
  return senders;
}

function readSender(reader: Reader, part: Part, shared: Shared): SenderPoints {
  let sender = 0;
  let isComplete = true;
  const points: KeptPoint[] = [];
  const watched: number[] = [];
  const others: string[] = [];
  eachField(reader, part, (field) => {
    if (field === 1) sender = reader.double();
    else if (field === 2) isComplete = reader.uint32() === 0;
    else if (field === 3) points.push(readPoint(reader, embedded(reader, part.end), shared));
    else if (field === 4) readPacked(reader, watched, () => reader.uint32());
    else if (field === 5) others.push(reader.string());
    else return false;
    return true;
  });
  return {
    sender,
    isComplete,
    points,
    ...(watched.length === 0 ? {} : { watched }),
    ...(others.length === 0 ? {} : { others }),
  };
}

/** By field: sixty services' minutes are a million of these an hour, so that nothing is made for one but itself. */
function readPoint(reader: Reader, part: Part, shared: Shared): KeptPoint {
  const counts: number[] = [];
  let [stream, instrument, pieceOf, temporality, startMs, timeMs, value] = [0, 0, 0, 0, 0, 0, 0];
  let [edges, zeroCount, offset, unitMs, attributes] = [0, 0, 0, 0, 0];
  let count = null as number | null;
  let sumMs = null as number | null;
  let scale = null as number | null;
  eachField(reader, part, (field) => {
    switch (field) {
      case 1:
        stream = reader.double();
        return true;
      case 2:
        instrument = reader.uint32();
        return true;
      case 3:
        pieceOf = reader.uint32();
        return true;
      case 4:
        temporality = reader.uint32();
        return true;
      case 5:
        startMs = reader.double();
        return true;
      case 6:
        timeMs = reader.double();
        return true;
      case 7:
        value = reader.double();
        return true;
      case 8:
        count = reader.double();
        return true;
      case 9:
        sumMs = reader.double();
        return true;
      case 10:
        edges = reader.uint32();
        return true;
      case 11:
        readPacked(reader, counts, () => reader.uint32());
        return true;
      case 12:
        scale = reader.sint32();
        return true;
      case 13:
        zeroCount = reader.double();
        return true;
      case 14:
        offset = reader.sint32();
        return true;
      case 15:
        unitMs = reader.double();
        return true;
      case 16:
        readPacked(reader, counts, () => reader.double());
        return true;
      case 17:
        attributes = reader.uint32();
        return true;
      default:
        return false;
    }
  });
  const point = {
    stream,
    instrument,
    part: pieceOf,
    temporality: TEMPORALITIES[temporality] ?? 'level',
    startMs,
    timeMs,
    ...(attributes === 0 ? {} : { attributes: shared.attributes[attributes - 1] ?? {} }),
  };
  if (count === null) return { ...point, value };
  const buckets: Distribution['buckets'] =
    scale === null ? { edgesMs: shared.edges[edges - 1] ?? [], counts } : { scale, unitMs, zeroCount, offset, counts };
  return { ...point, value: { count, sumMs, buckets } };
}
