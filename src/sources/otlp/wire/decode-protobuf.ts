import protobuf from 'protobufjs/minimal.js';
import {
  type Attributes,
  count,
  createTally,
  type Metric,
  type Point,
  type ResourceMetrics,
  type Tally,
  UnreadableBody,
} from './decoded.ts';
import { attributesOf, eachField, embedded, LENGTH_DELIMITED, type Part, type Reader } from './protobuf-fields.ts';
import { readExponential, readHistogram, readNumber } from './protobuf-points.ts';

/** Fields of opentelemetry/proto/metrics/v1 that are read; all others are passed over, unpacked by nobody. */
const KIND_BY_FIELD: Readonly<Record<number, Metric['kind']>> = {
  5: 'gauge',
  7: 'sum',
  9: 'histogram',
  10: 'exponential',
};
const TEMPORALITIES = ['unspecified', 'delta', 'cumulative'] as const;
const READ_POINT = { gauge: readNumber, sum: readNumber, histogram: readHistogram, exponential: readExponential };

/**
 * An ExportMetricsServiceRequest, one resource after the other, with the metrics that `isKept` by name. By hand over the
 * library's reader and not by its generated decoders: those build all that was sent, and eight million empty points are
 * 16 MiB. Throws UnreadableBody.
 */
export function* decodeProtobuf(bytes: Uint8Array, isKept: (name: string) => boolean): Generator<ResourceMetrics> {
  const tally = createTally();
  const reader: Reader = protobuf.Reader.create(bytes);
  while (reader.pos < bytes.length) {
    const resource = readable(() => {
      const tag = reader.uint32();
      if (tag >>> 3 !== 1 || (tag & 7) !== LENGTH_DELIMITED) {
        reader.skipType(tag & 7);
        return null;
      }
      count(tally, 'resources');
      return readResource(reader, embedded(reader, bytes.length), isKept, tally);
    });
    if (resource !== null) yield resource;
  }
}

function readable<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableBody) throw error;
    // RangeError: a length beyond the end; Error: a wire type that is none; TypeError: text that is no UTF-8.
    throw new UnreadableBody('the body is no ExportMetricsServiceRequest in protobuf');
  }
}

function readResource(reader: Reader, part: Part, isKept: (name: string) => boolean, tally: Tally): ResourceMetrics {
  let attributes: Attributes = new Map();
  const scopes: Part[] = [];
  eachField(reader, part, (field, wire) => {
    if (wire !== LENGTH_DELIMITED || (field !== 1 && field !== 2)) return false;
    const inner = embedded(reader, part.end);
    if (field === 1) attributes = attributesOf(reader, inner, 1) ?? attributes;
    else {
      count(tally, 'scopes');
      scopes.push(inner);
      reader.pos = inner.end;
    }
    return true;
  });
  const metrics: Metric[] = [];
  for (const scope of scopes) {
    reader.pos = scope.start;
    eachField(reader, scope, (field, wire) => {
      if (field !== 2 || wire !== LENGTH_DELIMITED) return false;
      count(tally, 'metrics');
      const metric = readMetric(reader, embedded(reader, scope.end), isKept, tally);
      if (metric !== null) metrics.push(metric);
      return true;
    });
  }
  // Fields may come in any order: behind the scopes there may be more.
  reader.pos = part.end;
  return { attributes, metrics };
}

/** null: it is not kept. The name may come after the data. */
function readMetric(reader: Reader, part: Part, isKept: (name: string) => boolean, tally: Tally): Metric | null {
  let name = '';
  let unit = '';
  let data: { readonly kind: Metric['kind']; readonly part: Part } | null = null;
  eachField(reader, part, (field, wire) => {
    if (wire !== LENGTH_DELIMITED) return false;
    const kind = KIND_BY_FIELD[field];
    if (field === 1) name = reader.string();
    else if (field === 3) unit = reader.string();
    else if (kind !== undefined) {
      data = { kind, part: embedded(reader, part.end) };
      reader.pos = data.part.end;
    } else return false;
    return true;
  });
  // TypeScript does not see what a callback has set.
  const found = data as { readonly kind: Metric['kind']; readonly part: Part } | null;
  if (found === null || !isKept(name)) return null;
  reader.pos = found.part.start;
  const metric = { name, unit, kind: found.kind, ...readData(reader, found.part, found.kind, tally) };
  reader.pos = part.end;
  return metric;
}

function readData(reader: Reader, part: Part, kind: Metric['kind'], tally: Tally) {
  const points: Point[] = [];
  let broken = 0;
  let temporality: Metric['temporality'] = 'unspecified';
  let isMonotonic = false;
  eachField(reader, part, (field, wire) => {
    if (field === 1 && wire === LENGTH_DELIMITED) {
      count(tally, 'points');
      const point = READ_POINT[kind](reader, embedded(reader, part.end));
      if (point === null) broken += 1;
      else points.push(point);
      return true;
    }
    if (wire !== 0 || (field !== 2 && field !== 3)) return false;
    const value = reader.uint32();
    if (field === 2) temporality = TEMPORALITIES[value] ?? 'unspecified';
    else isMonotonic = value !== 0;
    return true;
  });
  return { points, broken, temporality, isMonotonic };
}
