import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';

export type AnswerText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

function tooLarge(maxBytes: number): AnswerText {
  return { ok: false, reason: `the answer is larger than ${maxBytes / 1024} KiB` };
}

/**
 * Reads a body of at most `maxBytes`, on the wire and once unpacked, as UTF-8. Stops reading at the limit; the
 * caller closes the connection. Rejects with the connection's error when it ends early.
 */
export async function readAnswerBody(
  body: AsyncIterable<Buffer>,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  maxBytes: number,
): Promise<AnswerText> {
  // A body that announces itself as too large is not read at all.
  if (Number(headers['content-length']) > maxBytes) return tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let receivedBytes = 0;
  for await (const chunk of body) {
    receivedBytes += chunk.length;
    if (receivedBytes > maxBytes) return tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return unpack(Buffer.concat(chunks), String(headers['content-encoding'] ?? 'identity'), maxBytes);
}

/** The request asks for identity, but some proxies compress whatever they pass on. */
function unpack(packed: Buffer, contentEncoding: string, maxBytes: number): AnswerText {
  const encoding = contentEncoding.trim().toLowerCase();
  // Without this limit 48 KB of gzip become 50 MB.
  const limit = { maxOutputLength: maxBytes };
  try {
    switch (encoding) {
      case '':
      case 'identity':
        return decode(packed);
      case 'gzip':
      case 'x-gzip':
        return decode(gunzipSync(packed, limit));
      case 'deflate':
        // RFC 9110 §8.4.1.2 means the zlib format (its first byte ends in 8), but some send raw deflate.
        return decode(((packed[0] ?? 0) & 0x0f) === 8 ? inflateSync(packed, limit) : inflateRawSync(packed, limit));
      case 'br':
        return decode(brotliDecompressSync(packed, limit));
      default:
        return { ok: false, reason: 'the answer has a content-encoding other than identity, gzip, deflate or br' };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(maxBytes);
    return { ok: false, reason: `the answer is not valid ${encoding}` };
  }
}

function decode(bytes: Buffer): AnswerText {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ok: false, reason: 'the answer is not UTF-8' };
  }
}
