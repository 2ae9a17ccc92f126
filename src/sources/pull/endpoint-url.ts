/** What fits a line in a log and an index entry; browsers and proxies stop at about this length, too. */
const MAX_ENDPOINT_CHARACTERS = 2_048;

export type NormalizedEndpoint =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly reason: string };

/**
 * The one spelling in which a metrics endpoint is stored and read: WHATWG-normalised; port, query and the slash at the
 * end kept, since some applications answer at one of the two alone; the fragment dropped. `reason` is one clause and repeats nothing of the URL,
 * whose query may hold a token. Idempotent.
 */
export function normalizeEndpoint(text: string): NormalizedEndpoint {
  if (text.length > MAX_ENDPOINT_CHARACTERS) return tooLong;
  // The URL parser drops tabs and newlines silently: what is stored would not be what was sent. A lone surrogate
  // becomes U+FFFD in the same silent way.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text) || !text.isWellFormed()) return refused('URL contains control characters');
  const url = URL.parse(text);
  if (url === null) return refused('URL is not valid: write it in full, such as https://shop.example/seqpulse-metrics');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refused('URL must begin with http:// or https://');
  if (url.username !== '' || url.password !== '') return refused('URL must not contain a user name or password');
  // The root is asked for as `/`, with or without a slash: without a query the bare origin is shorter.
  const path = url.pathname === '/' && url.search === '' ? '' : url.pathname;
  const normalized = `${url.origin}${path}${url.search}`;
  return normalized.length > MAX_ENDPOINT_CHARACTERS ? tooLong : { ok: true, url: normalized };
}

/** Whether two spellings mean the same endpoint, slashes at the end aside; false when one of them is no endpoint. */
export function sameEndpoint(a: string, b: string): boolean {
  const [first, second] = [normalizeEndpoint(a), normalizeEndpoint(b)];
  return first.ok && second.ok && withoutSlash(first.url) === withoutSlash(second.url);
}

function withoutSlash(endpoint: string): string {
  const { origin, pathname, search } = new URL(endpoint);
  return `${origin}${pathname.replace(/\/+$/, '')}${search}`;
}

/**
 * Where a redirect leads that only adds or drops the slash at the end: the URL to set instead; null for any other. Without
 * the query, which may hold a token. Nothing of `location` is repeated: what is not our own URL was a stranger's choice.
 */
export function slashRedirect(url: URL, location: string | string[] | undefined): string | null {
  const to = typeof location === 'string' ? URL.parse(location, url.href) : null;
  if (to === null || to.origin !== url.origin || to.search !== url.search) return null;
  const other = url.pathname.endsWith('/') ? url.pathname.replace(/\/+$/, '') : `${url.pathname}/`;
  if (to.pathname !== other || other === '') return null;
  return `${url.origin}${other}${url.search === '' ? '' : ' with its query'}`;
}

function refused(reason: string): NormalizedEndpoint {
  return { ok: false, reason };
}

const tooLong = refused(`URL is longer than ${MAX_ENDPOINT_CHARACTERS} characters`);
