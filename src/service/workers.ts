import type { ClockWatch } from '../health/clock-watch.ts';
import type { Clock } from '../jobs/clock.ts';
import { DEFAULT_SIZING } from '../jobs/queues.ts';
import { startWorkers, type Workers } from '../jobs/scheduler.ts';
import type { Connections } from './connections.ts';
import type { ServiceOptions } from './options.ts';

type Boss = Parameters<typeof startWorkers>[0];
type WorkerDeps = Parameters<typeof startWorkers>[1];

/** From here on jobs are fetched, which asks the database twice a second: its silence means something. */
export async function openWorkers(
  { config, sizing = DEFAULT_SIZING }: Pick<ServiceOptions, 'config' | 'sizing'>,
  parts: {
    readonly boss: Boss;
    readonly deps: WorkerDeps;
    readonly connections: Pick<Connections, 'jobs' | 'watch'>;
    readonly clock: Clock;
    readonly time: ClockWatch;
  },
): Promise<Workers> {
  const { boss, deps, connections, clock, time } = parts;
  const workers = await startWorkers(boss, deps, {
    sizing,
    retentionDays: config.retentionDays,
    auditDays: config.auditDays,
    clock,
    connections: connections.jobs,
    paused: () => time.state() === 'wrong' || time.jumped(),
  });
  connections.watch.begin();
  return workers;
}
