import { createDeploymentEnd } from './deployment-end.ts';
import { createDeploymentObservation } from './deployment-observation.ts';
import { createDeploymentStart } from './deployment-start.ts';
import type { Queryable } from './pool.ts';

export type { AnalysisContext } from './deployment-end.ts';
export type { CollectContext, CollectProgress, FinishContext } from './deployment-observation.ts';
export type { NewDeployment, StoredStarts, TriggerContext } from './deployment-start.ts';
export type { CollectionEnd, DeploymentState, EndedDeployment, PipelineResult } from './deployment-state.ts';

/** The deployments table, a file for each step of the story; for lists and pages see deployment-reads.ts. */
/** @param unprepared the same connection, for statements over many rows: their plan hangs on how full the tables are. */
export function createDeployments(connection: Queryable, unprepared: Queryable) {
  return {
    ...createDeploymentStart(connection),
    ...createDeploymentObservation(connection, unprepared),
    ...createDeploymentEnd(connection),
  };
}
