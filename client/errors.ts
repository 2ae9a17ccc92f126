import type { ProblemShape } from './types.ts';

/** The service answered with an error: what it says is safe to show. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** The service's own word; null when something in between answered (a proxy's HTML page). */
  readonly code: string | null;
  /** Seconds, from Retry-After; null when it did not say. */
  readonly retryAfterSeconds: number | null;

  constructor(request: string, status: number, problem: Partial<ProblemShape> | null, retryAfter: string | null) {
    const faults = (problem?.errors ?? []).map(({ path, message }) => `${path}: ${message}`).join('; ');
    const said = [problem?.detail ?? `it answered ${status}`, faults].filter(Boolean).join(' ');
    super(`${request}: ${said}`);
    this.status = status;
    this.code = problem?.code ?? null;
    const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
    this.retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
  }
}

/** Nobody answered: refused, reset, no such name, or not in time. `message` is one line without the key. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}
