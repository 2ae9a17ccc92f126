import protobuf from 'protobufjs';

/** One export as OTLP's JSON has it, made by hand: what senders of all kinds say, for tests and benchmarks. */
export interface Export {
  readonly resourceMetrics: readonly object[];
}

export interface MadeResource {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly metrics: readonly object[];
}

export function exportOf(...resources: readonly MadeResource[]): Export {
  return {
    resourceMetrics: resources.map(({ attributes = {}, metrics }) => ({
      resource: { attributes: pairs(attributes) },
      scopeMetrics: [{ scope: { name: 'made' }, metrics }],
    })),
  };
}

export interface MadePoint {
  readonly startMs?: number;
  readonly atMs: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

const TEMPORALITY = { delta: 1, cumulative: 2 } as const;
type Temporality = keyof typeof TEMPORALITY;

/** `http.server.request.duration`; sums and edges in seconds; `count` where it is not that of the buckets. */
export function duration(
  temporality: Temporality,
  points: readonly (MadePoint & {
    readonly edges: readonly number[];
    readonly counts: readonly number[];
    readonly sum?: number;
    readonly count?: number;
  })[],
): object {
  const dataPoints = points.map(({ edges, counts, sum, count, ...rest }) => ({
    ...common(rest),
    count: String(count ?? counts.reduce((all, each) => all + each, 0)),
    ...(sum === undefined ? {} : { sum }),
    explicitBounds: edges,
    bucketCounts: counts.map(String),
  }));
  const histogram = { aggregationTemporality: TEMPORALITY[temporality], dataPoints };
  return { name: 'http.server.request.duration', unit: 's', histogram };
}

export function exponentialDuration(
  temporality: Temporality,
  points: readonly (MadePoint & {
    readonly scale: number;
    readonly offset: number;
    readonly counts: readonly number[];
    readonly zero?: number;
    readonly sum?: number;
  })[],
): object {
  const dataPoints = points.map(({ scale, offset, counts, zero = 0, sum, ...rest }) => ({
    ...common(rest),
    count: String(counts.reduce((all, each) => all + each, zero)),
    ...(sum === undefined ? {} : { sum }),
    scale,
    zeroCount: String(zero),
    positive: { offset, bucketCounts: counts.map(String) },
  }));
  const exponentialHistogram = { aggregationTemporality: TEMPORALITY[temporality], dataPoints };
  return { name: 'http.server.request.duration', unit: 's', exponentialHistogram };
}

export function gauge(name: string, points: readonly (MadePoint & { readonly value: number })[]): object {
  return { name, unit: '1', gauge: { dataPoints: points.map(numberPoint) } };
}

export function sum(
  name: string,
  temporality: Temporality,
  points: readonly (MadePoint & { readonly value: number })[],
): object {
  const aggregationTemporality = TEMPORALITY[temporality];
  return { name, unit: 's', sum: { aggregationTemporality, isMonotonic: true, dataPoints: points.map(numberPoint) } };
}

function numberPoint({ value, ...rest }: MadePoint & { readonly value: number }): object {
  return { ...common(rest), asDouble: value };
}

function common({ startMs, atMs, attributes = {} }: MadePoint): object {
  return {
    ...(startMs === undefined ? {} : { startTimeUnixNano: nanoseconds(startMs) }),
    timeUnixNano: nanoseconds(atMs),
    attributes: pairs(attributes),
  };
}

const nanoseconds = (ms: number): string => String(BigInt(Math.round(ms)) * 1_000_000n);

function pairs(attributes: Readonly<Record<string, string | number>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}

export function toJson(body: Export): Buffer {
  return Buffer.from(JSON.stringify(body));
}

/** The fields of opentelemetry/proto/metrics/v1 that are made here. */
const PROTO = `
syntax = "proto3";
message Request { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
message Scope { string name = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message Metric {
  string name = 1; string description = 2; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; ExponentialHistogram exponential_histogram = 10; }
}
message Gauge { repeated NumberPoint data_points = 1; }
message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
message ExponentialHistogram { repeated ExponentialPoint data_points = 1; int32 aggregation_temporality = 2; }
message NumberPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
  repeated KeyValue attributes = 7; uint32 flags = 8;
}
message HistogramPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5;
  repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated KeyValue attributes = 9; uint32 flags = 10;
}
message ExponentialPoint {
  repeated KeyValue attributes = 1; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
  optional double sum = 5; sint32 scale = 6; fixed64 zero_count = 7; Buckets positive = 8; uint32 flags = 10;
}
message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
message Response { Partial partial_success = 1; }
message Partial { int64 rejected_data_points = 1; string error_message = 2; }
message Status { int32 code = 1; string message = 2; }
`;

/** The same body in protobuf, by the library's own encoder. */
export function createProtobufCodec() {
  const { root } = protobuf.parse(PROTO);
  const request = root.lookupType('Request');
  const read = (name: string) => (bytes: Uint8Array) => {
    const type = root.lookupType(name);
    return type.toObject(type.decode(bytes), { longs: Number }) as Record<string, unknown>;
  };
  return {
    encode: (body: Export): Buffer => Buffer.from(request.encode(request.fromObject(body)).finish()),
    readResponse: read('Response'),
    readStatus: read('Status'),
  };
}
