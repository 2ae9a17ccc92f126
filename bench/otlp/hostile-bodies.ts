import { gzipSync } from 'node:zlib';
import {
  createProtobufCodec,
  duration,
  type Export,
  exponentialDuration,
  exportOf,
  gauge,
  sum,
  toJson,
} from '../../harness/otlp-bodies.ts';

export interface HostileBody {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const MIB = 1024 * 1024;

/** Mulberry32: the same bodies for the same seed. */
function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** Bodies that somebody hostile, broken or half broken sends. */
export function createHostileBodies(seed: number, nowMs: number): () => HostileBody {
  const random = createRandom(seed);
  const codec = createProtobufCodec();
  const sound = soundExport(nowMs);
  const protobuf = codec.encode(sound);
  const json = toJson(sound);
  const encodings = [
    { bytes: protobuf, type: 'application/x-protobuf' },
    { bytes: json, type: 'application/json' },
  ] as const;
  const large = largeBodies();
  const pick = <Value>(values: readonly Value[]): Value => values[random(values.length)] as Value;

  const flipped = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    for (let flips = 1 + random(12); flips > 0; flips -= 1) {
      const place = random(copy.length);
      copy[place] = (copy[place] as number) ^ (1 << random(8));
    }
    return copy;
  };
  const nested = (opening: string, depth: number) => Buffer.from(opening.repeat(depth));
  const kinds: readonly ((encoding: (typeof encodings)[number]) => { body: Buffer; packed?: boolean })[] = [
    ({ bytes }) => ({ body: flipped(bytes) }),
    ({ bytes }) => ({ body: flipped(bytes) }),
    ({ bytes }) => ({ body: flipped(flipped(bytes)) }),
    ({ bytes }) => ({ body: bytes.subarray(0, random(bytes.length)) }),
    ({ bytes }) => ({ body: gzipSync(flipped(bytes)), packed: true }),
    ({ bytes }) => ({ body: flipped(gzipSync(bytes)), packed: true }),
    ({ bytes }) => ({ body: gzipSync(bytes).subarray(0, random(200)), packed: true }),
    ({ bytes }) => {
      const [from, to] = [random(bytes.length), random(bytes.length)];
      return { body: Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]) };
    },
    ({ bytes }) => ({ body: Buffer.concat(Array.from({ length: 1 + random(40) }, () => bytes)) }),
    () => ({ body: Buffer.from(Array.from({ length: random(400) }, () => random(256))) }),
    ({ type }) =>
      type === 'application/json'
        ? { body: nested(pick(['[', '{"a":', '{"resourceMetrics":[', '[{},']), 1 + random(100_000)) }
        : { body: Buffer.alloc(1 + random(200_000), pick([0x0b, 0x0a, 0x12, 0xff])) },
  ];
  let served = 0;
  return () => {
    served += 1;
    const encoding = pick(encodings);
    // Costly to whoever sends them: one in a hundred.
    if (served % 100 === 0) return pick(large);
    const { body, packed = false } = pick(kinds)(encoding);
    const type = random(50) === 0 ? pick(encodings).type : encoding.type;
    return { body, headers: { 'Content-Type': type, ...(packed ? { 'Content-Encoding': 'gzip' } : {}) } };
  };
}

function soundExport(nowMs: number): Export {
  const point = (route: number) => ({
    startMs: nowMs - 600_000,
    atMs: nowMs,
    attributes: { 'http.route': `/${route}`, 'http.response.status_code': route % 5 === 0 ? 500 : 200 },
  });
  const routes = Array.from({ length: 20 }, (_, route) => route);
  return exportOf({
    attributes: { 'service.name': 'fuzzed', 'service.version': '1', 'service.instance.id': 'a' },
    metrics: [
      duration(
        'cumulative',
        routes.map((route) => ({ ...point(route), edges: [0.1, 0.5, 1], counts: [5, 4, 3, 2], sum: 4.2 })),
      ),
      exponentialDuration(
        'delta',
        routes.map((route) => ({ ...point(route), scale: 4, offset: -30, counts: [1, 2, 3], zero: 1, sum: 2 })),
      ),
      gauge('process.cpu.utilization', [{ atMs: nowMs, value: 0.4 }]),
      sum('process.cpu.time', 'cumulative', [{ startMs: nowMs - 60_000, atMs: nowMs, value: 12 }]),
    ],
  });
}

/** As large as may be, or larger, and some hundred kilobytes on the wire. */
function largeBodies(): readonly HostileBody[] {
  const packed = (type: string, bytes: Buffer, change: (body: Buffer) => void = () => {}): HostileBody => {
    const body = gzipSync(bytes);
    change(body);
    return { body, headers: { 'Content-Type': `application/${type}`, 'Content-Encoding': 'gzip' } };
  };
  const zeros = Buffer.alloc(64 * MIB);
  const empty = Buffer.alloc(16 * MIB, Buffer.from([0x0a, 0x00]));
  return [
    packed('x-protobuf', zeros),
    packed('json', zeros),
    packed('x-protobuf', empty),
    // What its last four bytes say is its length.
    packed('x-protobuf', empty, (body) => body.writeUInt32LE(100, body.length - 4)),
    packed('json', Buffer.from(JSON.stringify({ resourceMetrics: [], text: 'x'.repeat(8 * MIB - 100) }))),
    packed(
      'json',
      Buffer.from(JSON.stringify({ resourceMetrics: [], list: Array.from({ length: 249_000 }, () => ({})) })),
    ),
  ];
}
