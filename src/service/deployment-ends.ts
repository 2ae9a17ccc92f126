import type { Logger } from 'pino';
import { startListener } from '../db/connection/listener.ts';
import { connectSession } from '../db/connection/session-client.ts';
import type { Database } from '../db/database.ts';
import { earlyOf, type WaitingRoom } from '../http/waiting.ts';

const CHANNEL = 'seqpulse_deployment_end';
/** Each for connecting, for setting up and for the one statement: a server that falls silent in between is left, too. */
const ANSWER_TIMEOUT_MS = 3_000;
/** How often the table is asked for whom somebody waits: while nothing is told, and besides, for what was lost on the way. */
const LOOK_MS = 1_000;
const LOOKS_WHILE_TOLD = 10;

/** Tells the waiting room of every deployment that ends, on any replica, by one connection that listens. */
export function watchDeploymentEnds(input: {
  readonly directUrl: string;
  readonly db: Database;
  readonly room: WaitingRoom;
  readonly log: Logger;
}): AsyncDisposable {
  const { directUrl, db, room, log } = input;
  const listener = startListener({
    connect: async () =>
      await connectSession({
        connectionString: directUrl,
        applicationName: 'seqpulse listen',
        timeoutMs: ANSWER_TIMEOUT_MS,
        queryTimeoutMs: ANSWER_TIMEOUT_MS,
      }),
    channel: CHANNEL,
    onPayload: room.tell,
    log,
  });
  let looks = 0;
  let looking = false;

  async function look(): Promise<void> {
    const awaited = room.awaited();
    looks += 1;
    if (looking || awaited.length === 0 || (listener.listening() && looks % LOOKS_WHILE_TOLD !== 0)) return;
    looking = true;
    try {
      const ids = [...new Set(awaited.map((name) => name.split(' ')[0] ?? name))];
      for (const id of await db.deploymentReads.findEnded(ids)) room.tell(id);
      const early = ids.filter((id) => awaited.includes(earlyOf(id)));
      if (early.length === 0) return;
      for (const id of await db.preliminaries.findOf(early)) room.tell(earlyOf(id));
    } catch (error) {
      log.debug({ event: 'ends_look_failed', err: error }, 'ends of deployments could not be asked for');
    } finally {
      looking = false;
    }
  }

  const timer = setInterval(() => void look(), LOOK_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await listener.close();
    },
  };
}
