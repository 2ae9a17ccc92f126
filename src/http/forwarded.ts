import { isIP } from 'node:net';

/**
 * The hops that a proxy's header names, the first one first, each as an IP address, or null where the proxy hides it
 * (`unknown`, `_hidden`) or writes what can't be read. `header`: the value of X-Forwarded-For, its lines joined by commas.
 */
export function hopsOfForwardedFor(header: string): (string | null)[] {
  return splitOutsideQuotes(header, ',').map(addressOfNode);
}

/** The same of RFC 7239's `Forwarded: for=192.0.2.60;proto=http, for="[2001:db8::1]:4711"`. */
export function hopsOfForwarded(header: string): (string | null)[] {
  return splitOutsideQuotes(header, ',').map((element) => {
    for (const pair of splitOutsideQuotes(element, ';')) {
      const [name = '', ...value] = pair.split('=');
      if (name.trim().toLowerCase() === 'for') return addressOfNode(value.join('='));
    }
    return null;
  });
}

/**
 * The address of a node (RFC 7239 §6), without its port: `192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]`, `[2001:db8::1]:4711`,
 * and the bare `2001:db8::1` of X-Forwarded-For; in quotes or not. Dual-stack sockets show IPv4 as `::ffff:a.b.c.d`: one
 * client, one spelling.
 */
export function addressOfNode(text: string): string | null {
  const node = unquoted(text.trim());
  const inBrackets = /^\[([^\]]*)\](?::[\w.-]*)?$/.exec(node)?.[1];
  const beforePort = /^([\d.]+):[\w.-]*$/.exec(node)?.[1];
  const address = plainAddress(inBrackets ?? beforePort ?? node);
  return isIP(address) === 0 ? null : address;
}

export function plainAddress(address: string): string {
  return /^::ffff:/i.test(address) && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

function unquoted(text: string): string {
  return /^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text;
}

/** A quote that is never closed reaches to the end. */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [''];
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '"') isQuoted = !isQuoted;
    const isEscape = isQuoted && char === '\\';
    if (char === separator && !isQuoted) parts.push('');
    else parts.push(`${parts.pop()}${char}${isEscape ? (text[at + 1] ?? '') : ''}`);
    if (isEscape) at += 1;
  }
  return parts;
}
