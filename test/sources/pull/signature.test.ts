import { describe, expect, test } from 'vitest';
import { canonicalPath, signatureHeaders } from '../../../src/sources/pull/signature.ts';

const PROJECT_ID = 'b9a4a3f2-6f0e-4a53-9a53-5c0d9f4a9d11';

/** The signatures were computed by Python's hmac module and, the first, by `openssl dgst -sha256 -hmac` as well. */
const VECTORS = [
  {
    secret: 'spm_0123456789abcdef',
    url: 'https://shop.example/seqpulse-metrics/?token=a',
    at: '2026-02-26T15:30:00.999Z',
    nonce: 'n-1',
    path: '/seqpulse-metrics',
    timestamp: '2026-02-26T15:30:00Z',
    signature: 'sha256=d646a06b3fb16fb05609ce38378f6b5777c2595d7814315bd72f0a2c866bff1e',
  },
  {
    secret: 'spm_0123456789abcdef',
    url: 'https://shop.example?token=a',
    at: '2026-02-26T15:30:00Z',
    nonce: 'n-1',
    path: '/',
    timestamp: '2026-02-26T15:30:00Z',
    signature: 'sha256=3e2b97cca11fad676cf206a2bd7bb326905fc71ead3e0ab925bc78d0edca4fb1',
  },
  {
    secret: 'spm_é',
    url: 'http://shop.example:8080/a b/metrics',
    at: '2030-01-01T00:00:00Z',
    nonce: '7f6c2a4e',
    path: '/a%20b/metrics',
    timestamp: '2030-01-01T00:00:00Z',
    signature: 'sha256=313dbb295b1c6a53043a1f51832461d6c22a8b274ebabd3db42fdec6a4313995',
  },
];

describe('signatureHeaders', () => {
  test.each(VECTORS)('signs $url as other implementations do', (vector) => {
    const headers = signatureHeaders({
      hmac: { secret: vector.secret, projectId: PROJECT_ID },
      url: new URL(vector.url),
      nowMs: Date.parse(vector.at),
      nonce: vector.nonce,
    });
    expect(headers).toEqual({
      'X-SeqPulse-Timestamp': vector.timestamp,
      'X-SeqPulse-Nonce': vector.nonce,
      'X-SeqPulse-Signature': vector.signature,
      'X-SeqPulse-Signature-Version': 'v2',
      'X-SeqPulse-Canonical-Path': vector.path,
      'X-SeqPulse-Method': 'GET',
      'X-SeqPulse-Nonce-TTL': '330',
      'X-SeqPulse-Project-Id': PROJECT_ID,
    });
  });
});

describe('canonicalPath', () => {
  test.each([
    ['http://h', '/'],
    ['http://h/', '/'],
    ['http://h//', '/'],
    ['http://h/?a=/b', '/'],
    ['http://h/a', '/a'],
    ['http://h/a/', '/a'],
    ['http://h/a//', '/a'],
    ['http://h/a/b/?c=d/#e', '/a/b'],
    ['http://h/a%2F', '/a%2F'],
  ])('of %s is %s', (url, path) => {
    expect(canonicalPath(new URL(url))).toBe(path);
  });
});
