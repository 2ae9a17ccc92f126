/** Writes action/dist/index.js, which GitHub's runner starts as it is, or with --check says whether it is current. */
import { fileURLToPath } from 'node:url';
import { bundleText } from '../scripts/bundle.ts';
import { writeOrCheck } from '../scripts/generated-file.ts';

const entry = fileURLToPath(new URL('main.ts', import.meta.url));
writeOrCheck('action/dist/index.js', await bundleText({ entry, isProgram: false }));
