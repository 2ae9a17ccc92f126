import type { NewDeployment, StoredStarts } from '../../model/deployment-start.ts';
import type { Queryable } from '../connection/pool.ts';
import type { Shards } from '../shards/shards.ts';
import { NEW_COLUMNS, NEW_LISTS, NEW_PARAMETERS, newValues } from './new-deployments.ts';
import { type EndedRow, toEnded } from './rows.ts';
import { insertRunningByProject } from './start-by-project.ts';

const PROJECTS = `$${NEW_PARAMETERS + 1}::uuid[]`;

/** A deployment's beginning: nothing → running. */
export function createDeploymentStart(connection: Queryable, shards: Shards) {
  return {
    /**
     * Stores running deployments with their numbers, and ends the observation of what is still `finished` in their
     * environments: each of those keeps the samples that it has. Holds the projects' rows until the transaction ends,
     * taken in the order of their ids so that two of these never wait for each other; with `wait` false it passes over
     * projects whose row somebody else holds, and leaves their deployments to the caller.
     *
     * Not stored: those whose idempotency key, or whose environment's running deployment, was there first. `deployments`
     * holds one an environment at most. Needs a transaction around it.
     *
     * Rows are found by sub-selects, arrays of keys and `offset 0`, so that each way stays one step into an index: as
     * joins, planned on empty tables, they read the tables whole (test/integration/plans.test.ts).
     */
    async insertRunning(deployments: readonly NewDeployment[], wait: boolean): Promise<StoredStarts> {
      for (const { id, projectId } of deployments) shards.remember(id, projectId);
      if (shards.distributed) return await insertRunningByProject(connection, deployments);
      const { rows } = await connection.query<
        { kind: 'held' | 'taken' | 'stored' | 'superseded'; number: number | null } & EndedRow
      >(
        `with held as materialized (
           select id, last_deployment_number from seqpulse.projects where id = any(${PROJECTS}) order by id
           for no key update ${wait ? '' : 'skip locked'}),
         wanted as (
           select w.*, held.last_deployment_number
             + row_number() over (partition by w.project_id order by w.position) as number
           from unnest(${NEW_LISTS}, ${PROJECTS}) with ordinality as w (${NEW_COLUMNS}, project_id, position)
           join held on held.id = w.project_id
           where (select d.id from seqpulse.deployments d
               where d.project_id = w.project_id and d.env = w.env and d.state = 'running') is null
             and (select d.id from seqpulse.deployments d
               where d.project_id = w.project_id and d.env = w.env and d.idempotency_key = w.idempotency_key) is null),
         stored as (
           insert into seqpulse.deployments (project_id, number, state, ${NEW_COLUMNS})
           select project_id, number, 'running', ${NEW_COLUMNS}
           from wanted
           on conflict do nothing returning id, project_id, env, number),
         counted as (
           update seqpulse.projects p
           set last_deployment_number = (select max(s.number) from stored s where s.project_id = p.id)
           where p.id = any(array(select project_id from stored))),
         superseded as (
           update seqpulse.deployments d
           set superseded_by = (select s.id from stored s where s.project_id = d.project_id and s.env = d.env),
               collection_ended = coalesce(d.collection_ended, 'superseded'), post_settled = d.post_expected
           where d.id = any(array(
             select observed.id from stored s cross join lateral (
               select f.id from seqpulse.deployments f
               where f.project_id = s.project_id and f.env = s.env and f.state = 'finished' and f.superseded_by is null
               offset 0) observed))
           returning d.id, d.pre_expected, d.post_expected)
         select 'held' as kind, id, null::integer as number, 0 as pre_expected, 0 as post_expected from held
         union all select 'taken', id, null::integer, 0, 0 from wanted where id not in (select id from stored)
         union all select 'stored', id, number, 0, 0 from stored
         union all select 'superseded', id, null::integer, pre_expected, post_expected from superseded`,
        [...newValues(deployments), deployments.map(({ projectId }) => projectId)],
      );
      const of = (kind: string) => rows.filter((row) => row.kind === kind);
      return {
        held: new Set(of('held').map((row) => row.id)),
        numbers: new Map(of('stored').map((row) => [row.id, row.number as number])),
        overtaken: of('taken').length > 0,
        superseded: of('superseded').map(toEnded),
      };
    },
  };
}
