import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { announcedLength } from '../middleware/read-json.ts';
import { HttpProblem } from '../problems.ts';

/** Bytes on the wire, and unpacked: 65 to 1 is usual for what exporters send, so that neither says much of the other. */
export const MAX_WIRE_BYTES = 4 * 1024 * 1024;
export const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;

const unpackGzip = promisify(gunzip);

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

/** Throws PAYLOAD_TOO_LARGE for what unpacks to more than may be (and stops there), MALFORMED_REQUEST for what is no gzip. */
export async function unpack(wire: Buffer): Promise<Buffer> {
  try {
    return await unpackGzip(wire, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new HttpProblem(
        'PAYLOAD_TOO_LARGE',
        `The body must not unpack to more than ${MAX_UNPACKED_BYTES} bytes: send smaller batches.`,
      );
    }
    throw new HttpProblem('MALFORMED_REQUEST', 'The body is no gzip.');
  }
}

function tooLarge(): HttpProblem {
  return new HttpProblem(
    'PAYLOAD_TOO_LARGE',
    `The body must not be larger than ${MAX_WIRE_BYTES} bytes: send smaller batches.`,
  );
}
