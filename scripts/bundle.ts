import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { rolldown } from 'rolldown';

/** The oldest Node that a bundle runs on. */
const OLDEST_NODE = 'node20';

/** One JavaScript file of a program and all that it imports; throws where something is left to be found at run time. */
export async function bundleText(input: { readonly entry: string; readonly isProgram: boolean }): Promise<string> {
  const built = await rolldown({
    input: input.entry,
    platform: 'node',
    transform: { target: OLDEST_NODE },
    onLog(_, log) {
      throw new Error(log.message);
    },
  });
  const { output } = await built.generate({
    format: 'esm',
    comments: false,
    ...(input.isProgram ? { banner: '#!/usr/bin/env node' } : {}),
  });
  await built.close();
  const [chunk, ...more] = output;
  if (more.length > 0) throw new Error('a bundle is one file');
  const foreign = chunk.imports.filter((name) => !name.startsWith('node:'));
  if (foreign.length > 0) throw new Error(`${input.entry} leaves ${foreign.join(', ')} to be found`);
  return chunk.code;
}

export function writeBundle(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
