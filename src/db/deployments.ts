import type { Queryable } from './connection/pool.ts';
import { createDeploymentEnd } from './deployments/end.ts';
import { createDeploymentObservation } from './deployments/observation.ts';
import { createDeploymentStart } from './deployments/start.ts';

export type { AnalysisContext } from './deployments/end.ts';
export type { CollectContext, CollectProgress, FinishContext } from './deployments/observation.ts';
export type { CollectionEnd, DeploymentState, EndedDeployment, PipelineResult } from './deployments/rows.ts';
export type { NewDeployment, StoredStarts, TriggerContext } from './deployments/start.ts';

/** The deployments table, a file for each step of the story; for lists and pages see deployments/reads.ts. */
/** @param unprepared the same connection, for statements over many rows: their plan hangs on how full the tables are. */
export function createDeployments(connection: Queryable, unprepared: Queryable) {
  return {
    ...createDeploymentStart(connection),
    ...createDeploymentObservation(connection, unprepared),
    ...createDeploymentEnd(connection),
  };
}
