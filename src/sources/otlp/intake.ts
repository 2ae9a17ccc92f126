import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Accepted, createAcceptor } from './accept.ts';
import type { CustomInstruments } from './custom-instruments.ts';
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
  /** The project's environments, by name, and the instruments that its own metrics name. */
  readonly expectedOf: (
    projectId: string,
  ) => Promise<{ readonly envs: readonly string[]; readonly custom: CustomInstruments }>;
  readonly census: StreamCensus;
  readonly mostStreams: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Names of others that are kept of a resource, and characters of each. */
const MAX_OTHERS = 40;
const MAX_NAME = 63;

/** Points after which others get their turn: some ten milliseconds. */
const POINTS_A_TURN = 2_000;

/** Takes one export in: decoded, sorted and stored. Throws UnreadableBody; rejects as the database does. */
export async function takeIn(
  deps: IntakeDeps,
  request: { readonly projectId: string; readonly encoding: Encoding; readonly bytes: Uint8Array },
): Promise<Accepted> {
  const { projectId, encoding, bytes } = request;
  const { census, mostStreams, now } = deps;
  const { envs, custom } = await deps.expectedOf(projectId);
  const acceptor = createAcceptor({ projectId, envs, custom, census, mostStreams, nowMs: now() });
  const decode = encoding === 'json' ? decodeJson : decodeProtobuf;
  let sinceTurn = 0;
  const others = new Set<string>();
  const isKept = (name: string): boolean => {
    if (instrumentOf(name) !== undefined || custom.has(name)) return true;
    if (custom.size > 0 && others.size < MAX_OTHERS) others.add(name.slice(0, MAX_NAME).toWellFormed());
    return false;
  };
  for (const resource of decode(bytes, isKept)) {
    acceptor.add(resource, [...others].sort());
    others.clear();
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
