import { isWhole } from './check-point.ts';
import { MOST, type Point, type PointValue } from './decoded.ts';
import {
  eachField,
  embedded,
  FIXED_64,
  fixed64,
  LENGTH_DELIMITED,
  type Part,
  type Reader,
  readList,
  readPair,
  sfixed64,
  timeMs,
  uint64,
} from './protobuf-fields.ts';

/** DataPointFlags: no recorded value. */
const ABSENT = 1;

interface Numbers {
  readonly attributes: number;
  readonly flags: number;
}

/** Field numbers that differ from kind to kind of point. */
const FIELDS = {
  number: { attributes: 7, flags: 8 },
  histogram: { attributes: 9, flags: 10 },
  exponential: { attributes: 1, flags: 10 },
} as const satisfies Record<string, Numbers>;

type TakeField = (field: number, wire: number) => boolean;

/** What all points have, and of each kind `take` the rest. null: it can't be used. */
function readPoint(reader: Reader, part: Part, fields: Numbers, take: TakeField, value: () => PointValue | null) {
  let startMs = 0;
  let atMs = 0;
  let isAbsent = false;
  let met = 0;
  const attributes = new Map<string, string>();
  eachField(reader, part, (field, wire) => {
    if (field === 2 && wire === FIXED_64) startMs = timeMs(reader);
    else if (field === 3 && wire === FIXED_64) atMs = timeMs(reader);
    else if (field === fields.attributes && wire === LENGTH_DELIMITED) {
      met += 1;
      const pair = embedded(reader, part.end);
      if (met > MOST.attributes) reader.pos = pair.end;
      else readPair(reader, pair, attributes);
    } else if (field === fields.flags && wire === 0) isAbsent = (reader.uint32() & ABSENT) !== 0;
    else return take(field, wire);
    return true;
  });
  const read = value();
  if (read === null || met > MOST.attributes || !(isAbsent || isWhole(read))) return null;
  return { startMs, timeMs: atMs, attributes, isAbsent, value: read } satisfies Point;
}

export function readNumber(reader: Reader, part: Part): Point | null {
  let value = 0;
  const take: TakeField = (field, wire) => {
    if (wire !== FIXED_64) return false;
    if (field === 4) value = reader.double();
    else if (field === 6) value = sfixed64(reader);
    else return false;
    return true;
  };
  return readPoint(reader, part, FIELDS.number, take, () => ({ kind: 'number', value }));
}

export function readHistogram(reader: Reader, part: Part): Point | null {
  let count = 0;
  let sum: number | null = null;
  let fits = true;
  const counts: number[] = [];
  const bounds: number[] = [];
  const take: TakeField = (field, wire) => {
    if (field === 4 && wire === FIXED_64) count = fixed64(reader);
    else if (field === 5 && wire === FIXED_64) sum = reader.double();
    else if (field === 6) fits = readList(reader, part.end, wire, counts, fixed64) && fits;
    else if (field === 7) fits = readList(reader, part.end, wire, bounds, (from) => from.double()) && fits;
    else return false;
    return true;
  };
  const value = () => (fits ? ({ kind: 'histogram', count, sum, bounds, counts } as const) : null);
  return readPoint(reader, part, FIELDS.histogram, take, value);
}

export function readExponential(reader: Reader, part: Part): Point | null {
  let count = 0;
  let sum: number | null = null;
  let scale = 0;
  let zeroCount = 0;
  let buckets: { readonly offset: number; readonly counts: readonly number[] } | null = { offset: 0, counts: [] };
  let hasNegative = false;
  const take: TakeField = (field, wire) => {
    if (field === 4 && wire === FIXED_64) count = fixed64(reader);
    else if (field === 5 && wire === FIXED_64) sum = reader.double();
    else if (field === 6 && wire === 0) scale = reader.sint32();
    else if (field === 7 && wire === FIXED_64) zeroCount = fixed64(reader);
    else if (field === 8 && wire === LENGTH_DELIMITED) buckets = readBuckets(reader, embedded(reader, part.end));
    else if (field === 9 && wire === LENGTH_DELIMITED) {
      // Times are not negative: only that there are none is looked at.
      const negative = readBuckets(reader, embedded(reader, part.end));
      hasNegative = negative === null || negative.counts.some((each) => each > 0);
    } else return false;
    return true;
  };
  const value = () =>
    buckets === null || hasNegative
      ? null
      : ({ kind: 'exponential', count, sum, scale, zeroCount, ...buckets } as const);
  return readPoint(reader, part, FIELDS.exponential, take, value);
}

function readBuckets(reader: Reader, part: Part) {
  let offset = 0;
  let fits = true;
  const counts: number[] = [];
  eachField(reader, part, (field, wire) => {
    if (field === 1 && wire === 0) offset = reader.sint32();
    else if (field === 2) fits = readList(reader, part.end, wire, counts, uint64) && fits;
    else return false;
    return true;
  });
  return fits ? { offset, counts } : null;
}
