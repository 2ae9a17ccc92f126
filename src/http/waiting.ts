import { earlyOf, idOf } from '../model/awaited.ts';

/** A clock's timers. */
export interface Timers {
  setTimeout(callback: () => void, ms: number): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: what setTimeout of the same clock gave.
  clearTimeout(timer: any): void;
}

/** One request that waits for a deployment's end. */
export interface Waiter<Answer> {
  /**
   * Resolves at the end with what was read for all who were told of it; with null when its time is over, when it left, when
   * the service stops or when reading failed: then it looks for itself.
   */
  readonly over: Promise<Answer | null>;
  /** Its client went away, or it need not wait. */
  leave(): void;
  /** Its answer is made: the next may go. */
  answered(): void;
}

export interface WaitingRoom<Answer> {
  /** null: as many wait as may. With `earlyOf` a deployment for an early verdict too. */
  enter(deploymentId: string, forMs: number): Waiter<Answer> | null;
  /** Everybody who waits for this one may go, so many at a time; with `earlyOf` it only who waits for an early verdict. */
  tell(deploymentId: string): void;
  /** Whom somebody waits for. */
  awaited(): readonly string[];
  /** Everybody may go, and nobody waits any more. */
  close(): void;
}

/**
 * Of those whose answer is read this many are answered at a time. Ten thousand at once keep everything else that the service
 * is asked for waiting for half a second, and one another: the durations of the route showed it (`npm run bench:waiting`).
 */
const AT_A_TIME = 8;

/**
 * Requests that wait hold no connection to the database, only a timer and a promise.
 *
 * waits ── told, its deployment read once for all, its turn ──▶ goes ── answered ──▶ gone
 * waits ── its time is over, its client is gone, close ──▶ gone
 */
export function createWaitingRoom<Answer>(options: {
  readonly most: number;
  readonly timers: Timers;
  /** What they are answered with, as it is now. */
  readonly read: (deploymentId: string) => Promise<Answer | null>;
  /** Calls back once what is under way has had its turn. */
  readonly nextTurn: (callback: () => void) => void;
}): WaitingRoom<Answer> {
  const { most, timers, read, nextTurn } = options;
  type Go = (answer: Answer | null) => boolean;
  /** All who are here, told or not. */
  const here = new Set<Go>();
  /** Not told yet, by what they wait for. */
  const waiting = new Map<string, Set<Go>>();
  /** Told, in the order in which their answers were read. */
  const queue = new Map<Go, Answer | null>();
  let going = 0;
  let closed = false;

  function letGo(): void {
    for (const [go, answer] of queue) {
      if (going >= AT_A_TIME) return;
      queue.delete(go);
      if (go(answer)) going += 1;
    }
  }

  async function answer(deploymentId: string, told: readonly Go[]): Promise<void> {
    // Who can't be given an answer looks for itself, and says what is wrong.
    const now = await read(deploymentId).catch(() => null);
    for (const go of told) if (here.has(go)) queue.set(go, now);
    letGo();
  }

  function tell(deploymentId: string): void {
    const told: Go[] = [];
    for (const name of [deploymentId, earlyOf(deploymentId)]) {
      told.push(...(waiting.get(name) ?? []));
      waiting.delete(name);
    }
    if (told.length > 0) void answer(idOf(deploymentId), told);
  }

  return {
    tell,
    awaited: () => [...waiting.keys()],
    enter(deploymentId, forMs) {
      if (closed) return { over: Promise.resolve(null), leave: () => {}, answered: () => {} };
      if (here.size >= most) return null;
      const { promise, resolve } = Promise.withResolvers<Answer | null>();
      let hasTurn = false;
      const end = (answer: Answer | null): boolean => {
        if (!here.delete(go)) return false;
        queue.delete(go);
        const others = waiting.get(deploymentId);
        others?.delete(go);
        if (others?.size === 0) waiting.delete(deploymentId);
        timers.clearTimeout(timer);
        resolve(answer);
        return true;
      };
      const go: Go = (answer) => {
        hasTurn = end(answer);
        return hasTurn;
      };
      const timer = timers.setTimeout(() => end(null), forMs);
      const others = waiting.get(deploymentId) ?? new Set();
      others.add(go);
      waiting.set(deploymentId, others);
      here.add(go);
      const answered = () => {
        if (!hasTurn) return;
        hasTurn = false;
        going -= 1;
        if (queue.size > 0) nextTurn(letGo);
      };
      const leave = () => {
        end(null);
        answered();
      };
      return { over: promise, leave, answered };
    },
    close() {
      closed = true;
      for (const go of here) go(null);
    },
  };
}
