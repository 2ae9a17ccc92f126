import type { Config } from '../config/parse-config.ts';
import { StartError } from '../model/start-error.ts';
import { type Outgoing, openOutgoing } from '../sources/network/outgoing.ts';

export type OutgoingSettings = Pick<
  Config,
  'caPem' | 'clientCertificatePem' | 'clientKeyPem' | 'proxyUrl' | 'noProxy' | 'proxyResolvesNames'
>;

/** Throws a StartError where certificate and key are not a pair. */
export function outgoingOf(config: OutgoingSettings): Outgoing {
  const { caPem, clientCertificatePem: cert, clientKeyPem: key, proxyUrl } = config;
  if ((cert === null) !== (key === null)) {
    throw new StartError(
      'SEQPULSE_CLIENT_CERT_FILE and SEQPULSE_CLIENT_KEY_FILE belong together: set both, or none of them.',
    );
  }
  const proxy =
    proxyUrl === null ? null : { url: proxyUrl, direct: config.noProxy, resolvesNames: config.proxyResolvesNames };
  try {
    return openOutgoing({
      authorities: caPem,
      certificate: cert === null || key === null ? null : { cert, key },
      proxy,
    });
  } catch (cause) {
    throw new StartError(
      'The key in SEQPULSE_CLIENT_KEY_FILE is not that of the certificate in SEQPULSE_CLIENT_CERT_FILE.',
      { cause },
    );
  }
}
