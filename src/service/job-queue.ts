import type { Logger } from 'pino';
import { openBoss } from '../jobs/scheduler.ts';
import { type Connections, POOL_SIZES } from './connections.ts';
import type { DatabaseRoute } from './database-route.ts';
import type { ServiceOptions } from './options.ts';

interface JobQueueParts {
  readonly route: DatabaseRoute;
  readonly connections: Pick<Connections, 'schedulerSettings' | 'watch'>;
  readonly log: Logger;
  readonly clock: ServiceOptions['clock'];
}

/** The job queue on connections of its own, which keep their sessions; its workers start later. */
export async function openJobQueue({ route, connections, log, clock }: JobQueueParts): ReturnType<typeof openBoss> {
  return await openBoss({
    connectionString: route.directUrl,
    log,
    settings: connections.schedulerSettings,
    watch: connections.watch,
    max: POOL_SIZES.scheduler,
    ...(clock === undefined ? {} : { clock }),
  });
}
