import type { Config } from '../config/settings.ts';
import { createSigner } from '../data-folder/signer.ts';
import type { PageDeps } from '../http/pages/deps.ts';
import { readStylesheet } from '../http/pages/stylesheet.ts';
import { sha256 } from '../model/digest.ts';

/** What the pages are handed: keys of their own for sessions and links, made of the installation's secrets. */
export function createPageDeps(input: {
  readonly config: Pick<Config, 'publicUrl' | 'publicReports' | 'reportLinkDays'>;
  readonly secrets: { readonly adminToken: string; readonly secretKey: Buffer };
  readonly now: () => number;
}): PageDeps {
  const { config, secrets, now } = input;
  const { adminToken, secretKey } = secrets;
  return {
    publicUrl: config.publicUrl,
    publicReports: config.publicReports,
    linkDays: config.reportLinkDays,
    signer: createSigner([secretKey], 'report link'),
    stylesheet: readStylesheet(),
    sessions: {
      sessions: createSigner([secretKey], `session of ${sha256(adminToken).toString('hex')}`),
      now,
      isSecure: config.publicUrl?.startsWith('https:') ?? false,
    },
  };
}
