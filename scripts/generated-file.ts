import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = new URL('../', import.meta.url);

/**
 * Writes a generated file. When the program was started with --check it writes nothing, and the program will exit with 1
 * when the file is not there or is not `text`.
 *
 * @param name the file's path in the repository, by which it is also called when it is stale.
 */
export function writeOrCheck(name: string, text: string): void {
  const path = fileURLToPath(new URL(name, REPOSITORY));
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (currentText(path) !== text) {
    console.error(`${name} is stale: run \`npm run generate\` and commit it.`);
    process.exitCode = 1;
  }
}

function currentText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
