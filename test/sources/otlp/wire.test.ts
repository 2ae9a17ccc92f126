import { describe, expect, test } from 'vitest';
import {
  createProtobufCodec,
  duration,
  exponentialDuration,
  exportOf,
  gauge,
  sum,
  toJson,
} from '../../../harness/otlp-bodies.ts';
import { encodeStatus, encodeSuccess } from '../../../src/sources/otlp/wire/answers.ts';
import { decodeJson } from '../../../src/sources/otlp/wire/decode-json.ts';
import { decodeProtobuf } from '../../../src/sources/otlp/wire/decode-protobuf.ts';
import { MOST, UnreadableBody } from '../../../src/sources/otlp/wire/decoded.ts';
import { isKept, T0 } from './support.ts';

const codec = createProtobufCodec();
const at = { startMs: T0, atMs: T0 + 60_000, attributes: { 'http.response.status_code': 200, 'http.route': '/ä' } };
const BODY = exportOf(
  {
    attributes: { 'service.name': 'checkout', 'service.version': '1.2.3' },
    metrics: [
      duration('cumulative', [{ ...at, edges: [0.1, 0.2], counts: [5, 4, 1], sum: 0.9 }]),
      exponentialDuration('delta', [{ ...at, scale: 3, offset: -25, counts: [1, 0, 2], zero: 1, sum: 0.4 }]),
      gauge('process.cpu.utilization', [{ atMs: T0, value: 0.25 }]),
      sum('process.cpu.time', 'cumulative', [{ ...at, value: 12.5 }]),
      { name: 'not.kept', gauge: { dataPoints: [{ asDouble: 1 }] } },
    ],
  },
  { metrics: [] },
);

test.each([0, 200, 2 ** 28 - 1, 2 ** 28, 2 ** 31, 2 ** 40 + 1, 2 ** 53 - 1])('numbers of every length: %d', (count) => {
  const attributes = { more: count, less: -count - 1 };
  const point = { ...at, attributes, scale: 0, offset: 0, counts: [0, count], zero: 0, sum: 1 };
  const body = exportOf({ metrics: [exponentialDuration('delta', [point])] });
  const [read] = [...decodeProtobuf(codec.encode(body), isKept)][0]?.metrics[0]?.points ?? [];
  expect(read?.attributes.get('more')).toBe(String(count));
  expect(read?.attributes.get('less')).toBe(String(-count - 1));
  expect(read?.value).toMatchObject({ counts: [0, count] });
});

/** A field of protobuf that holds bytes. */
const message = (field: number, bytes: Buffer): Buffer => {
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length]), bytes]);
};

test('fields come in any order: what is behind the scopes, and names behind their data', () => {
  const value = Buffer.alloc(18);
  value[0] = (3 << 3) | 1;
  value.writeBigUInt64LE(BigInt(T0) * 1_000_000n, 1);
  value[9] = (4 << 3) | 1;
  value.writeDoubleLE(0.25, 10);
  const metric = Buffer.concat([message(5, message(1, value)), message(1, Buffer.from('process.cpu.utilization'))]);
  const attribute = Buffer.concat([
    message(1, Buffer.from('service.name')),
    message(2, message(1, Buffer.from('shop'))),
  ]);
  const resource = message(
    1,
    Buffer.concat([
      message(2, message(2, metric)),
      message(1, message(1, attribute)),
      message(3, Buffer.from('schema')),
    ]),
  );
  const read = [...decodeProtobuf(Buffer.concat([resource, resource]), isKept)];
  expect(read).toHaveLength(2);
  for (const { attributes, metrics } of read) {
    expect(attributes.get('service.name')).toBe('shop');
    expect(metrics[0]?.points).toMatchObject([{ timeMs: T0, value: { kind: 'number', value: 0.25 } }]);
  }
});

test('both encodings say the same', () => {
  const fromJson = [...decodeJson(toJson(BODY), isKept)];
  expect([...decodeProtobuf(codec.encode(BODY), isKept)]).toEqual(fromJson);
  expect(fromJson[0]?.metrics.map(({ name }) => name)).toEqual([
    'http.server.request.duration',
    'http.server.request.duration',
    'process.cpu.utilization',
    'process.cpu.time',
  ]);
  expect(fromJson[0]?.metrics[0]?.points[0]).toMatchObject({
    startMs: T0,
    timeMs: T0 + 60_000,
    value: { kind: 'histogram', count: 10, sum: 0.9, bounds: [0.1, 0.2], counts: [5, 4, 1] },
  });
});

