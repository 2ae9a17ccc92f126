import type { Format } from './formats.ts';

interface Described {
  /** The environment variable. */
  readonly name: string;
  /** For the reference page: what it decides, in whole sentences. */
  readonly meaning: string;
  /** `hidden`: its value is never shown, `masked`: shown without its password. Absent: shown in messages. */
  readonly secrecy?: 'hidden' | 'masked';
}

interface WithDefault<Value> extends Described {
  readonly format: Format<Value>;
  /** Written as the variable would be, and read by the same format. */
  readonly fallback: string;
}

interface Optional<Value> extends Described {
  readonly format: Format<Value>;
  readonly fallback: null;
  /** For the reference page: what happens without it. */
  readonly whenAbsent: string;
}

export type Setting<Value = unknown> = WithDefault<Value> | Optional<Value>;
