/** A clock's timers. */
export interface Timers {
  setTimeout(callback: () => void, ms: number): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: what setTimeout of the same clock gave.
  clearTimeout(timer: any): void;
}

/** One request that waits for a deployment's end. */
export interface Waiter {
  /** Resolves at the end, when its time is over, or when the service stops. */
  readonly over: Promise<void>;
  /** Its client went away, or it need not wait. */
  leave(): void;
  /** Its answer is made: the next may go. */
  answered(): void;
}

export interface WaitingRoom {
  /** null: as many wait as may. With `earlyOf` a deployment for an early verdict too. */
  enter(deploymentId: string, forMs: number): Waiter | null;
  /** Everybody who waits for this one may go, so many at a time; with `earlyOf` it only who waits for an early verdict. */
  tell(deploymentId: string): void;
  /** Whom somebody waits for. */
  awaited(): readonly string[];
  /** Everybody may go, and nobody waits any more. */
  close(): void;
}

/** Whoever waits for an early verdict of a deployment, as for its end. */
export const earlyOf = (deploymentId: string): string => `${deploymentId} early`;

/**
 * Of those who were told this many are answered at a time. Ten thousand at once kept everything else that the service is
 * asked for waiting for half a second, and one another: the p95 of the route's durations said .25 s.
 */
const AT_A_TIME = 100;

/**
 * Requests that wait hold no connection to the database, only a timer and a promise.
 *
 * waits ── told, and its turn ──▶ goes ── answered ──▶ gone; waits ── its time is over, its client is gone, close ──▶ gone
 */
export function createWaitingRoom(options: {
  readonly most: number;
  readonly timers: Timers;
  /** Calls back once what is under way has had its turn. */
  readonly nextTurn: (callback: () => void) => void;
}): WaitingRoom {
  const { most, timers, nextTurn } = options;
  const waiting = new Map<string, Set<() => void>>();
  /** Told, in the order in which they were. */
  const queue = new Set<() => boolean>();
  let count = 0;
  let going = 0;
  let closed = false;

  function letGo(): void {
    for (const go of queue) {
      if (going >= AT_A_TIME) return;
      queue.delete(go);
      if (go()) going += 1;
    }
  }

  function tell(deploymentId: string): void {
    for (const name of [deploymentId, earlyOf(deploymentId)]) {
      for (const told of waiting.get(name) ?? []) told();
      waiting.delete(name);
    }
    letGo();
  }

  return {
    tell,
    awaited: () => [...waiting.keys()],
    enter(deploymentId, forMs) {
      if (closed) return { over: Promise.resolve(), leave: () => {}, answered: () => {} };
      if (count >= most) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      let isHere = true;
      let hasTurn = false;
      const leave = (): boolean => {
        if (!isHere) return false;
        isHere = false;
        count -= 1;
        queue.delete(go);
        const others = waiting.get(deploymentId);
        others?.delete(told);
        if (others?.size === 0) waiting.delete(deploymentId);
        timers.clearTimeout(timer);
        resolve();
        return true;
      };
      const go = (): boolean => {
        hasTurn = leave();
        return hasTurn;
      };
      const told = () => queue.add(go);
      const timer = timers.setTimeout(leave, forMs);
      const others = waiting.get(deploymentId) ?? new Set();
      others.add(told);
      waiting.set(deploymentId, others);
      count += 1;
      const answered = () => {
        if (!hasTurn) return;
        hasTurn = false;
        going -= 1;
        if (queue.size > 0) nextTurn(letGo);
      };
      return { over: promise, leave, answered };
    },
    close() {
      closed = true;
      for (const id of [...waiting.keys()]) tell(id);
      for (const go of queue) go();
    },
  };
}
