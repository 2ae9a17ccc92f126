import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { HttpProblem } from '../problems.ts';

/** Bytes (docs/contract.md, Requests and answers). */
const MAX_BODY_BYTES = 64 * 1024;

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The request's body as parsed JSON; undefined when there is none. Throws 413, 415 or 400.
 * No content coding is taken: a bomb can't be unpacked by whoever does not unpack.
 */
export async function readJson(ctx: Context): Promise<unknown> {
  const length = announcedLength(ctx);
  if (length === undefined ? ctx.req.headers['transfer-encoding'] === undefined : length === 0) return undefined;
  if (length !== undefined && length > MAX_BODY_BYTES) throw tooLarge();
  if (!ctx.is('json', '+json')) {
    throw new HttpProblem('UNSUPPORTED_MEDIA_TYPE', 'Send the body as JSON, with Content-Type: application/json.');
  }
  const coding = ctx.get('Content-Encoding').toLowerCase();
  if (coding !== '' && coding !== 'identity') {
    throw new HttpProblem('UNSUPPORTED_MEDIA_TYPE', 'Send the body without a Content-Encoding.');
  }
  // Only now may the client send it: what is refused unread need not travel.
  if (ctx.get('Expect').toLowerCase() === '100-continue') ctx.res.writeContinue();
  const bytes = await getRawBody(ctx.req, { limit: MAX_BODY_BYTES, length: length ?? null }).catch(
    (error: { type?: string }) => {
      if (error.type === 'entity.too.large') throw tooLarge();
      throw new HttpProblem('MALFORMED_REQUEST', 'The body ended before it was complete.');
    },
  );
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    throw new HttpProblem('MALFORMED_JSON', 'The body is not valid JSON in UTF-8.');
  }
}

/** Bytes. Not Koa's `request.length`: that is a 32-bit number, and an announced 4 GiB would be 0. */
export function announcedLength(ctx: Context): number | undefined {
  const header = ctx.get('Content-Length');
  return header === '' ? undefined : Number(header);
}

function tooLarge(): HttpProblem {
  return new HttpProblem('PAYLOAD_TOO_LARGE', `The body must not be larger than ${MAX_BODY_BYTES} bytes.`);
}
