import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const VENV = fileURLToPath(new URL('../../.venv/bin/check-jsonschema', import.meta.url));

/** The program that checks YAML against public schemas, from PyPI; null where it is not installed. */
export const schemaCheck: string | null = ['check-jsonschema', VENV].find(isThere) ?? null;

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
