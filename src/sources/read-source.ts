import type { SecretBox } from '../data-folder/secret-box.ts';
import type { PullSource } from '../model/source.ts';
import { refusesSignature } from './pull/failure-reason.ts';
import type { TargetClient } from './pull/types.ts';
import type { ReadOptions, SourceReader, SourceReading } from './source.ts';

/** Milliseconds for one read in all (docs/contract.md, "What the application serves"). */
const READ_TIMEOUT_MS = 5_000;

export interface SourceReaderDeps {
  readonly target: TargetClient;
  readonly secretBox: SecretBox;
}

/**
 * The one place that unseals a source's secret and sets its deadline; what a refusal means, its kind says. A further
 * kind of source is a folder beside pull/ and a case here.
 */
export function createSourceReader(deps: SourceReaderDeps): SourceReader {
  return {
    async readNow(source, options = {}) {
      switch (source.kind) {
        case 'pull':
          return await pull(deps, source, options);
      }
    },
  };
}

async function pull(deps: SourceReaderDeps, source: PullSource, options: ReadOptions): Promise<SourceReading> {
  const { projectId, url, sealedSecret } = source;
  const hmac = sealedSecret === null ? null : { secret: deps.secretBox.open(sealedSecret, projectId), projectId };
  const reading = await deps.target.read({ url, hmac, timeoutMs: READ_TIMEOUT_MS, ...options });
  if (reading.outcome === 'ok') return reading;
  return { ...reading, refusesUs: refusesSignature(reading.status, hmac !== null) };
}
