import type { Config } from '../config/settings.ts';
import { createSigner } from '../data-folder/signer.ts';
import type { PageDeps } from '../http/pages/deps.ts';
import type { SessionSigner } from '../http/pages/session.ts';
import { readStylesheet } from '../http/pages/stylesheet.ts';
import { sha256 } from '../model/digest.ts';
import type { ServiceOptions } from './options.ts';

/** What the pages are handed: keys of their own for sessions and links, made of the installation's secrets. */
export function createPageDeps(input: {
  readonly config: Pick<Config, 'publicUrl' | 'publicReports' | 'reportLinkDays'>;
  readonly secrets: ServiceOptions['secrets'];
  readonly now: () => number;
}): PageDeps {
  const { config, secrets, now } = input;
  const { secretKey, previousSecretKey = null } = secrets;
  const keys: [Buffer, ...Buffer[]] = previousSecretKey === null ? [secretKey] : [secretKey, previousSecretKey];
  return {
    publicUrl: config.publicUrl,
    publicReports: config.publicReports,
    linkDays: config.reportLinkDays,
    signer: createSigner(keys, 'report link'),
    stylesheet: readStylesheet(),
    sessions: {
      sessions: createSessionSigner(keys, secrets),
      now,
      isSecure: config.publicUrl?.startsWith('https:') ?? false,
    },
  };
}

function createSessionSigner(
  keys: [Buffer, ...Buffer[]],
  { adminToken, previousAdminToken = null }: ServiceOptions['secrets'],
): SessionSigner {
  const signers = new Map(
    [adminToken, previousAdminToken]
      .filter((token) => token !== null)
      .map((token) => [token, createSigner(keys, `session of ${sha256(token).toString('hex')}`)]),
  );
  const operators = createSigner(keys, 'session of an operator');
  const all = [...signers.values(), operators];
  return {
    sign: (text, token) => (signers.get(token) ?? operators).sign(text),
    verify: (text, signature) => all.some((signer) => signer.verify(text, signature)),
  };
}
