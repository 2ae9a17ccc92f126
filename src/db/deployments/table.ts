import type { Queryable } from '../connection/pool.ts';
import type { TellEnd } from '../connection/tell-ends.ts';
import type { Shards } from '../shards/shards.ts';
import { createDetectedDeployments } from './detected.ts';
import { createDeploymentEnd } from './end.ts';
import { createDeploymentObservation } from './observation.ts';
import { createDeploymentStart } from './start.ts';
import { createDeploymentTakeOver } from './take-over.ts';
import { createTriggerContexts } from './trigger-context.ts';

/**
 * The deployments table, a file for each step of the story; lists and pages read through reads.ts.
 * @param unprepared the same connection, for statements over many rows: their plan hangs on how full the tables are.
 * @param tellEnd takes the ids of those that end, to be told once that is committed.
 */
export function createDeployments(connection: Queryable, unprepared: Queryable, shards: Shards, tellEnd: TellEnd) {
  return {
    ...createTriggerContexts(connection, shards),
    ...createDeploymentStart(connection, shards),
    ...createDeploymentTakeOver(connection, shards, tellEnd),
    ...createDetectedDeployments(connection, shards),
    ...createDeploymentObservation(connection, unprepared, shards),
    ...createDeploymentEnd(connection, unprepared, shards, tellEnd),
  };
}
