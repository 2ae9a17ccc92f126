export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** A terminal that is closed sends SIGHUP: without a handler Node would end there and then. */
const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/**
 * npm hands on what the terminal has already sent to the whole process group: one Ctrl-C arrives twice within
 * milliseconds.
 */
const SAME_REQUEST_MS = 500;

/** Exit code of a program that a signal has ended, as shells report it. */
export const SIGNAL_EXIT_CODES: Readonly<Record<StopSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * The first signal asks for an orderly stop; one that comes after that means that nobody wants to wait for it. A signal
 * is the same request again when it comes within half a second.
 */
export function onStopSignals(handlers: {
  readonly first: (signal: StopSignal) => void;
  readonly again: (signal: StopSignal) => void;
}): void {
  let firstAtMs: number | null = null;
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      const nowMs = performance.now();
      if (firstAtMs === null) {
        firstAtMs = nowMs;
        handlers.first(signal);
      } else if (nowMs - firstAtMs > SAME_REQUEST_MS) handlers.again(signal);
    });
  }
}
