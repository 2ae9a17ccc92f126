import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../model/digest.ts';

/** Bytes: nonce length recommended for GCM (NIST SP 800-38D §5.2.1.1), and its full tag. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts small secrets at rest: nonce | tag | ciphertext, AES-256-GCM. `context` binds a value to its row. */
export interface SecretBox {
  seal(clear: string, context: string): Buffer;
  /** Throws when the box was sealed with neither key, or for another context. */
  open(sealed: Buffer, context: string): string;
  /** A value that is equal for equal keys and says nothing about them. */
  readonly keyCheck: Buffer;
  /** The same of the key before; null: there is none. */
  readonly previousKeyCheck: Buffer | null;
  /** Under the key of now; null: it is already. Throws as `open` does. */
  reseal(sealed: Buffer, context: string): Buffer | null;
}

/** Both 32 bytes. `previous`: what it sealed is opened too. */
export function createSecretBox(key: Buffer, previous: Buffer | null = null): SecretBox {
  const box = createBox(key);
  const before = previous === null ? null : createBox(previous);
  return {
    keyCheck: keyCheckOf(key),
    previousKeyCheck: previous === null ? null : keyCheckOf(previous),
    seal: box.seal,
    open: (sealed, context) => orElse(() => box.open(sealed, context), before && (() => before.open(sealed, context))),
    reseal(sealed, context) {
      if (before === null) return null;
      return orElse<Buffer | null>(
        () => {
          box.open(sealed, context);
          return null;
        },
        () => box.seal(before.open(sealed, context), context),
      );
    },
  };
}

const keyCheckOf = (key: Buffer): Buffer => createHmac('sha256', key).update('seqpulse secret key check').digest();

function orElse<Value>(first: () => Value, second: (() => Value) | null): Value {
  if (second === null) return first();
  try {
    return first();
  } catch {
    return second();
  }
}

function createBox(key: Buffer): Pick<SecretBox, 'seal' | 'open'> {
  return {
    seal(clear, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, context) {
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString();
    },
  };
}

/** Equal or not, in a time that depends on neither value: both are hashed to one length first. */
export function equalInConstantTime(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}
