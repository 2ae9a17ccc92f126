import type { Logger } from 'pino';
import { createFindDeployment } from '../batching/find-deployments.ts';
import type { Config } from '../config/parse-config.ts';
import { startListener } from '../db/connection/listener.ts';
import { connectSession } from '../db/connection/session-client.ts';
import { ENDS_CHANNEL } from '../db/connection/tell-ends.ts';
import type { Database } from '../db/database.ts';
import type { HttpDeps } from '../http/deps.ts';
import { createWaitingRoom, type Timers, type WaitingRoom } from '../http/waiting.ts';
import { earlyOf, idOf } from '../model/awaited.ts';

/** Each for connecting, for setting up and for the one statement: a server that falls silent in between is left, too. */
const ANSWER_TIMEOUT_MS = 3_000;
/**
 * How often the table is asked for whom somebody waits: while nothing is told, and besides, for what was lost on the way
 * (its teller died between the commit and the telling).
 */
const LOOK_MS = 1_000;
const LOOKS_WHILE_TOLD = 10;

/** Tells the waiting room of every deployment that ends, on any replica, by one connection that listens. */
export function watchDeploymentEnds(input: {
  readonly directUrl: string;
  readonly db: Database;
  readonly room: WaitingRoom<unknown>;
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
    channel: ENDS_CHANNEL,
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
      const ids = [...new Set(awaited.map(idOf))];
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

/** Where requests wait for deployments to end, and how many find one at once; told of ends until it is disposed of. */
export function openWaitingRoom(input: {
  readonly config: Pick<Config, 'maxWaitingRequests'>;
  readonly timers: Timers;
  readonly directUrl: string;
  readonly db: Database;
  readonly log: Logger;
}): AsyncDisposable & { readonly rooms: Pick<HttpDeps, 'waiting' | 'findDeployment'> } {
  const { config, timers, directUrl, db, log } = input;
  const findDeployment = createFindDeployment(db);
  const most = config.maxWaitingRequests;
  const waiting = createWaitingRoom({ most, timers, read: findDeployment, nextTurn: setImmediate });
  const watch = watchDeploymentEnds({ directUrl, db, room: waiting, log });
  return { rooms: { waiting, findDeployment }, [Symbol.asyncDispose]: async () => await watch[Symbol.asyncDispose]() };
}
