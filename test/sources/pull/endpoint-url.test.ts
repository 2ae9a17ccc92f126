import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizeEndpoint, sameEndpoint, slashRedirect } from '../../../src/sources/pull/endpoint-url.ts';

const urlOf = (text: string) => {
  const result = normalizeEndpoint(text);
  return result.ok ? result.url : `refused: ${result.reason}`;
};

describe('normalizeEndpoint', () => {
  test.each([
    ['http://shop.example:9000/metrics/?token=a#top', 'http://shop.example:9000/metrics/?token=a'],
    ['HTTPS://Shop.EXAMPLE/Metrics', 'https://shop.example/Metrics'],
    ['http://shop.example/metrics///', 'http://shop.example/metrics///'],
    ['http://shop.example/metrics/', 'http://shop.example/metrics/'],
    ['http://shop.example:80/metrics', 'http://shop.example/metrics'],
    ['http://shop.example:443/metrics', 'http://shop.example:443/metrics'],
    ['http://shop.example/', 'http://shop.example'],
    ['http://shop.example', 'http://shop.example'],
    ['http://shop.example?a=1', 'http://shop.example/?a=1'],
    ['http://shop.example/metrics?', 'http://shop.example/metrics'],
    ['  http://shop.example/metrics  ', 'http://shop.example/metrics'],
    ['http://[::1]:9000/metrics', 'http://[::1]:9000/metrics'],
    ['http://0x7f.1/metrics', 'http://127.0.0.1/metrics'],
    ['http://bücher.example/m', 'http://xn--bcher-kva.example/m'],
    ['http://shop.example/a/%2e%2e/b/', 'http://shop.example/b/'],
  ])('turns %s into %s', (text, url) => {
    expect(urlOf(text)).toBe(url);
  });

  test.each([
    ['ftp://shop.example/metrics', 'http:// or https://'],
    ['file:///etc/passwd', 'http:// or https://'],
    ['javascript:alert(1)', 'http:// or https://'],
    ['shop.example/metrics', 'not valid'],
    ['', 'not valid'],
    ['http://', 'not valid'],
    ['http://shop.example:99999/', 'not valid'],
    ['http://1.2.3.4.5/', 'not valid'],
    ['http://user:secret@shop.example/m', 'user name or password'],
    ['http://user@shop.example/m', 'user name or password'],
    ['http://:secret@shop.example/m', 'user name or password'],
    ['http://shop.example/a\u0000b', 'control characters'],
    ['http://shop.example/a\nb', 'control characters'],
    ['http://shop.example/a\u007fb', 'control characters'],
    ['http://shop.example/\ud800', 'control characters'],
  ])('refuses %j and says why', (text, reason) => {
    expect(urlOf(text)).toContain('refused: ');
    expect(urlOf(text)).toContain(reason);
  });

  test('takes 2,048 characters and refuses 2,049', () => {
    const start = 'http://shop.example/';
    expect(urlOf(start + 'a'.repeat(2_048 - start.length))).toMatch(/^http:/);
    expect(urlOf(start + 'a'.repeat(2_049 - start.length))).toContain('longer than 2048');
  });

  test('counts the characters that are given, before anything is dropped', () => {
    expect(urlOf(`http://shop.example/#${'a'.repeat(2_048)}`)).toContain('longer than 2048');
  });

  test('counts the characters that are stored, after percent-encoding', () => {
    expect(urlOf(`http://shop.example/${'é'.repeat(400)}`)).toContain('longer than 2048');
  });

  test('repeats nothing of the URL in a reason, since its query may hold a token', () => {
    for (const text of ['ftp://shop.example/?token=s3cret', 'http://u:s3cret@shop.example/', 'http://s3cret s3cret/']) {
      expect(urlOf(text)).toContain('refused: ');
      expect(urlOf(text)).not.toContain('s3cret');
    }
  });
});

