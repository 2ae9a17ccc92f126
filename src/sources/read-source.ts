import type { SecretBox } from '../data-folder/secret-box.ts';
import type { PrometheusCredentials, PrometheusSource, PullSource } from '../model/source.ts';
import { refusesSignature } from './http/failure-reason.ts';
import type { OtlpReader } from './otlp/reader.ts';
import type { PrometheusClient, PrometheusRequest } from './prometheus/client.ts';
import { openCredentials } from './prometheus/credentials.ts';
import type { TargetClient } from './pull/types.ts';
import type { ReadOptions, SourceReader, SourceReading } from './source.ts';

/** Milliseconds for one read in all (docs/contract.md, "What the application serves"). */
const READ_TIMEOUT_MS = 5_000;
/** Milliseconds for a test, which asks some thirty queries more when something is wrong. */
const EXAMINE_TIMEOUT_MS = 15_000;

export interface SourceReaderDeps {
  readonly target: TargetClient;
  readonly prometheus: PrometheusClient;
  readonly otlp: OtlpReader;
  readonly secretBox: SecretBox;
}

/**
 * The one place that unseals a source's secrets and sets its deadline; what a refusal means, its kind says. A further
 * kind of source is a folder beside pull/ and a case here.
 */
export function createSourceReader(deps: SourceReaderDeps): SourceReader {
  return {
    readNow: async (source, options) => await pull(deps, source, options),
    async readMinute(source, endMs, options = {}) {
      switch (source.kind) {
        case 'pull':
          return await pull(deps, source, options);
        case 'prometheus': {
          const { rollout, ...rest } = options;
          const reading = await deps.prometheus.minute(requestOf(deps, source, rest), endMs, rollout);
          return reading.outcome === 'ok' ? reading : { ...reading, refusesUs: false };
        }
        case 'otlp': {
          const reading = await deps.otlp.minute(source, endMs, options.rollout);
          return reading.outcome === 'ok' ? reading : { ...reading, refusesUs: false };
        }
      }
    },
    readSpan: async (source, span, options = {}) =>
      source.kind === 'otlp'
        ? await deps.otlp.span(source, span)
        : await deps.prometheus.span(requestOf(deps, source, options), span),
    readVersions: async (source, endMs, options = {}) =>
      source.kind === 'otlp'
        ? await deps.otlp.versions(source, endMs)
        : await deps.prometheus.versions(requestOf(deps, source, options), endMs),
    examine: async (source, endMs) =>
      source.kind === 'otlp'
        ? await deps.otlp.examine(source, endMs)
        : await deps.prometheus.examine(requestOf(deps, source, { timeoutMs: EXAMINE_TIMEOUT_MS }), endMs),
  };
}

async function pull(deps: SourceReaderDeps, source: PullSource, options: ReadOptions = {}): Promise<SourceReading> {
  const { projectId, url, sealedSecret } = source;
  const hmac = sealedSecret === null ? null : { secret: deps.secretBox.open(sealedSecret, projectId), projectId };
  const reading = await deps.target.read({ url, hmac, timeoutMs: READ_TIMEOUT_MS, ...options });
  if (reading.outcome === 'ok') return reading;
  return { ...reading, refusesUs: refusesSignature(reading.status, hmac !== null) };
}

function requestOf(deps: SourceReaderDeps, source: PrometheusSource, options: ReadOptions): PrometheusRequest {
  const credentials: PrometheusCredentials = openCredentials(deps.secretBox, source);
  return { settings: source.settings, credentials, timeoutMs: READ_TIMEOUT_MS, ...options };
}
