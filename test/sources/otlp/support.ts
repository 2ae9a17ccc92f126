import type { Export } from '../../../harness/otlp-bodies.ts';
import { toJson } from '../../../harness/otlp-bodies.ts';
import { type Accepted, createAcceptor } from '../../../src/sources/otlp/accept.ts';
import { instrumentOf } from '../../../src/sources/otlp/instruments.ts';
import type { PointsRow } from '../../../src/sources/otlp/points.ts';
import { readingsOf, spanOf } from '../../../src/sources/otlp/read.ts';
import { encodePoints } from '../../../src/sources/otlp/stored-points.ts';
import { createStreamCensus } from '../../../src/sources/otlp/stream-census.ts';
import { decodeJson } from '../../../src/sources/otlp/wire/decode-json.ts';

/** A full minute, epoch milliseconds. */
export const T0 = Date.parse('2026-01-01T12:00:00Z');
export const MINUTE_MS = 60_000;
export const isKept = (name: string) => instrumentOf(name) !== undefined;

/** What one export becomes, received as it was sent. */
export function accept(
  body: Export,
  {
    envs = ['prod'],
    mostStreams = 1_000,
    nowMs = T0 + 3_600_000,
  }: { envs?: string[]; mostStreams?: number; nowMs?: number } = {},
): Accepted {
  const acceptor = createAcceptor({
    projectId: 'project',
    envs,
    census: createStreamCensus(mostStreams),
    mostStreams,
    nowMs,
  });
  for (const resource of decodeJson(toJson(body), isKept)) acceptor.add(resource);
  return acceptor.done();
}

/** As they are stored. */
export function rowsOf(bodies: readonly Export[]): PointsRow[] {
  return bodies.flatMap((body) =>
    accept(body).rows.map(({ serviceName, serviceVersion, senders }) => ({
      serviceName,
      serviceVersion,
      points: encodePoints(senders),
    })),
  );
}

/** The samples of the `minutes` minutes up to `endMs`, read long after. */
export function readingsAt(bodies: readonly Export[], endMs: number, minutes: number) {
  return readingsOf(spanOf(rowsOf(bodies), { endMs, minutes, nowMs: endMs + 600_000 }));
}
