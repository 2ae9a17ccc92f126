import { mailAddress, mailServerUrl } from './address-formats.ts';
import { bearerToken, hexBytes, wholeNumber } from './formats.ts';
import type { Setting } from './setting.ts';

/** Who may call, what keeps secrets, and how people are told: part of SETTINGS. */
export const OPERATOR_SETTINGS = {
  adminToken: {
    name: 'SEQPULSE_ADMIN_TOKEN',
    format: bearerToken(24),
    fallback: null,
    whenAbsent: 'made at first start, kept in `SEQPULSE_DATA_DIR/admin-token`',
    secrecy: 'hidden',
    meaning: 'What operators send as `Authorization: Bearer …`.',
  },
  adminTokenPrevious: {
    name: 'SEQPULSE_ADMIN_TOKEN_PREVIOUS',
    format: bearerToken(24),
    fallback: null,
    whenAbsent: 'one admin token is accepted',
    secrecy: 'hidden',
    meaning: 'The admin token before this one, accepted too while operators change over (docs/operators.md).',
  },
  secretKeyHex: {
    name: 'SEQPULSE_SECRET_KEY',
    format: hexBytes(32),
    fallback: null,
    whenAbsent: 'made at first start, kept in `SEQPULSE_DATA_DIR/secret-key`',
    secrecy: 'hidden',
    meaning:
      'Encrypts at rest what is secret: HMAC secrets, credentials of sources, addresses of notifications. With another key the stored ones can’t be read.',
  },
  secretKeyPreviousHex: {
    name: 'SEQPULSE_SECRET_KEY_PREVIOUS',
    format: hexBytes(32),
    fallback: null,
    whenAbsent: 'there was no other key',
    secrecy: 'hidden',
    meaning:
      'The secret key before this one. What it encrypted is read too, and encrypted with the new one at the start (docs/operators.md).',
  },
  auditDays: {
    name: 'SEQPULSE_AUDIT_DAYS',
    format: wholeNumber(1, 36_500),
    fallback: '365',
    meaning: 'How long it is kept who did what (`GET /audit`).',
  },
  smtpUrl: {
    name: 'SEQPULSE_SMTP_URL',
    format: mailServerUrl,
    fallback: null,
    whenAbsent: 'no mail is sent',
    secrecy: 'masked',
    meaning:
      'The server that notifications by mail go through: `smtp://user:password@mail.example.com:587` (TLS where the server offers it, and always before signing in) or `smtps://…:465`. Like every other address it must be public or named in `SEQPULSE_TARGET_ALLOW`.',
  },
  mailFrom: {
    name: 'SEQPULSE_MAIL_FROM',
    format: mailAddress,
    fallback: null,
    whenAbsent: 'no mail is sent',
    meaning: 'Whom mails come from: `seqpulse@example.com`, or `SeqPulse <seqpulse@example.com>`.',
  },
} as const satisfies Record<string, Setting>;
