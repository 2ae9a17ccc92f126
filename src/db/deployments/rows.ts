import type { DeploymentState, EndedDeployment } from '../../model/deployment.ts';
import type { DeploymentFacts } from '../../verdict/types.ts';
import type { TellEnd } from '../connection/tell-ends.ts';

/**
 * The condition "this one row, sought by its id, is in this state". Not `state = …`: that proves the predicate of the
 * partial indexes over running and finished deployments, and on tables without statistics yet (the first minute of an
 * installation) the planner takes such an index for the cheapest way to one id. A prepared statement keeps that plan,
 * and then walks over every running deployment.
 */
export const isInState = (state: DeploymentState): string => `state is not distinct from '${state}'`;

export interface EndedRow {
  id: string;
  pre_expected: number;
  post_expected: number | null;
}

export function toEnded(row: EndedRow): EndedDeployment {
  return { id: row.id, preExpected: row.pre_expected, postExpected: row.post_expected ?? 0 };
}

/** What a statement that ends a deployment returns: it is told of, where it has ended it. */
export function endOf(row: EndedRow | undefined, tellEnd: TellEnd): EndedDeployment | null {
  if (row === undefined) return null;
  tellEnd(row.id);
  return toEnded(row);
}

export interface FactsRow {
  instances_before: number | null;
  instances_after: number | null;
  traffic_share: number | null;
}

/** What finish said of the traffic of what is read. */
export function toFacts(row: FactsRow): DeploymentFacts {
  const { instances_before: before, instances_after: after, traffic_share: trafficShare } = row;
  return {
    ...(before === null || after === null ? {} : { instances: { before, after } }),
    ...(trafficShare === null ? {} : { trafficShare }),
  };
}
