/** What is watched of a connection. */
export interface Watched {
  /** `idle`: nothing is under way, and it is in no transaction. */
  readonly idle: boolean;
  /** `performance.now()` when the server last answered something on it. */
  readonly answeredAtMs: number;
  drop(): void;
}

export interface SilenceWatch {
  add(connection: Watched): void;
  remove(connection: Watched): void;
  /** A statement has waited in vain for `waitedMs`. */
  timedOut(connection: Watched, waitedMs: number): void;
  /** A connection that is new has been answered: the server can be reached again. */
  reached(): void;
}

/**
 * Connections that die without a word (a failover behind a firewall, a network that swallows packets) die together, and
 * each would cost somebody the whole wait to find out. When a statement waited in vain, idle connections that have been
 * silent for as long are dropped with it: a new one is cheap. Those with something under way are dropped once a new
 * connection was answered and they still were not. One that has answered meanwhile is alive, and is left alone.
 */
export function createSilenceWatch(): SilenceWatch {
  const all = new Set<Watched>();
  const suspects = new Map<Watched, number>();
  return {
    add(connection) {
      all.add(connection);
    },
    remove(connection) {
      all.delete(connection);
      suspects.delete(connection);
    },
    timedOut(connection, waitedMs) {
      const sinceMs = performance.now() - waitedMs;
      for (const other of [...all]) {
        if (other === connection || other.answeredAtMs > sinceMs) continue;
        if (other.idle) other.drop();
        else suspects.set(other, other.answeredAtMs);
      }
    },
    reached() {
      for (const [suspect, answeredAtMs] of [...suspects]) if (suspect.answeredAtMs === answeredAtMs) suspect.drop();
      suspects.clear();
    },
  };
}
