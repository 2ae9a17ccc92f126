import type { Context, Middleware } from 'koa';
import type { Logger } from 'pino';
import { ERRORS, type ErrorCode, type FieldFault, HttpProblem } from '../problems.ts';

/** RFC 9457. No stack trace, SQL or internal address ever gets into one: only what errors.ts and its throwers say. */
export function problemDocument(code: ErrorCode, detail: string, faults: readonly FieldFault[] | null = null): object {
  const { status, title } = ERRORS[code];
  return {
    type: `urn:seqpulse:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail,
    code,
    ...(faults === null ? {} : { errors: faults }),
  };
}

/** The problem that an error is to a client; what is none of the client's doing is logged. */
export function logged(log: Logger, ctx: Context, error: unknown): HttpProblem {
  const problem = toProblem(error);
  if (problem.code === 'INTERNAL_ERROR') {
    log.error({ event: 'http_error', method: ctx.method, err: error }, 'request failed inside SeqPulse');
  } else if (problem.code === 'SERVICE_UNAVAILABLE') {
    log.warn({ event: 'http_unavailable', method: ctx.method, err: error }, 'the database does not serve');
  }
  ctx.state.problemCode = problem.code;
  return problem;
}

/** The one edge where errors become responses. */
export function problems(log: Logger): Middleware {
  return (ctx, next) => next().catch((error) => answerWithProblem(ctx, log, error));
}

function answerWithProblem(ctx: Context, log: Logger, error: unknown): void {
  const problem = logged(log, ctx, error);
  ctx.status = ERRORS[problem.code].status;
  ctx.set({ ...problem.headers });
  ctx.body = JSON.stringify(problemDocument(problem.code, problem.message, problem.faults));
  ctx.type = 'application/problem+json';
}

/** Only projects and deployments are referenced: one was deleted between the look at it and the statement. */
const FOREIGN_KEY_VIOLATION = '23503';

function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isDatabaseTrouble(error)) {
    return new HttpProblem('SERVICE_UNAVAILABLE', 'The database does not answer. Try again shortly.', {
      headers: { 'Retry-After': '5' },
    });
  }
  if ((error as { code?: unknown } | null)?.code === FOREIGN_KEY_VIOLATION) {
    return new HttpProblem('NOT_FOUND', 'What this request is about was deleted meanwhile.');
  }
  return new HttpProblem('INTERNAL_ERROR', 'Something went wrong inside SeqPulse. The request may be tried again.');
}

/**
 * Whether the database is away or out of resources, as opposed to a fault of ours. SQLSTATE classes: 08 connection,
 * 53 insufficient resources (disk full, too many connections), 57P server shutting down, 58 system error,
 * 25006 read-only (a failover under way), 57014 cancelled, 40P01 deadlock,
 * 40001 a conflict that went on. FATAL ends the session, so no statement
 * of ours was at fault: the password was changed, the database is closed for maintenance.
 */
function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  if (severity === 'FATAL' || severity === 'PANIC') return true;
  if (typeof code === 'string') {
    if (/^(08|53|57P|58)/.test(code) || ['25006', '25P03', '57014', '40P01', '40001'].includes(code)) return true;
    if (NETWORK_ERRORS.has(code)) return true;
  }
  // pg and pg-pool give these no code.
  return /timeout exceeded when trying to connect|timeout expired|none of the database’s hosts|the database does not answer|Query read timeout|Connection terminated|client has encountered a connection error|not queryable/i.test(
    error.message,
  );
}

const NETWORK_ERRORS: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);
