import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Misuse } from './misuse.ts';
import { FLAGS, type FlagName } from './table/flags.ts';

export const FILE_NAME = 'seqpulse.json';

/** Read or written by more than its owner. */
const OTHERS = 0o077;

/** The values of the file by their flags. One that is named must be there; the usual one may be absent. */
export function readSettingsFile(cwd: string, named: string | null): Readonly<Partial<Record<FlagName, string>>> {
  const path = resolve(cwd, named ?? FILE_NAME);
  const text = read(path, named !== null);
  if (text === null) return {};
  const parsed = parse(path, text);
  const known = new Map(
    Object.entries(FLAGS).flatMap(([flag, { file }]) => (file ? [[file, flag as FlagName]] : [])) as [
      string,
      FlagName,
    ][],
  );
  const values: Partial<Record<FlagName, string>> = {};
  for (const [name, value] of Object.entries(parsed)) {
    const flag = known.get(name);
    if (flag === undefined)
      throw new Misuse(`${path} has ${JSON.stringify(name)}; known are ${[...known.keys()].join(', ')}.`);
    if (typeof value !== 'string') throw new Misuse(`${path}: ${name} must be a string.`);
    const { choices } = FLAGS[flag];
    if (choices?.includes(value) === false) throw new Misuse(`${path}: ${name} may be ${choices.join(', ')}.`);
    if (flag === 'key' && process.platform !== 'win32' && (statSync(path).mode & OTHERS) !== 0) {
      throw new Misuse(`${path} holds a key, and others may read it: take it out (SEQPULSE_API_KEY), or chmod 600.`);
    }
    values[flag] = value;
  }
  return values;
}

function read(path: string, mustBe: boolean): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!mustBe && (code === 'ENOENT' || code === 'ENOTDIR')) return null;
    throw new Misuse(`${path} can’t be read: ${code ?? error}.`);
  }
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {}
  throw new Misuse(`${path} is no JSON object.`);
}
