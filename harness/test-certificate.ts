import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';

/**
 * A self-signed P-256 certificate in PEM, so that the tests need neither openssl nor a key in the repository.
 * DER as in RFC 5280 §4.1; lengths up to 65,535.
 */
export function testCertificate(input: {
  readonly names: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(hex('06082a8648ce3d040302'));
  // OpenSSL looks issuers up by name: two certificates of one name would be tried for each other.
  const commonName = Buffer.from(`seqpulse test ${randomUUID()}`);
  const name = sequence(der(0x31, sequence(hex('0603550403'), der(0x0c, commonName))));
  const time = (date: Date) => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`));
  // IP addresses are four bytes under tag 7, names are text under tag 2.
  const alternatives = input.names.map((text) =>
    /^[\d.]+$/.test(text) ? der(0x87, Buffer.from(text.split('.').map(Number))) : der(0x82, Buffer.from(text)),
  );
  const subjectAltName = sequence(hex('0603551d11'), der(0x04, sequence(...alternatives)));
  const toBeSigned = sequence(
    der(0xa0, hex('020102')), // version 3
    hex('020101'), // serial number 1
    ecdsaWithSha256,
    name,
    sequence(
      time(input.notBefore ?? new Date('2020-01-01T00:00:00Z')),
      time(input.notAfter ?? new Date('2120-01-01T00:00:00Z')),
    ),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(subjectAltName)),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.concat([hex('00'), signature])));
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const lengthBytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
