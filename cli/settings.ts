import type { Given } from './arguments.ts';
import { readDuration } from './durations.ts';
import { Misuse } from './misuse.ts';
import { readSettingsFile } from './settings-file.ts';
import { FLAGS, type FlagName } from './table/flags.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the flags, the environment and the file say together, in this order. */
export interface Settings {
  /** null: nowhere. Blank counts as absent, as CIs set variables that they do not have. */
  text(flag: FlagName): string | null;
  is(flag: FlagName): boolean;
  texts(flag: FlagName): readonly string[];
  /** Milliseconds. */
  duration(flag: FlagName): number | null;
  /** Throws Misuse when it is no number in that range. */
  number(
    flag: FlagName,
    range: { readonly min: number; readonly max: number; readonly whole?: boolean },
  ): number | null;
  /** Throws Misuse that says all the ways to set it. */
  needed(flag: FlagName): string;
}

export function readSettings(input: { given: Given; env: Environment; cwd: string }): Settings {
  const { given, env, cwd } = input;
  const file = readSettingsFile(cwd, typeof given.config === 'string' ? given.config : null);
  const settings: Settings = {
    text(flag) {
      const value = given[flag];
      if (typeof value === 'string') return value;
      const variable = FLAGS[flag].env;
      const fromEnvironment = variable === undefined ? undefined : env[variable]?.trim();
      return fromEnvironment || file[flag] || null;
    },
    is: (flag) => given[flag] === true,
    texts: (flag) => (Array.isArray(given[flag]) ? (given[flag] as readonly string[]) : []),
    duration(flag) {
      const text = settings.text(flag);
      return text === null ? null : readDuration(text, `--${flag}`);
    },
    number(flag, { min, max, whole = false }) {
      const text = settings.text(flag);
      if (text === null) return null;
      const value = Number(text);
      if (text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
      throw new Misuse(
        `--${flag} is ${JSON.stringify(text)}; it must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`,
      );
    },
    needed(flag) {
      const value = settings.text(flag);
      if (value !== null) return value;
      const { env: variable, file: name, meaning } = FLAGS[flag];
      const ways = [`--${flag}`, ...(variable ? [variable] : []), ...(name ? [`"${name}" in seqpulse.json`] : [])];
      const last = ways.pop();
      const text = ways.length === 0 ? last : `${ways.join(', ')} or ${last}`;
      throw new Misuse(`Missing: ${meaning.split(';')[0]}. Set ${text}.`);
    },
  };
  return settings;
}

/** Where SeqPulse is. */
export function readUrl(settings: Settings): string {
  const url = settings.needed('url').trim();
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new Misuse(`--url is ${JSON.stringify(url)}; it must begin with http:// or https://.`);
  }
  const { username, password, search, hash } = new URL(url);
  if (username || password) throw new Misuse('--url must hold no credentials: the key is what opens SeqPulse.');
  if (search || hash) throw new Misuse('--url must end before ? and #: it is where SeqPulse is, not a page of it.');
  return url;
}

/** A secret that came from somewhere with a line end is that secret. */
export function readSecret(settings: Settings, flag: 'key' | 'admin-token'): string {
  const secret = settings.needed(flag).trim();
  // Else the HTTP client fails with a sentence about headers that nobody understands.
  if (!/^[\x21-\x7e]+$/.test(secret)) throw new Misuse(`--${flag} holds characters that no key has.`);
  return secret;
}
