import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const COLLECTOR_FOLDER = fileURLToPath(new URL('.', import.meta.url));
export const BUILDER_FILE = join(COLLECTOR_FOLDER, 'builder.yaml');

/** Folder of the build and of its program: named after builder.yaml's content, so that a changed file is a new build. */
export function collectorBuildFolder(): string {
  const hash = createHash('sha256').update(readFileSync(BUILDER_FILE)).digest('hex').slice(0, 12);
  return join(COLLECTOR_FOLDER, '..', '.cache', 'collector', hash);
}

/** Where `npm run collector:build` puts the Collector; it need not be there. */
export function collectorProgramPath(): string {
  return join(collectorBuildFolder(), 'seqpulse-otelcol');
}
