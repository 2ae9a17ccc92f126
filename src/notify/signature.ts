import { createHmac } from 'node:crypto';
import type { SigningSecret } from '../model/notification.ts';

const PREFIX = 'whsec_';
/** Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;

export function newSigningSecret(randomHex: (bytes: number) => string): string {
  return `${PREFIX}${Buffer.from(randomHex(SECRET_BYTES), 'hex').toString('base64')}`;
}

/**
 * The headers of Standard Webhooks 1.0 (standardwebhooks.com): a signature `v1,…` for each secret that is in force, so that
 * a receiver may change to a new one at its own time. `atMs`: of this attempt, epoch milliseconds.
 */
export function webhookHeaders(input: {
  readonly id: string;
  readonly body: string;
  readonly secrets: readonly SigningSecret[];
  readonly atMs: number;
}): Record<string, string> {
  const { id, body, secrets, atMs } = input;
  const timestamp = String(Math.floor(atMs / 1000));
  const signatures = inForce(secrets, atMs).map(({ secret }) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

export function inForce(secrets: readonly SigningSecret[], atMs: number): readonly SigningSecret[] {
  return secrets.filter(({ untilMs }) => untilMs === null || untilMs > atMs);
}
