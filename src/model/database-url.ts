/** Where a server listens: a name, an address or the folder of a socket, and a port. */
export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
}

export interface DatabaseUrl {
  /** In the order in which they are tried; one at least. */
  readonly hosts: readonly DatabaseHost[];
  /** The same URL with the first host alone, which is what node-postgres can read. */
  readonly firstHostUrl: string;
  /** Its name as it is; null: as the user's. node-postgres leaves `%2F`, `%26` and their like as they stand. */
  readonly database: string | null;
}

const DEFAULT_PORT = 5432;
/** libpq's words for "one that accepts writes". `any` too: none other is of use to us. */
const WRITABLE = new Set(['any', 'read-write', 'primary']);
/** Scheme, user with password, hosts, path, query: a bare / ? or # in a password would end the hosts early. */
const SHAPE = /^(postgres(?:ql)?:\/\/)((?:[^\s/?#@]*@)?)([^\s/?#@]*)(\/[^\s?#@]*)?(?:\?([^\s#@]*))?$/i;
const HOST_AND_PORT = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::(\d*))?$/i;

/**
 * Reads libpq's form of a URL, several hosts included: `postgres://a:5432,b/db?target_session_attrs=read-write`, or
 * `?host=a,b&port=5432,5433`. null where it is none, or asks for a server that takes no writes.
 */
export function parseDatabaseUrl(text: string): DatabaseUrl | null {
  const [, scheme = '', user = '', authority = '', path = '', query = ''] = SHAPE.exec(text) ?? [];
  if (scheme === '' || user + authority + path + query === '') return null;
  const parameters = new URLSearchParams(query);
  if (!WRITABLE.has(parameters.get('target_session_attrs') ?? 'any')) return null;
  if (!['disable', 'random'].includes(parameters.get('load_balance_hosts') ?? 'disable')) return null;

  const hosts = parameters.has('host') ? hostsOfQuery(parameters) : hostsOfAuthority(authority, parameters);
  const [first] = hosts ?? [];
  if (hosts === null || first === undefined) return null;
  const firstHostUrl = hosts.length === 1 ? text : `${scheme}${user}${written(first)}${path}${restOf(parameters)}`;
  // What node-postgres will do with it.
  if (!URL.canParse(firstHostUrl.replace('@/', '@localhost/').replace(/:\/\/(?=[/?]|$)/, '://localhost'))) return null;
  return { hosts, firstHostUrl, database: databaseOf(path, parameters) };
}

function databaseOf(path: string, parameters: URLSearchParams): string | null {
  const name = path.slice(1);
  // A bare percent sign means itself, as it does to node-postgres.
  return parameters.get('dbname') ?? (name === '' ? null : name.replace(/(?:%[0-9a-f]{2})+/gi, decodeOrLeave));
}

function decodeOrLeave(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function hostsOfAuthority(authority: string, parameters: URLSearchParams): DatabaseHost[] | null {
  const items = authority.split(',');
  const hosts: DatabaseHost[] = [];
  for (const item of items) {
    const [whole, host = '', port = ''] = HOST_AND_PORT.exec(item) ?? [];
    if (whole === undefined || (host === '' && items.length > 1)) return null;
    const number = portOf(port || parameters.get('port') || String(DEFAULT_PORT));
    if (number === null) return null;
    hosts.push({
      host: host === '' ? 'localhost' : decodeURIComponent(host.replace(/^\[(.*)\]$/, '$1')),
      port: number,
    });
  }
  return hosts;
}

/** As libpq: one port for all of them, or one for each. */
function hostsOfQuery(parameters: URLSearchParams): DatabaseHost[] | null {
  const names = (parameters.get('host') ?? '').split(',');
  const ports = (parameters.get('port') ?? String(DEFAULT_PORT)).split(',');
  if (ports.length !== 1 && ports.length !== names.length) return null;
  const hosts: DatabaseHost[] = [];
  for (const [index, host] of names.entries()) {
    const port = portOf(ports[ports.length === 1 ? 0 : index] || String(DEFAULT_PORT));
    if (host === '' || port === null) return null;
    hosts.push({ host, port });
  }
  return hosts;
}

function portOf(text: string): number | null {
  const port = Number(text);
  return /^\d+$/.test(text) && port >= 1 && port <= 65_535 ? port : null;
}

function written({ host, port }: DatabaseHost): string {
  if (host.startsWith('/')) return `${encodeURIComponent(host)}:${port}`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function restOf(parameters: URLSearchParams): string {
  const rest = new URLSearchParams(parameters);
  for (const name of ['host', 'port', 'target_session_attrs', 'load_balance_hosts']) rest.delete(name);
  return rest.size === 0 ? '' : `?${rest}`;
}
