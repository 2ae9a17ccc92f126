import { createHmac } from 'node:crypto';
import { equalInConstantTime } from './secret-box.ts';

/** Signs short texts that come back from outside: a session, a link. What is signed can be read by everybody. */
export interface Signer {
  /** 22 characters that fit a URL: 128 bits. */
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
}

const SIGNATURE_CHARACTERS = 22;

/**
 * @param keys the first signs; all are believed, so that a key can be replaced without cutting off what is under way.
 * @param purpose what is signed for one purpose says nothing for another.
 */
export function createSigner(keys: readonly [Buffer, ...Buffer[]], purpose: string): Signer {
  const derived = keys.map((key) => createHmac('sha256', key).update(`seqpulse signer: ${purpose}`).digest());
  const signatureOf = (key: Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest('base64url').slice(0, SIGNATURE_CHARACTERS);
  const [first] = derived as [Buffer, ...Buffer[]];
  return {
    sign: (text) => signatureOf(first, text),
    verify: (text, signature) => derived.some((key) => equalInConstantTime(signatureOf(key, text), signature)),
  };
}
