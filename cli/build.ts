/** Writes cli/dist/seqpulse.js: the command line as one file without dependencies, for Node 20 and later. */
import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleText, writeBundle } from '../scripts/bundle.ts';

const path = fileURLToPath(new URL('dist/seqpulse.js', import.meta.url));
writeBundle(path, await bundleText({ entry: fileURLToPath(new URL('main.ts', import.meta.url)), isProgram: true }));
chmodSync(path, 0o755);
