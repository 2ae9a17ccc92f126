import type { Logger } from 'pino';

/** Tells when something begins to fail and when it works again, whatever happens every second in between. */
export function createOutageNews(log: Logger, events: { readonly failed: string; readonly recovered: string }) {
  let failing = false;
  return {
    worked(): void {
      if (failing) log.info({ event: events.recovered }, 'it works again');
      failing = false;
    },
    failed(error: unknown, message: string): void {
      if (!failing) log.warn({ event: events.failed, err: error }, message);
      failing = true;
    },
  };
}