test('a point that can’t be is left out, and the good ones beside it are read', () => {
  const points = [
    { ...at, edges: [0.1, 0.2], counts: [1, 1, 1] },
    { ...at, edges: [0.2, 0.1], counts: [1, 1, 1] },
    { ...at, edges: [0.1], counts: [1, 1, 1] },
    { ...at, edges: Array.from({ length: MOST.buckets + 1 }, (_, index) => index), counts: [1] },
  ];
  const bad = exportOf({ metrics: [duration('delta', points)] });
  for (const [resource] of [[...decodeJson(toJson(bad), isKept)], [...decodeProtobuf(codec.encode(bad), isKept)]]) {
    expect(resource?.metrics[0]?.points).toHaveLength(1);
    expect(resource?.metrics[0]?.broken).toBe(3);
  }
});

describe('hostile bodies are refused before they cost anything', () => {
  const refused = (read: () => Iterable<unknown>, why?: RegExp) => {
    expect(() => [...read()]).toThrow(UnreadableBody);
    if (why !== undefined) expect(() => [...read()]).toThrow(why);
  };
  test.each(['[', '{"a":', '[{},'])('JSON of %s', (opening) => {
    refused(() => decodeJson(Buffer.from(opening.repeat(2_000_000)), isKept), /^(nested|more than)/);
  });
  test('JSON of one long text', () => {
    const body = (bytes: number) => Buffer.from(JSON.stringify({ resourceMetrics: [], text: 'x'.repeat(bytes) }));
    refused(() => decodeJson(body(1_048_577), isKept), /a text of more than/);
    expect([...decodeJson(body(1_048_576), isKept)]).toEqual([]);
  });
  test('JSON of anything else', () => {
    for (const text of ['', 'null', '[]', '"x"', '{"resourceMetrics":{}}', '{"resourceMetrics":[1]}', '\u00ff']) {
      refused(() => decodeJson(Buffer.from(text, 'latin1'), isKept));
    }
  });
  test('eight million empty resources, or points', () => {
    refused(
      () => decodeProtobuf(Buffer.alloc(16_000_000, Buffer.from([0x0a, 0x00])), isKept),
      /more than 10000 resources/,
    );
    const name = Buffer.from('http.server.request.duration');
    const points = Buffer.alloc(2 * (MOST.points + 1), Buffer.from([0x0a, 0x00]));
    const metric = Buffer.concat([message(9, points), message(1, name)]);
    refused(() => decodeProtobuf(message(1, message(2, message(2, metric))), isKept), /more than 100000 points/);
  });
  test('groups in groups, and lengths beyond the end', () => {
    refused(() => decodeProtobuf(Buffer.alloc(1_000_000, 0x0b), isKept));
    refused(() => decodeProtobuf(Buffer.from([0x0a, 0x7f, 0x00]), isKept));
    refused(() => decodeProtobuf(Buffer.from([0x0a, 0x02, 0x12, 0x7f]), isKept));
  });
  test('a body whose bits were flipped is read or refused, never anything else', () => {
    const sound = codec.encode(BODY);
    const json = toJson(BODY);
    let state = 7;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state % below;
    };
    for (let round = 0; round < 2_000; round += 1) {
      const [bytes, decode] = round % 2 === 0 ? [Buffer.from(sound), decodeProtobuf] : [Buffer.from(json), decodeJson];
      for (let flip = 0; flip <= random(4); flip += 1) {
        const place = random(bytes.length);
        bytes[place] = (bytes[place] as number) ^ (1 << random(8));
      }
      try {
        for (const _ of decode(bytes.subarray(0, bytes.length - random(3)), isKept));
      } catch (error) {
        expect(error).toBeInstanceOf(UnreadableBody);
      }
    }
  });
});

test('answers are what OTLP says: nothing at all when all was taken, the count and the words otherwise', () => {
  const all = { rejectedPoints: 0, message: '' };
  expect(encodeSuccess('protobuf', all)).toHaveLength(0);
  expect(encodeSuccess('json', all).toString()).toBe('{}');
  const some = { rejectedPoints: 300, message: 'too many streams' };
  expect(codec.readResponse(encodeSuccess('protobuf', some))).toEqual({
    partialSuccess: { rejectedDataPoints: 300, errorMessage: 'too many streams' },
  });
  expect(JSON.parse(encodeSuccess('json', some).toString())).toEqual({
    partialSuccess: { rejectedDataPoints: '300', errorMessage: 'too many streams' },
  });
  expect(codec.readStatus(encodeStatus('protobuf', 8, 'wait'))).toEqual({ code: 8, message: 'wait' });
  expect(JSON.parse(encodeStatus('json', 8, 'wait').toString())).toEqual({ code: 8, message: 'wait' });
});
