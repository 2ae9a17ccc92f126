import { setTimeout as sleep } from 'node:timers/promises';
import type { BaselineSweep } from '../baseline/sweep.ts';
import type { Config } from '../config/parse-config.ts';
import type { HealthProbe } from '../health/probe.ts';
import type { HttpServer } from '../http/server.ts';
import type { WaitingRoom } from '../http/waiting.ts';
import type { Workers } from '../jobs/scheduler.ts';
import type { Sender } from '../notify/sender.ts';

/** Seconds that running requests and jobs get at a shutdown; a read takes at most 5. All in all under 10. */
export const GRACE_SECONDS = 7;

/** Says that it stops, finishes what runs, gives the rest back, then closes what was opened, the last first. */
export async function stopInOrder(running: {
  readonly config: Pick<Config, 'shutdownDelaySeconds'>;
  readonly health: HealthProbe;
  readonly waiting: WaitingRoom<unknown>;
  readonly server: HttpServer;
  readonly workers: Workers;
  readonly sweep: BaselineSweep;
  readonly sender: Sender;
  readonly rest: AsyncDisposableStack;
}): Promise<void> {
  const { config, health, waiting, server, workers, sweep, sender, rest } = running;
  health.startDraining();
  // Closed at once, a probe would meet a refused connection and never the 503 that it looks for.
  await sleep(config.shutdownDelaySeconds * 1000);
  waiting.close();
  // Side by side: a slow request must not use up the jobs' share of the time, or the other way round.
  await Promise.all([
    server.close(GRACE_SECONDS),
    workers.stop(GRACE_SECONDS),
    sweep.stop(),
    sender.stop(GRACE_SECONDS),
  ]);
  await rest.disposeAsync();
}
