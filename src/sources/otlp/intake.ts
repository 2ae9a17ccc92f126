import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Accepted, createAcceptor } from './accept.ts';
import { instrumentOf } from './instruments.ts';
import { encodePoints } from './stored-points.ts';
import type { StreamCensus } from './stream-census.ts';
import type { Encoding } from './wire/answers.ts';
import { decodeJson } from './wire/decode-json.ts';
import { decodeProtobuf } from './wire/decode-protobuf.ts';

/** A row as it is stored: once, however often it is sent. */
export interface NewPointsRow {
  readonly projectId: string;
  readonly env: string;
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** Start of the ten seconds that its points lie in, epoch milliseconds. */
  readonly atMs: number;
  readonly points: Uint8Array;
}

export interface IntakeDeps {
  /** Resolves when they are stored. */
  readonly store: (rows: readonly NewPointsRow[]) => Promise<void>;
  /** The project's environments, by name. */
  readonly environmentsOf: (projectId: string) => Promise<readonly string[]>;
  readonly census: StreamCensus;
  readonly mostStreams: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Points after which others get their turn: some ten milliseconds. */
const POINTS_A_TURN = 2_000;

/** Takes one export in: decoded, sorted and stored. Throws UnreadableBody; rejects as the database does. */
export async function takeIn(
  deps: IntakeDeps,
  request: { readonly projectId: string; readonly encoding: Encoding; readonly bytes: Uint8Array },
): Promise<Accepted> {
  const { projectId, encoding, bytes } = request;
  const { census, mostStreams, now } = deps;
  const envs = await deps.environmentsOf(projectId);
  const acceptor = createAcceptor({ projectId, envs, census, mostStreams, nowMs: now() });
  const decode = encoding === 'json' ? decodeJson : decodeProtobuf;
  let sinceTurn = 0;
  for (const resource of decode(bytes, (name) => instrumentOf(name) !== undefined)) {
    acceptor.add(resource);
    sinceTurn += resource.metrics.reduce((sum, { points }) => sum + points.length, 0);
    if (sinceTurn < POINTS_A_TURN) continue;
    sinceTurn = 0;
    await nextTurn();
  }
  const accepted = acceptor.done();
  const rows = accepted.rows.map(({ senders, ...row }) => ({ ...row, projectId, points: encodePoints(senders) }));
  if (rows.length > 0) await deps.store(rows);
  return accepted;
}
