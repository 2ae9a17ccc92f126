import { isWhole } from './check-point.ts';
import {
  type Attributes,
  count,
  createTally,
  type Metric,
  MOST,
  type Point,
  type PointValue,
  type ResourceMetrics,
  type Tally,
  UnreadableBody,
} from './decoded.ts';
import { weighJson } from './json-weight.ts';

type Json = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder('utf-8', { fatal: true });
const KINDS = [
  ['gauge', 'gauge'],
  ['sum', 'sum'],
  ['histogram', 'histogram'],
  ['exponentialHistogram', 'exponential'],
] as const satisfies readonly (readonly [string, Metric['kind']])[];
const TEMPORALITIES = ['unspecified', 'delta', 'cumulative'] as const;
/** Enumerations are numbers in OTLP's JSON; protobuf's own writers spell their names. */
const TEMPORALITY_NAMES: Readonly<Record<string, Metric['temporality']>> = {
  AGGREGATION_TEMPORALITY_DELTA: 'delta',
  AGGREGATION_TEMPORALITY_CUMULATIVE: 'cumulative',
};
const NS_IN_MS = 1_000_000;
/** DataPointFlags: no recorded value. */
const ABSENT = 1;

/** The same as decodeProtobuf, of OTLP's JSON: names in lowerCamelCase, 64-bit numbers as text. Throws UnreadableBody. */
export function* decodeJson(bytes: Uint8Array, isKept: (name: string) => boolean): Generator<ResourceMetrics> {
  weighJson(bytes);
  const body = parse(bytes);
  const tally = createTally();
  for (const resource of objectsIn(body, 'resourceMetrics')) {
    count(tally, 'resources');
    const metrics: Metric[] = [];
    for (const scope of objectsIn(resource, 'scopeMetrics')) {
      count(tally, 'scopes');
      for (const metric of objectsIn(scope, 'metrics')) {
        count(tally, 'metrics');
        const read = readMetric(metric, isKept, tally);
        if (read !== null) metrics.push(read);
      }
    }
    const about = isObject(resource.resource) ? resource.resource : {};
    yield { attributes: attributesIn(about) ?? new Map(), metrics };
  }
}

function parse(bytes: Uint8Array): Json {
  let body: unknown;
  try {
    body = JSON.parse(utf8.decode(bytes));
  } catch {
    throw new UnreadableBody('the body is no JSON in UTF-8');
  }
  if (!isObject(body)) throw new UnreadableBody('the body is no ExportMetricsServiceRequest in JSON');
  return body;
}

function readMetric(metric: Json, isKept: (name: string) => boolean, tally: Tally): Metric | null {
  const { name, unit } = metric;
  if (typeof name !== 'string' || !isKept(name)) return null;
  const found = KINDS.find(([field]) => isObject(metric[field]));
  if (found === undefined) return null;
  const [field, kind] = found;
  const data = metric[field] as Json;
  const points: Point[] = [];
  let broken = 0;
  for (const one of objectsIn(data, 'dataPoints')) {
    count(tally, 'points');
    const point = readPoint(one, kind);
    if (point === null) broken += 1;
    else points.push(point);
  }
  const told = data.aggregationTemporality;
  const temporality =
    (typeof told === 'string' ? TEMPORALITY_NAMES[told] : TEMPORALITIES[numberOf(told)]) ?? 'unspecified';
  const isMonotonic = data.isMonotonic === true;
  return { name, unit: typeof unit === 'string' ? unit : '', kind, points, broken, temporality, isMonotonic };
}

function readPoint(point: Json, kind: Metric['kind']): Point | null {
  const attributes = attributesIn(point);
  const isAbsent = (numberOf(point.flags) & ABSENT) !== 0;
  const value = READ[kind](point);
  if (attributes === null || value === null || !(isAbsent || isWhole(value))) return null;
  return { startMs: msOf(point.startTimeUnixNano), timeMs: msOf(point.timeUnixNano), attributes, isAbsent, value };
}

const readNumber = (point: Json): PointValue => ({
  kind: 'number',
  value: numberOf(point.asDouble ?? point.asInt),
});

function readHistogram(point: Json): PointValue | null {
  const counts = numbersOf(point.bucketCounts);
  const bounds = numbersOf(point.explicitBounds);
  if (counts === null || bounds === null) return null;
  return { kind: 'histogram', count: numberOf(point.count), sum: sumOf(point), bounds, counts };
}

function readExponential(point: Json): PointValue | null {
  const positive = isObject(point.positive) ? point.positive : {};
  const negative = isObject(point.negative) ? numbersOf(point.negative.bucketCounts) : [];
  const counts = numbersOf(positive.bucketCounts);
  if (counts === null || negative === null || negative.some((each) => each > 0)) return null;
  return {
    kind: 'exponential',
    count: numberOf(point.count),
    sum: sumOf(point),
    scale: numberOf(point.scale),
    zeroCount: numberOf(point.zeroCount),
    offset: numberOf(positive.offset),
    counts,
  };
}

const READ = { gauge: readNumber, sum: readNumber, histogram: readHistogram, exponential: readExponential };

function sumOf({ sum }: Json): number | null {
  return sum === undefined || sum === null ? null : numberOf(sum);
}

/** null: too many. */
function attributesIn(owner: Json): Attributes | null {
  const pairs = objectsIn(owner, 'attributes');
  if (pairs.length > MOST.attributes) return null;
  return new Map(pairs.map(({ key, value }) => [String(key ?? ''), textOf(value)]));
}

function textOf(value: unknown): string {
  if (!isObject(value)) return '';
  const [first] = Object.values(value);
  return typeof first === 'object' ? JSON.stringify(first) : String(first ?? '');
}

function msOf(nanoseconds: unknown): number {
  const ms = Math.floor(numberOf(nanoseconds) / NS_IN_MS);
  return Number.isFinite(ms) ? ms : 0;
}

/** A number, or one as text; NaN for what is neither, 0 for what is not there. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value === undefined || value === null) return 0;
  return typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
}

/** null: no list, or one that is too long. */
function numbersOf(value: unknown): number[] | null {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) && value.length <= MOST.buckets + 1 ? value.map(numberOf) : null;
}

function objectsIn(owner: Json, field: string): Json[] {
  const list = owner[field];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || !list.every(isObject)) throw new UnreadableBody(`${field} is no list of objects`);
  return list;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
