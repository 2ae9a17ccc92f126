/** `SP_` and 32 hex digits: 128 random bits. `randomHex(bytes)` gives twice as many hex digits. */
export function newApiKey(randomHex: (bytes: number) => string): string {
  return `SP_${randomHex(16)}`;
}

/** `spm_` and 64 hex digits: a key as long as the hash it is used with (RFC 2104 §3). */
export function newHmacSecret(randomHex: (bytes: number) => string): string {
  return `spm_${randomHex(32)}`;
}
