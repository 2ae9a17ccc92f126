import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import type { Encoding } from '../../sources/otlp/wire/answers.ts';
import { announcedLength } from '../middleware/read-json.ts';
import { HttpProblem } from '../problems.ts';

/** Bytes on the wire, and unpacked: 65 to 1 is usual for what exporters send, so that neither says much of the other. */
export const MAX_WIRE_BYTES = 4 * 1024 * 1024;
/** JSON is held three times while it is read: as bytes, as text, as what it says. */
export const MAX_UNPACKED_BYTES: Readonly<Record<Encoding, number>> = {
  protobuf: 16 * 1024 * 1024,
  json: 8 * 1024 * 1024,
};

/** Header and trailer. */
const MIN_GZIP_BYTES = 18;
/** zlib's own least. */
const MIN_CHUNK_BYTES = 64;

/** Unpacked in less time than another thread needs to be asked: some hundred microseconds. */
const SMALL_BYTES = 256 * 1024;

const unpackElsewhere = promisify(gunzip);

/** Whether the body comes packed. Throws UNSUPPORTED_MEDIA_TYPE for what is packed otherwise. */
export function isPacked(ctx: Context): boolean {
  const coding = ctx.get('Content-Encoding').trim().toLowerCase();
  if (coding === 'gzip') return true;
  if (coding === '' || coding === 'identity') return false;
  throw new HttpProblem('UNSUPPORTED_MEDIA_TYPE', 'Send the body with Content-Encoding gzip, or without one.');
}

/** Bytes that the body will have: as announced, else the most that it may have. Throws PAYLOAD_TOO_LARGE. */
export function expectedBytes(ctx: Context): number {
  const length = announcedLength(ctx);
  if (length !== undefined && length > MAX_WIRE_BYTES) throw tooLarge();
  return length ?? MAX_WIRE_BYTES;
}

/** The body as it came. Throws PAYLOAD_TOO_LARGE or MALFORMED_REQUEST. */
export async function readWire(ctx: Context): Promise<Buffer> {
  if (ctx.get('Expect').toLowerCase() === '100-continue') ctx.res.writeContinue();
  const length = announcedLength(ctx) ?? null;
  return await getRawBody(ctx.req, { limit: MAX_WIRE_BYTES, length }).catch((error: { type?: string }) => {
    if (error.type === 'entity.too.large') throw tooLarge();
    throw new HttpProblem('MALFORMED_REQUEST', 'The body ended before it was complete.');
  });
}

/**
 * What `use` makes of the body unpacked, which is empty when that is done. Throws PAYLOAD_TOO_LARGE for what unpacks to more
 * than may be (and stops there), MALFORMED_REQUEST for what is no gzip.
 */
export async function withUnpacked<Value>(
  wire: Buffer,
  maxBytes: number,
  use: (bytes: Buffer) => Promise<Value>,
): Promise<Value> {
  const bytes = await unpack(wire, maxBytes);
  try {
    return await use(bytes);
  } finally {
    release(bytes);
  }
}

async function unpack(wire: Buffer, maxBytes: number): Promise<Buffer> {
  // Its last four bytes say how long it is unpacked (RFC 1952 §2.3.1): with room for that and for seeing the end, no second
  // copy of it is made; what says too much need not be tried, and what says too little is left where it says more.
  const bytes = wire.length < MIN_GZIP_BYTES ? 0 : wire.readUInt32LE(wire.length - 4);
  if (bytes > maxBytes) throw unpacksToTooMuch(maxBytes);
  const options = { maxOutputLength: Math.max(1, bytes), chunkSize: Math.max(MIN_CHUNK_BYTES, bytes + 1) };
  try {
    return bytes <= SMALL_BYTES ? gunzipSync(wire, options) : await unpackElsewhere(wire, options);
  } catch {
    throw new HttpProblem('MALFORMED_REQUEST', 'The body is no gzip, or not the whole of one.');
  }
}

/** Gives its memory back now: the collector comes when several of the largest have piled up, and what they left has holes. */
function release({ buffer }: Buffer): void {
  // Small ones lie in a pool that others share.
  if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0);
}

function unpacksToTooMuch(maxBytes: number): HttpProblem {
  return new HttpProblem(
    'PAYLOAD_TOO_LARGE',
    `The body must not unpack to more than ${maxBytes} bytes: send smaller batches.`,
  );
}

function tooLarge(): HttpProblem {
  return new HttpProblem(
    'PAYLOAD_TOO_LARGE',
    `The body must not be larger than ${MAX_WIRE_BYTES} bytes: send smaller batches.`,
  );
}
