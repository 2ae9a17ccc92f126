import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/parse-config.ts';
import type { SecretBox } from '../data-folder/secret-box.ts';
import type { Database } from '../db/database.ts';
import type { Instruments } from '../model/telemetry.ts';
import { createNetwork, type Network } from '../sources/http/visit.ts';
import { createAddressPolicy } from '../sources/network/address-policy.ts';
import { createNameResolver, type NameResolver } from '../sources/network/names/name-resolver.ts';
import { createOtlpReader } from '../sources/otlp/reader.ts';
import { createPrometheusClient } from '../sources/prometheus/client.ts';
import { createTargetClient } from '../sources/pull/client.ts';
import { createSourceReader } from '../sources/read-source.ts';
import type { SourceReader } from '../sources/source.ts';
import { type OutgoingSettings, outgoingOf } from './outgoing.ts';

export interface OpenedSources extends AsyncDisposable {
  /** What was pushed is read through the database of whoever asks: a burst of jobs keeps no request waiting. */
  readonly sourcesOver: (db: Pick<Database, 'otlpPoints'>) => SourceReader;
  readonly names: NameResolver;
  /** For whatever else calls out: the same guard, the same names. */
  readonly network: Network;
}

/** One client for each kind of source, behind one guard and one resolver. Disposing waits for the reads that run. */
export function openSources(deps: {
  readonly config: Pick<Config, 'targetAllow'> & OutgoingSettings;
  readonly secretBox: SecretBox;
  readonly telemetry: Instruments;
  readonly log: Logger;
  readonly now: () => number;
}): OpenedSources {
  const { config, secretBox, telemetry, log, now } = deps;
  const opened = new AsyncDisposableStack();
  const names = createNameResolver({ log });
  opened.defer(() => names.close());
  const reached = {
    allow: createAddressPolicy(config.targetAllow),
    resolveHost: names.resolve,
    outgoing: outgoingOf(config),
    recordRead: (read: Parameters<Instruments['targetRead']>[0]) => telemetry.targetRead(read),
  };
  const target = createTargetClient({ ...reached, now, nonce: randomUUID });
  opened.defer(async () => await target.close());
  const prometheus = createPrometheusClient(reached);
  opened.defer(async () => await prometheus.close());
  return {
    sourcesOver: ({ otlpPoints }) =>
      createSourceReader({ target, prometheus, otlp: createOtlpReader({ points: otlpPoints, now }), secretBox }),
    names,
    network: createNetwork(reached),
    [Symbol.asyncDispose]: async () => await opened.disposeAsync(),
  };
}
