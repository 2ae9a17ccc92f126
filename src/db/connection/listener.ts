import type pg from 'pg';
import type { Logger } from 'pino';

/** Milliseconds between a connection that was lost and the next try. */
const RECONNECT_MS = 1_000;
/** Milliseconds for a server to take leave; one that is silent would keep a stop waiting. */
const GOODBYE_MS = 1_000;

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
  /** Must end by itself, and so must the statements of what it gives: nobody else ends a wait for a silent server. */
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
      const mine = opened;
      let hasEnded = false;
      mine.once('end', () => {
        hasEnded = true;
        lost(mine);
      });
      mine.on('notification', ({ payload }) => onPayload(payload ?? ''));
      await mine.query(`listen ${channel}`);
      if (hasEnded) throw new Error('the connection ended');
      if (failing) log.info({ event: 'listen_recovered' }, 'ends of deployments are told at once again');
      failing = false;
      client = mine;
    } catch (error) {
      if (!failing) log.warn({ event: 'listen_failed', err: error }, 'ends of deployments are asked for, not told');
      failing = true;
      if (opened !== null) void leave(opened);
      later();
    }
  }

  /** One that was given up may end long after another took its place: only the one that listens is missed. */
  function lost(which: pg.Client): void {
    if (client !== which) return;
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
      const last = client;
      client = null;
      if (last !== null) await leave(last);
    },
  };
}

async function leave(client: pg.Client): Promise<void> {
  const cut = setTimeout(() => client.connection.stream.destroy(), GOODBYE_MS);
  await client.end().catch(() => {});
  clearTimeout(cut);
}
