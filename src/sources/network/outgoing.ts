import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { HttpProxy } from './proxy.ts';

/** How calls to targets and sources leave: whom they trust, who they say they are, and through what they go. */
export interface Outgoing {
  readonly secureContext: SecureContext;
  readonly proxy: HttpProxy | null;
}

export interface OutgoingOptions {
  /** Authorities that are trusted beside the usual ones; PEM. */
  readonly authorities?: string | null;
  /** Shown to whoever asks for one; PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string } | null;
  readonly proxy?: HttpProxy | null;
}

/** Throws when certificate and key do not belong together. */
export function openOutgoing({ authorities = null, certificate = null, proxy = null }: OutgoingOptions): Outgoing {
  const secureContext = createSecureContext({
    // Given any, Node trusts no others.
    ...(authorities === null ? {} : { ca: [...getCACertificates('default'), authorities] }),
    ...certificate,
  });
  return { secureContext, proxy };
}
