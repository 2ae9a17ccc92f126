import type protobuf from 'protobufjs/minimal.js';
import { type Attributes, MOST, UnreadableBody } from './decoded.ts';

export type Reader = protobuf.Reader;

/** Where an embedded message lies in its body. */
export interface Part {
  readonly start: number;
  readonly end: number;
}

/** The wire type of texts, bytes, packed lists and embedded messages. */
export const LENGTH_DELIMITED = 2;
export const FIXED_64 = 1;
const TWO_32 = 4_294_967_296;
const NS_IN_MS = 1_000_000;

/** The embedded message that begins here; the reader stands at its start. It can't reach beyond what it is in. */
export function embedded(reader: Reader, limit: number): Part {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > limit) throw new UnreadableBody('a message reaches beyond the one that it is in');
  return { start: reader.pos, end };
}

/** Calls for each field of the message in which the reader stands; what `take` does not take is passed over. */
export function eachField(reader: Reader, part: Part, take: (field: number, wire: number) => boolean): void {
  while (reader.pos < part.end) {
    const tag = reader.uint32();
    if (!take(tag >>> 3, tag & 7)) reader.skipType(tag & 7);
  }
  if (reader.pos !== part.end) throw new UnreadableBody('a field reaches beyond its message');
}

/** Of a message that has attributes in this field. null: more than may be; the reader then stands at its end too. */
export function attributesOf(reader: Reader, part: Part, inField: number): Attributes | null {
  const attributes = new Map<string, string>();
  let met = 0;
  eachField(reader, part, (field, wire) => {
    if (field !== inField || wire !== LENGTH_DELIMITED) return false;
    met += 1;
    const pair = embedded(reader, part.end);
    if (met > MOST.attributes) reader.pos = pair.end;
    else readPair(reader, pair, attributes);
    return true;
  });
  return met > MOST.attributes ? null : attributes;
}

/** A KeyValue. */
export function readPair(reader: Reader, part: Part, into: Map<string, string>): void {
  let key = '';
  let value = '';
  eachField(reader, part, (field, wire) => {
    if (wire !== LENGTH_DELIMITED) return false;
    if (field === 1) key = reader.string();
    else if (field === 2) value = readAny(reader, embedded(reader, part.end));
    else return false;
    return true;
  });
  into.set(key, value);
}

/** An AnyValue as text. Lists and maps are never looked into, however deep: their bytes tell them apart. */
function readAny(reader: Reader, part: Part): string {
  let text = '';
  eachField(reader, part, (field, wire) => {
    if (field === 1 && wire === LENGTH_DELIMITED) text = reader.string();
    else if (field === 2 && wire === 0) text = String(reader.bool());
    else if (field === 3 && wire === 0) text = String(int64(reader));
    else if (field === 4 && wire === FIXED_64) text = String(reader.double());
    else if (wire === LENGTH_DELIMITED) text = Buffer.from(reader.bytes()).toString('latin1');
    else return false;
    return true;
  });
  return text;
}

/** Of as many bytes a varint is a number that the reader makes no object for. */
const SMALL_BYTES = 4;

/** An object of the library where it is large or negative. */
function int64(reader: Reader): ReturnType<Reader['int64']> | number {
  const start = reader.pos;
  const low = reader.uint32();
  if (reader.pos - start <= SMALL_BYTES) return low;
  reader.pos = start;
  return reader.int64();
}

/** Exact below 2^53. */
export function uint64(reader: Reader): number {
  const start = reader.pos;
  const low = reader.uint32();
  if (reader.pos - start <= SMALL_BYTES) return low;
  reader.pos = start;
  return Number(reader.uint64());
}

/** Exact below 2^53. */
export function fixed64(reader: Reader): number {
  const low = reader.fixed32();
  return reader.fixed32() * TWO_32 + low;
}

/** Signed. */
export function sfixed64(reader: Reader): number {
  const low = reader.fixed32();
  return reader.sfixed32() * TWO_32 + low;
}

/** Nanoseconds on the wire, milliseconds here. */
export function timeMs(reader: Reader): number {
  return Math.floor(fixed64(reader) / NS_IN_MS);
}

/** One more value of a repeated scalar, packed or not. false: the list is longer than it may be. */
export function readList(
  reader: Reader,
  limit: number,
  wire: number,
  into: number[],
  read: (reader: Reader) => number,
): boolean {
  if (wire !== LENGTH_DELIMITED) {
    into.push(read(reader));
    return into.length <= MOST.buckets;
  }
  const part = embedded(reader, limit);
  while (reader.pos < part.end && into.length <= MOST.buckets) into.push(read(reader));
  if (reader.pos > part.end) throw new UnreadableBody('a list reaches beyond its message');
  reader.pos = part.end;
  return into.length <= MOST.buckets;
}
