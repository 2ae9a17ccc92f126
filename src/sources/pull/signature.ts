import { createHmac } from 'node:crypto';
import type { TargetHmac } from './types.ts';

/**
 * Seconds that a verifier must remember a nonce. The SDKs accept timestamps 300 s old to 30 s ahead;
 * a shorter memory would let a request be replayed inside that window.
 */
const NONCE_TTL_SECONDS = 330;

const METHOD = 'GET';

/** The path that is signed: leading slash, no trailing slash, no query; the root is `/`. `url` is an absolute URL. */
export function canonicalPath(url: URL): string {
  return url.pathname.replace(/\/+$/, '') || '/';
}

/**
 * The HMAC v2 headers of one GET (docs/contract.md, Signed requests, HMAC v2):
 * signature = `sha256=` + hex HMAC-SHA256(secret, `timestamp|METHOD|path|nonce`).
 * `nowMs` is epoch milliseconds; `nonce` must be fresh for every attempt and free of `|`.
 */
export function signatureHeaders(input: {
  readonly hmac: TargetHmac;
  readonly url: URL;
  readonly nowMs: number;
  readonly nonce: string;
}): Record<string, string> {
  const { hmac, nonce } = input;
  const timestamp = `${new Date(input.nowMs).toISOString().slice(0, 19)}Z`;
  const path = canonicalPath(input.url);
  const signature = createHmac('sha256', hmac.secret).update(`${timestamp}|${METHOD}|${path}|${nonce}`).digest('hex');
  return {
    'X-SeqPulse-Timestamp': timestamp,
    'X-SeqPulse-Nonce': nonce,
    'X-SeqPulse-Signature': `sha256=${signature}`,
    'X-SeqPulse-Signature-Version': 'v2',
    'X-SeqPulse-Canonical-Path': path,
    'X-SeqPulse-Method': METHOD,
    'X-SeqPulse-Nonce-TTL': String(NONCE_TTL_SECONDS),
    'X-SeqPulse-Project-Id': hmac.projectId,
  };
}
