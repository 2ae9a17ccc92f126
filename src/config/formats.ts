import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { parseDatabaseUrl } from '../model/database-url.ts';
import { RESERVED_WORDS } from './reserved-words.ts';

/** How one setting is written: the words for people, and the schema that turns its text into a value. */
export interface Format<Value> {
  /** Completes "expected …". */
  readonly expected: string;
  readonly schema: z.ZodType<Value, string>;
}

/** pino's levels; `silent` turns the log off. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

// Plain digits only: `1e3`, `0x10`, `+5` and `Infinity` are accidents more often than wishes.
const WHOLE = /^\d+$/;
const DECIMAL = /^\d+(\.\d+)?$/;

function digits(pattern: RegExp, accepts: (value: number) => boolean) {
  return z.string().regex(pattern).transform(Number).refine(accepts);
}

/** The items of a comma-separated list; `none` is the empty one, because an empty variable means its default. */
export function splitList(text: string): string[] {
  return text.toLowerCase() === 'none' ? [] : text.split(',').map((item) => item.trim());
}

/** The items of a setting that is a list. */
export const list = z.string().transform(splitList);

/** `least` to `most`, both included. */
export function wholeNumber(least: number, most: number): Format<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    schema: digits(WHOLE, (value) => value >= least && value <= most),
  };
}

/** Seconds above 0 up to `most`; fractions allowed. */
export function positiveSeconds(most: number): Format<number> {
  return {
    expected: `a number of seconds above 0, at most ${most}`,
    schema: digits(DECIMAL, (value) => value > 0 && value <= most),
  };
}

/** `30,120,300` or `none`: each from 0 to `most` seconds. */
export function secondsList(most: number, mostItems: number): Format<readonly number[]> {
  return {
    expected: `up to ${mostItems} numbers of seconds from 0 to ${most} separated by commas, or none`,
    schema: list.pipe(z.array(digits(DECIMAL, (value) => value <= most)).max(mostItems)),
  };
}

/** Who may see reports without signing in. */
export const publicReports: Format<'signed' | 'open' | 'off'> = {
  expected: 'signed, open or off',
  schema: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['signed', 'open', 'off'])),
};

export const logLevel: Format<LogLevel> = {
  expected: `one of ${LOG_LEVELS.join(', ')}`,
  schema: z.string().toLowerCase().pipe(z.enum(LOG_LEVELS)),
};

export const metricNames: Format<'seqpulse' | 'both'> = {
  expected: 'seqpulse or both',
  schema: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['seqpulse', 'both'])),
};

export const listenHost: Format<string> = {
  expected: 'an address to listen on (0.0.0.0, ::, 127.0.0.1) or a host name',
  schema: z.string().refine((text) => isIP(text) !== 0 || /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$/i.test(text)),
};

/** A URL as libpq reads it, several hosts and `postgres://user:password@/db?host=/run/postgresql` included. */
export const postgresUrl: Format<string> = {
  expected:
    'a URL such as postgres://user:password@host:5432/database (or @a:5432,b:5432 for several hosts), with special characters in it %-encoded',
  schema: z.string().refine((text) => parseDatabaseUrl(text) !== null),
};

/** Of a schema of our own, written without quotes everywhere; `pg_` is PostgreSQL's. */
export const schemaName: Format<string> = {
  expected:
    'lower-case letters, digits and _, not starting with a digit or pg_, not seqpulse, pgboss or public, no word that SQL reserves (such as user)',
  schema: z
    .string()
    .regex(/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/)
    .refine((name) => !['seqpulse', 'pgboss', 'public', 'information_schema'].includes(name))
    .refine((name) => !RESERVED_WORDS.has(name)),
};

/** A path, made absolute from the working directory. */
export const folder: Format<string> = {
  // Outside a shell nobody expands ~, and a folder of that name would quietly appear.
  expected: 'the path of a folder, not starting with ~',
  schema: z
    .string()
    .regex(/^[^~]/)
    .transform((path) => resolve(path)),
};

/** At least `leastCharacters` of what an `Authorization: Bearer` header can carry. */
export function bearerToken(leastCharacters: number): Format<string> {
  return {
    expected: `at least ${leastCharacters} printable ASCII characters without spaces`,
    schema: z.string().regex(new RegExp(`^[\\x21-\\x7e]{${leastCharacters},}$`)),
  };
}

/** The text of a PEM file that holds at least one block of this kind; every certificate in it can be read. */
export function pemFile(kind: 'CERTIFICATE' | 'PRIVATE KEY'): Format<string> {
  const block = new RegExp(`-----BEGIN (?:[A-Z0-9]+ )?${kind}-----[^-]+-----END (?:[A-Z0-9]+ )?${kind}-----`, 'g');
  return {
    expected: `the path of a readable PEM file with ${kind === 'CERTIFICATE' ? 'certificates' : 'an unencrypted private key'}`,
    schema: z.string().transform((path, context) => {
      try {
        const text = readFileSync(path, 'utf8');
        const blocks = text.match(block) ?? [];
        for (const one of blocks) {
          if (kind === 'CERTIFICATE') new X509Certificate(one);
          else createPrivateKey(one);
        }
        if (blocks.length > 0) return text;
      } catch {
        // No such file, or what is in it can't be read: the same to whoever set it.
      }
      context.addIssue({ code: 'custom', message: 'no such PEM file' });
      return z.NEVER;
    }),
  };
}

export const yesOrNo: Format<boolean> = {
  expected: 'true or false',
  schema: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false']))
    .transform((word) => word === 'true'),
};

/** Exactly `bytes` bytes; the value is in lower case. */
export function hexBytes(bytes: number): Format<string> {
  return {
    expected: `${bytes * 2} hexadecimal digits`,
    schema: z
      .string()
      .regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`, 'i'))
      .toLowerCase(),
  };
}

/** One line of 1 to `mostCharacters` characters. */
export function label(mostCharacters: number): Format<string> {
  return {
    expected: `1 to ${mostCharacters} characters without control characters`,
    schema: z.string().refine((text) => [...text].length <= mostCharacters && !/\p{Cc}/u.test(text)),
  };
}
