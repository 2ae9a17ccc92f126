/** What is watched of a connection. */
export interface Watched {
  /** Nothing is under way, and it is in no transaction. */
  readonly idle: boolean;
  /** `performance.now()` since when it waits for an answer, connecting included; null: it does not. */
  readonly waitingSinceMs: number | null;
  /** `performance.now()` when the server last answered something on it. */
  readonly answeredAtMs: number;
  drop(): void;
}

export interface SilenceWatch {
  add(connection: Watched): void;
  remove(connection: Watched): void;
  /** From now on something is asked twice a second: before, one slow statement of the start is all that is under way. */
  begin(): void;
  /** Since nobody was answered for too long, until somebody is. */
  readonly silent: boolean;
  /** Calls once when silence begins; the returned function forgets it. */
  onSilence(call: () => void): () => void;
  /** Something was sent. */
  asked(): void;
  answered(): void;
  /** A statement has waited in vain for `waitedMs`, while others were answered. */
  timedOut(connection: Watched, waitedMs: number): void;
}

/** No answer on any connection for so long, though one is due: the server, or the way to it, is gone. */
const SILENT_MS = 2_000;
/** While that lasts nobody waits longer than this. */
const PATIENCE_MS = 800;
const CHECK_MS = 200;
/** A check that comes so late says that this process stood still: answers may lie unread. */
const LATE_MS = 800;

/**
 * Connections that die without a word (a failover behind a firewall, a network that swallows packets, a server that is
 * stopped) die together, and each by itself would cost somebody the whole wait to find out. A statement may take its time
 * as long as others are answered, and on a healthy database some always are: what is due is asked for twice a second.
 * When none is, all are dropped together, and whoever waits is told.
 */
export function createSilenceWatch(): SilenceWatch {
  const all = new Set<Watched>();
  const calls = new Set<() => void>();
  let answeredAtMs = performance.now();
  let silent = false;
  let hasBegun = false;
  let timer: NodeJS.Timeout | null = null;
  let checkedAtMs = 0;

  function check(): void {
    const nowMs = performance.now();
    const late = nowMs - checkedAtMs > CHECK_MS + LATE_MS;
    checkedAtMs = nowMs;
    const waiting = [...all].filter(({ waitingSinceMs }) => waitingSinceMs !== null);
    if (waiting.length === 0) {
      if (timer !== null) clearInterval(timer);
      timer = null;
      return;
    }
    if (late || !hasBegun) return;
    const oldestMs = Math.min(...waiting.map(({ waitingSinceMs }) => waitingSinceMs ?? nowMs));
    const begins = !silent && nowMs - Math.max(answeredAtMs, oldestMs) >= SILENT_MS;
    silent ||= begins;
    if (!silent) return;
    if (begins) for (const call of [...calls]) call();
    for (const connection of all) {
      const { waitingSinceMs } = connection;
      if (waitingSinceMs === null ? begins : nowMs - waitingSinceMs >= PATIENCE_MS) connection.drop();
    }
  }

  return {
    get silent() {
      return silent;
    },
    onSilence(call) {
      calls.add(call);
      return () => calls.delete(call);
    },
    add(connection) {
      all.add(connection);
    },
    remove(connection) {
      all.delete(connection);
    },
    begin() {
      hasBegun = true;
      answeredAtMs = performance.now();
    },
    asked() {
      if (timer !== null) return;
      checkedAtMs = performance.now();
      timer = setInterval(check, CHECK_MS);
      timer.unref();
    },
    answered() {
      answeredAtMs = performance.now();
      silent = false;
    },
    timedOut(connection, waitedMs) {
      const sinceMs = performance.now() - waitedMs;
      for (const other of [...all]) {
        if (other !== connection && other.idle && other.answeredAtMs <= sinceMs) other.drop();
      }
    },
  };
}
