import type { Context } from 'koa';
import { CONTENT_TYPES, type Encoding, encodeStatus, encodeSuccess } from '../../sources/otlp/wire/answers.ts';
import { UnreadableBody } from '../../sources/otlp/wire/decoded.ts';
import type { HttpDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { logged } from '../middleware/problem.ts';
import type { RateLimits } from '../middleware/rate-limit.ts';
import { ERRORS, HttpProblem } from '../problems.ts';
import { createIntakeGate, type IntakeGate } from './gate.ts';
import { createPointLimit, type PointLimit } from './point-limit.ts';
import { expectedBytes, isPacked, MAX_UNPACKED_BYTES, readWire, withUnpacked } from './read-body.ts';

/** Codes of gRPC, which OTLP's errors carry over HTTP too. */
const GRPC_CODES: Readonly<Record<number, number>> = { 401: 16, 403: 7, 413: 3, 415: 3, 429: 8, 500: 13, 503: 14 };
const INVALID_ARGUMENT = 3;

/**
 * `POST /v1/metrics` as OTLP/HTTP has it, a world of its own: bodies in protobuf, larger and packed; answers and errors in
 * the encoding of the request; a limit of points. Who calls is found out as everywhere.
 */
export function createServeMetrics(
  deps: HttpDeps,
  limits: RateLimits,
): (ctx: Context, params: Readonly<Record<string, string>>) => Promise<void> {
  const gate = createIntakeGate();
  const points = createPointLimit(deps.otlp.pointsPerMinute);
  return async (ctx) => {
    const encoding = encodingOf(ctx);
    try {
      answer(ctx, 200, encoding ?? 'json', await receive({ deps, limits, gate, points }, ctx, encoding));
    } catch (error) {
      const problem = logged(deps.lifecycle.log, ctx, asProblem(error));
      const { status } = ERRORS[problem.code];
      ctx.set({ ...problem.headers });
      const code = GRPC_CODES[status] ?? INVALID_ARGUMENT;
      answer(ctx, status, encoding ?? 'json', encodeStatus(encoding ?? 'json', code, problem.message));
    }
  };
}

interface Receiving {
  readonly deps: HttpDeps;
  readonly limits: RateLimits;
  readonly gate: IntakeGate;
  readonly points: PointLimit;
}

async function receive(
  { deps, limits, gate, points }: Receiving,
  ctx: Context,
  encoding: Encoding | null,
): Promise<Buffer> {
  const { caller, limitKey } = await authenticate(deps, limits, 'ci', 'viewer', ctx);
  if (caller.kind !== 'project' || limitKey === null) throw new Error('a key is of a project');
  if (encoding === null) {
    throw new HttpProblem(
      'UNSUPPORTED_MEDIA_TYPE',
      'Send OTLP as application/x-protobuf or application/json (OTEL_EXPORTER_OTLP_PROTOCOL http/protobuf or http/json).',
    );
  }
  const packed = isPacked(ctx);
  const bytes = expectedBytes(ctx);
  await points.check(limitKey);
  const { leave } = gate.enter(bytes);
  try {
    const wire = await readWire(ctx);
    const { projectId } = caller;
    const takeIn = async (bytes: Buffer) => await deps.otlp.takeIn({ projectId, encoding, bytes });
    const accepted = await gate.alone(
      async () => await (packed ? withUnpacked(wire, MAX_UNPACKED_BYTES[encoding], takeIn) : takeIn(wire)),
    );
    const { keptPoints, rejectedPoints, reasons } = accepted;
    await points.count(limitKey, keptPoints + rejectedPoints);
    return encodeSuccess(encoding, { rejectedPoints, message: reasons.join('; ') });
  } finally {
    leave();
  }
}

/** null: neither of OTLP's. */
function encodingOf(ctx: Context): Encoding | null {
  const type = ctx.get('Content-Type').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : null;
}

function asProblem(error: unknown): unknown {
  return error instanceof UnreadableBody ? new HttpProblem('MALFORMED_REQUEST', sentence(error.message)) : error;
}

const sentence = (clause: string): string => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;

function answer(ctx: Context, status: number, encoding: Encoding, body: Buffer): void {
  ctx.status = status;
  ctx.body = body;
  ctx.set('Content-Type', CONTENT_TYPES[encoding]);
}
