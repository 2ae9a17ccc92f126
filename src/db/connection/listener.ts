import type pg from 'pg';
import type { Logger } from 'pino';

/** Milliseconds between a connection that was lost and the next try. */
const RECONNECT_MS = 1_000;

export interface Listener {
  /** Whether notifications arrive now. */
  listening(): boolean;
  close(): Promise<void>;
}

/**
 * Keeps one connection that listens on `channel`. While it is away (an outage, a pooler that hands sessions around)
 * nothing arrives and nothing is caught up: who listens asks the tables as well.
 */
export function startListener(input: {
  readonly connect: () => Promise<pg.Client>;
  readonly channel: string;
  readonly onPayload: (payload: string) => void;
  readonly log: Logger;
}): Listener {
  const { connect, channel, onPayload, log } = input;
  let client: pg.Client | null = null;
  let closed = false;
  let failing = false;
  let timer: NodeJS.Timeout | null = null;
  let opening: Promise<void> = open();

  async function open(): Promise<void> {
    let opened: pg.Client | null = null;
    try {
      opened = await connect();
      opened.once('end', lost);
      opened.on('notification', ({ payload }) => onPayload(payload ?? ''));
      await opened.query(`listen ${channel}`);
      if (failing) log.info({ event: 'listen_recovered' }, 'ends of deployments are told at once again');
      failing = false;
      client = opened;
    } catch (error) {
      if (!failing) log.warn({ event: 'listen_failed', err: error }, 'ends of deployments are asked for, not told');
      failing = true;
      // Its end, should it still come, finds the next try set already.
      void opened?.end().catch(() => {});
      later();
    }
  }

  function lost(): void {
    client = null;
    later();
  }

  function later(): void {
    if (closed || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      opening = open();
    }, RECONNECT_MS);
  }

  return {
    listening: () => client !== null,
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      await opening;
      await client?.end();
    },
  };
}
