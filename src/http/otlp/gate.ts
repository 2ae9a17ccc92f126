import { HttpProblem } from '../problems.ts';

/** Bytes of bodies that are on their way through at the same time, as they came: six of the largest. */
const MAX_BYTES = 24 * 1024 * 1024;
/** Small ones cost a connection's wait all the same. */
const MAX_REQUESTS = 256;
/** Seconds after which a sender may try again: exporters wait longer with every try. */
const RETRY_AFTER_SECONDS = 5;

/** Who is let in, so that senders who come faster than the database stores fill no memory. */
export interface IntakeGate {
  /** Throws RATE_LIMITED when as much is under way as may be. */
  enter(bytes: number): { readonly leave: () => void };
  /** Runs one after the other: unpacked bodies are large. */
  alone<Value>(work: () => Promise<Value>): Promise<Value>;
}

export function createIntakeGate(): IntakeGate {
  let underWay = 0;
  let requests = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    enter(bytes) {
      if (requests >= MAX_REQUESTS || (requests > 0 && underWay + bytes > MAX_BYTES)) {
        throw new HttpProblem('RATE_LIMITED', 'More is being received than can be stored: try again shortly.', {
          headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) },
        });
      }
      underWay += bytes;
      requests += 1;
      return {
        leave: () => {
          underWay -= bytes;
          requests -= 1;
        },
      };
    },
    async alone(work) {
      const before = last;
      const { promise, resolve } = Promise.withResolvers<void>();
      last = promise;
      await before;
      try {
        return await work();
      } finally {
        resolve();
      }
    },
  };
}
