import type { NewDeployment, StoredStarts } from '../../model/deployment-start.ts';
import type { Queryable } from '../connection/pool.ts';
import { LOCK_NUMBERS } from '../shards/project-lock.ts';
import { NEW_COLUMNS, NEW_LISTS, NEW_PARAMETERS, newValues } from './new-deployments.ts';
import { type EndedRow, toEnded } from './rows.ts';

const PROJECT = `$${NEW_PARAMETERS + 1}::uuid`;

const INSERT = `
  insert into seqpulse.deployments (project_id, number, state, ${NEW_COLUMNS})
  select ${PROJECT}, (select coalesce(max(n.number), 0) from seqpulse.deployments n where n.project_id = ${PROJECT})
           + row_number() over (order by w.position), 'running', ${NEW_COLUMNS}
  from unnest(${NEW_LISTS}) with ordinality as w (${NEW_COLUMNS}, position)
  where exists (select from seqpulse.projects p where p.id = ${PROJECT})
    and not exists (select from seqpulse.deployments d
      where d.project_id = ${PROJECT} and d.env = w.env and d.state = 'running')
    and not exists (select from seqpulse.deployments d
      where d.project_id = ${PROJECT} and d.env = w.env and d.idempotency_key = w.idempotency_key)
  on conflict do nothing returning id, number`;

const SUPERSEDE = `
  update seqpulse.deployments d
  set superseded_by = r.id, collection_ended = coalesce(d.collection_ended, 'superseded'), post_settled = d.post_expected
  from seqpulse.deployments r
  where d.project_id = $1 and r.project_id = $1 and r.id = any($2::uuid[]) and r.env = d.env
    and d.state = 'finished' and d.superseded_by is null
  returning d.id, d.pre_expected, d.post_expected`;

/**
 * As `insertRunning` of start.ts, for tables that are distributed by project: statements a project, each of which meets its shard
 * alone, and numbers that come from the deployments themselves. It always waits for whoever gives the same project's numbers.
 * All are sent at once, so that what is sent behind them finds what they store.
 */
export async function insertRunningByProject(
  connection: Queryable,
  deployments: readonly NewDeployment[],
): Promise<StoredStarts> {
  // In one order, so that two of these never wait for each other.
  const projects = [...Map.groupBy(deployments, ({ projectId }) => projectId)].sort(([a], [b]) => (a < b ? -1 : 1));
  const steps = projects.map(([projectId, ofProject]) => ({
    locked: connection.query(LOCK_NUMBERS, [projectId]),
    stored: connection.query<{ id: string; number: number }>(INSERT, [...newValues(ofProject), projectId]),
    superseded: connection.query<EndedRow>(SUPERSEDE, [projectId, ofProject.map(({ id }) => id)]),
  }));
  const settled = await Promise.allSettled(
    steps.flatMap(({ locked, stored, superseded }) => [locked, stored, superseded]),
  );
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  const stored = await Promise.all(steps.map(async (step) => (await step.stored).rows));
  const superseded = await Promise.all(steps.map(async (step) => (await step.superseded).rows));
  return {
    held: new Set(projects.map(([projectId]) => projectId)),
    numbers: new Map(stored.flat().map(({ id, number }) => [id, number])),
    // Whoever would come between the look and the insert waits for the same lock.
    overtaken: false,
    superseded: superseded.flat().map(toEnded),
  };
}
