/**
 * The header that trusted proxies write. One that they don't write they may hand on as a client sent it. `either`: the
 * one that is there; where both are and disagree, one of them is a client's, nobody can tell which, and neither counts.
 */
export const PROXY_HEADERS = ['either', 'x-forwarded-for', 'forwarded'] as const;
export type ProxyHeader = (typeof PROXY_HEADERS)[number];
