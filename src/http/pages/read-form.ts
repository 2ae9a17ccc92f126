import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { HttpProblem } from '../problems.ts';

/** Bytes: a note, a token, six numbers. */
const MAX_FORM_BYTES = 16 * 1024;

/** The fields of a sent form; of one given twice the first. Throws 413, 415 or 400. */
export async function readForm(ctx: Context): Promise<Record<string, string>> {
  if (Number(ctx.get('Content-Length') || 0) > MAX_FORM_BYTES) throw tooLarge();
  if (ctx.is('urlencoded') === null) return {};
  if (ctx.is('urlencoded') === false) {
    throw new HttpProblem('UNSUPPORTED_MEDIA_TYPE', 'Send the form as application/x-www-form-urlencoded.');
  }
  const text = await getRawBody(ctx.req, { limit: MAX_FORM_BYTES, encoding: 'utf8' }).catch(
    (error: { type?: string }) => {
      if (error.type === 'entity.too.large') throw tooLarge();
      throw new HttpProblem('MALFORMED_REQUEST', 'The form ended before it was complete.');
    },
  );
  const fields: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(text)) fields[name] ??= value;
  return fields;
}

const tooLarge = () => new HttpProblem('PAYLOAD_TOO_LARGE', `A form must not be larger than ${MAX_FORM_BYTES} bytes.`);