const endpointText = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc
    .tuple(
      fc.constantFrom('http', 'https', 'HTTP', 'ws'),
      fc.constantFrom('shop.example', '[::1]', '0x7f.1', '10.0.0.1.', 'ä.example', 'u:p@h'),
      fc.constantFrom('', ':80', ':443', ':9000', ':0'),
      fc.string({ unit: fc.constantFrom('/', '.', '%2e', 'a', '?', '#', ' ', '\\', '%', 'é', '\t') }),
    )
    .map(([scheme, host, port, rest]) => `${scheme}://${host}${port}/${rest}`),
  fc.string(),
  fc.string({ unit: 'binary' }),
);

describe('whatever text is given, normalizeEndpoint', () => {
  test('never throws and is idempotent', () => {
    fc.assert(
      fc.property(endpointText, (text) => {
        const first = normalizeEndpoint(text);
        if (first.ok) expect(normalizeEndpoint(first.url)).toEqual(first);
      }),
      { numRuns: 3_000 },
    );
  });

  test('yields http or https, at most 2,048 characters, no credentials, no fragment, the path as the URL parser reads it', () => {
    fc.assert(
      fc.property(endpointText, (text) => {
        const result = normalizeEndpoint(text);
        if (!result.ok) return;
        const url = new URL(result.url);
        expect(['http:', 'https:']).toContain(url.protocol);
        expect(result.url.length).toBeLessThanOrEqual(2_048);
        expect(url.username + url.password + url.hash).toBe('');
        expect(url.pathname).toBe(new URL(text).pathname);
      }),
      { numRuns: 3_000 },
    );
  });

  test('keeps origin and query as the URL parser reads them', () => {
    fc.assert(
      fc.property(endpointText, (text) => {
        const result = normalizeEndpoint(text);
        if (!result.ok) return;
        expect(new URL(result.url).origin).toBe(new URL(text).origin);
        expect(new URL(result.url).search).toBe(new URL(text).search);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('sameEndpoint', () => {
  test('sees through spelling', () => {
    expect(sameEndpoint('http://Shop.example:80/metrics/#x', 'http://shop.example/metrics')).toBe(true);
  });

  test('tells ports, paths and queries apart', () => {
    expect(sameEndpoint('http://shop.example/metrics', 'http://shop.example:81/metrics')).toBe(false);
    expect(sameEndpoint('http://shop.example/metrics', 'http://shop.example/Metrics')).toBe(false);
    expect(sameEndpoint('http://shop.example/metrics', 'http://shop.example/metrics?a=1')).toBe(false);
  });

  test('calls nothing the same as what is no endpoint', () => {
    expect(sameEndpoint('nonsense', 'nonsense')).toBe(false);
  });
});

describe('slashRedirect', () => {
  test.each([
    ['http://shop.example/metrics', '/metrics/', 'http://shop.example/metrics/'],
    ['http://shop.example/metrics/', '/metrics', 'http://shop.example/metrics'],
    ['http://shop.example/metrics', 'http://shop.example/metrics/', 'http://shop.example/metrics/'],
    ['http://shop.example/a/metrics', 'metrics/', 'http://shop.example/a/metrics/'],
    ['http://shop.example/metrics?t=s3cret', '/metrics/?t=s3cret', 'http://shop.example/metrics/ with its query'],
    ['http://shop.example/metrics', '/metrics/?more=1', null],
    ['http://shop.example/metrics', '/login/', null],
    ['http://shop.example/metrics', 'https://shop.example/metrics/', null],
    ['http://shop.example/metrics', 'http://other.example/metrics/', null],
    ['http://shop.example/metrics', '//other.example/metrics/', null],
    ['http://shop.example/metrics', 'http://shop.example:81/metrics/', null],
    ['http://shop.example/metrics', '/metrics', null],
    ['http://shop.example/', '', null],
    ['http://shop.example/metrics', 'http://', null],
    ['http://shop.example/metrics', undefined, null],
    ['http://shop.example/metrics', ['/metrics/', '/a'], null],
  ])('of %s to %j names %s', (url, location, named) => {
    expect(slashRedirect(new URL(url), location)).toBe(named);
  });
});
