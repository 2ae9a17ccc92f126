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
}

export interface WaitingRoom {
  /** null: as many wait as may. */
  enter(deploymentId: string, forMs: number): Waiter | null;
  /** Everybody who waits for this one may go. */
  tell(deploymentId: string): void;
  /** Whom somebody waits for. */
  awaited(): readonly string[];
  /** Everybody may go, and nobody waits any more. */
  close(): void;
}

/** Requests that wait hold no connection to the database, only a timer and a promise. */
export function createWaitingRoom(options: { readonly most: number; readonly timers: Timers }): WaitingRoom {
  const { most, timers } = options;
  const waiting = new Map<string, Set<() => void>>();
  let count = 0;
  let closed = false;

  function tell(deploymentId: string): void {
    for (const go of [...(waiting.get(deploymentId) ?? [])]) go();
  }

  return {
    tell,
    awaited: () => [...waiting.keys()],
    enter(deploymentId, forMs) {
      if (closed) return { over: Promise.resolve(), leave: () => {} };
      if (count >= most) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      const others = waiting.get(deploymentId) ?? new Set();
      const leave = () => {
        if (!others.delete(leave)) return;
        count -= 1;
        if (others.size === 0) waiting.delete(deploymentId);
        timers.clearTimeout(timer);
        resolve();
      };
      const timer = timers.setTimeout(leave, forMs);
      others.add(leave);
      waiting.set(deploymentId, others);
      count += 1;
      return { over: promise, leave };
    },
    close() {
      closed = true;
      for (const id of [...waiting.keys()]) tell(id);
    },
  };
}
