import type { Logger } from 'pino';
import { createOutageNews } from '../log/outage-news.ts';
import type { Clock } from './clock.ts';

/** Something that is looked after regularly, by every replica. */
export interface Look {
  stop(): void;
  /** Resolves when none is under way. */
  idle(): Promise<void>;
}

/** One look at a time; those that fall due meanwhile are left out. What fails is told once, until it works again. */
export function startLook(options: {
  readonly clock: Clock;
  readonly log: Logger;
  /** Events are called `<what>_look_failed` and `<what>_look_recovered`. */
  readonly what: string;
  readonly everyMs: number;
  readonly paused: () => boolean;
  readonly work: () => Promise<unknown>;
}): Look {
  const { clock, log, what, everyMs, paused, work } = options;
  const news = createOutageNews(log, { failed: `${what}_look_failed`, recovered: `${what}_look_recovered` });
  let running: Promise<void> | null = null;

  async function once(): Promise<void> {
    try {
      await work();
      news.worked();
    } catch (error) {
      news.failed(error, `the look for what is due (${what}) failed`);
    }
  }

  const timer = clock.setInterval(() => {
    if (running !== null || paused()) return;
    running = once().finally(() => {
      running = null;
    });
  }, everyMs);
  return {
    stop: () => clock.clearInterval(timer),
    async idle() {
      await running;
    },
  };
}
