import { lookup } from 'node:dns/promises';

/** Every address of a name, as IPv4 or IPv6 text; rejects with the error of getaddrinfo when there is none or no answer. */
export type ResolveHost = (hostname: string) => Promise<readonly string[]>;

/**
 * The operating system's resolver: /etc/hosts, search domains and container networks count as they do for curl.
 * Not c-ares (`dns.resolve4`), though it needs no thread: it skips search domains, so that inside a cluster
 * `checkout.app` would be looked up as a public name, and the signed request would go to a stranger.
 */
export const systemResolveHost: ResolveHost = async (hostname) => {
  const found = await lookup(hostname, { all: true });
  return found.map(({ address }) => address);
};

/**
 * Lets reads that need the same name at the same moment share one look-up. Nothing outlives the look-up: each read still
 * gets an answer that came after it asked.
 */
export function shareLookups(resolveHost: ResolveHost): ResolveHost {
  const running = new Map<string, Promise<readonly string[]>>();
  return (hostname) => {
    const joined = running.get(hostname);
    if (joined !== undefined) return joined;
    const started = resolveHost(hostname).finally(() => running.delete(hostname));
    running.set(hostname, started);
    return started;
  };
}
