import type { z } from 'zod';
import { type ConfigFault, shown } from './faults.ts';
import { splitList } from './formats.ts';
import { type Config, SETTINGS, type Setting } from './settings.ts';
import { belongsToOthers, nearestName } from './unknown-names.ts';

export { type ConfigFault, describeFaults } from './faults.ts';
export type { Config } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type ParsedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

/**
 * Reads every setting from the environment. A variable that is empty or blank counts as absent, blanks around a value
 * are dropped, and all faults come back together: values that don't fit, and SEQPULSE_… variables that nobody knows.
 */
export function parseConfig(env: Environment): ParsedConfig {
  const faults: ConfigFault[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting>(SETTINGS)) {
    const text = textOf(env, setting.name) ?? setting.fallback;
    const parsed = text === null ? null : setting.format.schema.safeParse(text);
    values[key] = parsed?.data ?? null;
    if (text !== null && parsed?.success === false) faults.push(faultOf(setting, text, parsed.error));
  }
  faults.push(...unknownNames(env));
  // The loop gives every key its value in the type its own format declares, which is how Config is derived.
  return faults.length === 0 ? { ok: true, config: values as unknown as Config } : { ok: false, faults };
}

function textOf(env: Environment, name: string): string | null {
  return env[name]?.trim() || null;
}

function faultOf(setting: Setting, text: string, error: z.ZodError): ConfigFault {
  const got = shown(text, setting.secrecy);
  const position = error.issues[0]?.path[0];
  // In a long list, the item that is wrong is worth naming.
  const item = typeof position === 'number' ? splitList(text)[position] : undefined;
  const where = item === undefined || item === text ? '' : ` (wrong at ${shown(item, setting.secrecy)})`;
  return { name: setting.name, expected: setting.format.expected, got: got + where };
}

function unknownNames(env: Environment): ConfigFault[] {
  const known = Object.values(SETTINGS).map((setting) => setting.name);
  const faults: ConfigFault[] = [];
  for (const name of Object.keys(env)) {
    const text = textOf(env, name);
    if (text === null || !name.startsWith('SEQPULSE_') || known.some((one) => one === name)) continue;
    if (belongsToOthers(name, text)) continue;
    const nearest = nearestName(name, known);
    faults.push({
      name,
      expected: nearest === null ? 'a name from docs/settings.md' : `a known name, probably ${nearest}`,
      // It may be a misspelt secret.
      got: shown(text, 'hidden'),
    });
  }
  return faults;
}
