import { z } from 'zod';
import { PROXY_HEADERS, type ProxyHeader } from '../model/proxy-header.ts';
import type { AddressRange } from '../sources/network/address-ranges.ts';
import { type Format, list } from './formats.ts';
import { parseNetwork } from './networks.ts';

export const networkList: Format<readonly AddressRange[]> = {
  expected: 'addresses or CIDRs (10.0.0.0/8, with the bits after the prefix zero) separated by commas, or none',
  schema: list.pipe(
    z.array(
      z.string().transform((text, context) => {
        const network = parseNetwork(text);
        if (network !== null) return network;
        context.addIssue({ code: 'custom', message: 'not an address or CIDR' });
        return z.NEVER;
      }),
    ),
  ),
};

export const proxyHeader: Format<ProxyHeader> = {
  expected: 'either, x-forwarded-for or forwarded',
  schema: z.string().toLowerCase().pipe(z.enum(PROXY_HEADERS)),
};

/** `https://host` or `https://host:port`; without its last slash. */
export const publicOrigin: Format<string> = {
  expected: 'an http or https URL without a path, such as https://seqpulse.example.com',
  schema: z
    .string()
    .refine((text) => {
      const url = URL.parse(text);
      const isWeb = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
      return isWeb && url.pathname === '/' && url.search === '' && url.hash === '';
    })
    .transform((text) => new URL(text).origin),
};

export const proxyUrl: Format<URL> = {
  expected: 'a URL such as http://user:password@proxy.example:3128, with special characters in it %-encoded',
  schema: z.string().transform((text, context) => {
    const url = URL.parse(text);
    const isProxy =
      url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '';
    if (isProxy && isDecodable(url.username) && isDecodable(url.password)) return url;
    context.addIssue({ code: 'custom', message: 'not the URL of a proxy' });
    return z.NEVER;
  }),
};

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const HOST_NAME = /^\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

export const directList: Format<{ readonly networks: readonly AddressRange[]; readonly names: readonly string[] }> = {
  expected: 'names, .suffixes, addresses and CIDRs separated by commas, or none',
  schema: list.transform((items, context) => {
    const networks: AddressRange[] = [];
    const names: string[] = [];
    for (const [index, item] of items.entries()) {
      const network = parseNetwork(item);
      const name = item.toLowerCase().replace(/^\*\./, '.');
      if (network !== null) networks.push(network);
      // What looks like an address and is none would never be met as a name.
      else if (HOST_NAME.test(name) && !/^[\d.]+$/.test(name)) names.push(name);
      else context.addIssue({ code: 'custom', message: 'neither a name nor a network', path: [index] });
    }
    return { networks, names };
  }),
};

/** `smtp://` or `smtps://`, a user with a password or none, nothing behind the port. */
export const mailServerUrl: Format<URL> = {
  expected:
    'a URL that begins with smtp:// or smtps://, with user and password or without, special characters in them %-encoded',
  schema: z.string().transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    const isServer = url !== null && ['smtp:', 'smtps:'].includes(url.protocol) && url.hostname !== '';
    if (isServer && ['', '/'].includes(url.pathname) && url.search === '' && isSignIn(url)) return url;
    context.addIssue({ code: 'custom', message: 'no mail server' });
    return z.NEVER;
  }),
};

/** A user with a password, or neither. */
function isSignIn({ username, password }: URL): boolean {
  return (username === '') === (password === '') && isDecodable(username) && isDecodable(password);
}

/** `seqpulse@example.com` or `SeqPulse <seqpulse@example.com>`. */
export const mailAddress: Format<string> = {
  expected: 'the address of a mailbox, alone or as Name <address>',
  schema: z
    .string()
    .refine((text) => /^[^<>\p{Cc}]* ?<[^<>@\s]+@[^<>@\s]+>$|^[^<>@\s]+@[^<>@\s]+$/u.test(text) && text.length <= 254),
};
