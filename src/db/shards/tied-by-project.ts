/**
 * The tables that are distributed by project (deploy/citus/distribute.sql, docs/decisions/0017): all rows of a project lie on one
 * shard.
 */
export const BY_PROJECT = [
  'deployments',
  'samples',
  'deployment_baselines',
  'verdicts',
  'verdict_feedback',
  'failed_reads',
  'preliminary_verdicts',
  'late_looks',
  'late_checks',
  'detections',
  'otlp_points',
] as const;

const ALIASES = new RegExp(
  String.raw`\b(?:from|join|update)\s+seqpulse\.(?:${BY_PROJECT.join('|')})\s+(?:as\s+)?(\w+)`,
  'g',
);
const TIE = /\b(\w+)\.(?:deployment_id|id) = (\w+)\.(?:deployment_id|id)\b/g;

/**
 * A statement in which rows that are tied to their deployment by its id are tied by its project as well: so a distributed
 * database sees that they lie on the deployment's shard. On one PostgreSQL that would say nothing new, and be wrong of rows from
 * before there was the column; so it is done where it is asked for.
 */
export function tiedByProject(statement: string): string {
  const aliases = new Set([...statement.matchAll(ALIASES)].map(([, alias]) => alias));
  return statement.replaceAll(TIE, (tie, one: string, other: string) =>
    aliases.has(one) && aliases.has(other) ? `${tie} and ${one}.project_id = ${other}.project_id` : tie,
  );
}
