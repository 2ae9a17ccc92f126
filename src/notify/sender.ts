import { createOutageNews } from '../log/outage-news.ts';
import type { Channel, OutboxMessage } from '../model/notification.ts';
import { deliver } from './deliver.ts';
import type { NotifyDeps } from './deps.ts';

/** How often the outbox is looked at: half of what a message may be held up by others. */
const LOOK_MS = 500;
/** Longer than the slowest attempt may take (mail, 20 s): after it whoever claimed a message counts as dead. */
export const CLAIM_MS = 30_000;
/** Of one channel at a time, over all replicas: a receiver that hangs holds so many connections, and no more. */
const PER_CHANNEL = { working: 4, failing: 1 } as const;
/** On their way from this process. Reached only when more receivers hang at once than an installation has channels. */
const MAX_SENDING = 200;

export interface SenderDeps extends NotifyDeps {
  readonly timers: { setInterval(run: () => void, ms: number): unknown; clearInterval(handle: unknown): void };
  /** Whether this replica should send nothing for now: its clock is wrong, and signatures hold the time. */
  readonly paused: () => boolean;
}

export interface Sender {
  /** Resolves when nothing is on its way. */
  idle(): Promise<void>;
  /** Takes nothing more; what is on its way may arrive for `graceSeconds`, then it is given back. */
  stop(graceSeconds: number): Promise<void>;
}

/**
 * Sends what is in the outbox. Not jobs of the queue: a message's tries are spread over a day, and those of one channel
 * must not wait behind another's.
 */
export function startSender(deps: SenderDeps): Sender {
  const { db, timers, now } = deps;
  const shutdown = new AbortController();
  const sending = new Set<Promise<void>>();
  const news = createOutageNews(deps.log, { failed: 'outbox_look_failed', recovered: 'outbox_look_recovered' });
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  let isStopping = false;

  function look(): void {
    if (isStopping || deps.paused()) return;
    if (looking !== null) {
      lookAgain = true;
      return;
    }
    looking = take().finally(() => {
      looking = null;
      if (!lookAgain) return;
      lookAgain = false;
      look();
    });
  }

  async function take(): Promise<void> {
    const limit = MAX_SENDING - sending.size;
    if (limit <= 0) return;
    try {
      const nowMs = now();
      const claimed = await db.outbox.claim({
        now: new Date(nowMs),
        until: new Date(nowMs + CLAIM_MS),
        perChannel: PER_CHANNEL,
        limit,
      });
      if (claimed.length > 0) {
        const channels = await db.channels.findMany([...new Set(claimed.map(({ channelId }) => channelId))]);
        for (const message of claimed) start(message, channels.get(message.channelId));
      }
      news.worked();
    } catch (error) {
      news.failed(error, 'the outbox can not be looked at');
    }
  }

  function start(message: OutboxMessage, channel: Channel | undefined): void {
    // Deleted meanwhile, and the message with it.
    if (channel === undefined) return;
    const one = send(message, channel).finally(() => {
      sending.delete(one);
      // The channel's next one may go.
      look();
    });
    sending.add(one);
  }

  async function send(message: OutboxMessage, channel: Channel): Promise<void> {
    try {
      await deliver(deps, message, channel, shutdown.signal);
    } catch (error) {
      if (shutdown.signal.aborted) {
        await db.outbox.release(message.id, new Date(now())).catch(() => {});
        return;
      }
      // It is due again when the claim ends; its receiver will know it by its id.
      deps.log.error(
        { event: 'notification_not_stored', message_id: message.id, err: error },
        'what came of a message could not be stored',
      );
    }
  }

  async function idle(): Promise<void> {
    while (looking !== null || sending.size > 0) await Promise.allSettled([looking, ...sending]);
  }

  const timer = timers.setInterval(look, LOOK_MS);
  return {
    idle,
    async stop(graceSeconds) {
      isStopping = true;
      timers.clearInterval(timer);
      const giveBack = setTimeout(() => shutdown.abort(new Error('the service stops')), graceSeconds * 1000);
      try {
        await idle();
      } finally {
        clearTimeout(giveBack);
      }
    },
  };
}
