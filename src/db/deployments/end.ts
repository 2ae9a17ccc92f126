import type { AnalysisContext, EndedDeployment } from '../../model/deployment.ts';
import type { Queryable } from '../connection/pool.ts';
import type { TellEnd } from '../connection/tell-ends.ts';
import { inProject, type Shards } from '../shards/shards.ts';
import { type AnalysisRow, SELECT_ANALYSIS, toAnalysisContext } from './analysis-row.ts';
import { type EndedRow, endOf, isInState } from './rows.ts';

/** A deployment's end: finished → analyzed, running → abandoned. */
export function createDeploymentEnd(connection: Queryable, unprepared: Queryable, shards: Shards, tellEnd: TellEnd) {
  /** running → abandoned, if its finish deadline has passed. null when that was done before, or there is nothing to do. */
  async function abandonOne(id: string, now: Date): Promise<EndedDeployment | null> {
    const { rows } = await connection.query<EndedRow>(
      `update seqpulse.deployments set state = 'abandoned'
       where id = $1 and ${isInState('running')} and finish_deadline_at <= $2 and ${inProject(3)}
       returning id, pre_expected, post_expected`,
      [id, now, await shards.projectOf(id)],
    );
    return endOf(rows[0], tellEnd);
  }

  /** Rows of several shards are locked by statements of their own. Waits for locked rows. */
  async function abandonOneByOne(now: Date, limit: number): Promise<EndedDeployment[]> {
    const { rows } = await connection.query<{ id: string }>(
      `select id from seqpulse.deployments
       where state = 'running' and finish_deadline_at <= $1 and finish_deadline_at > '-infinity'
       order by finish_deadline_at limit $2`,
      [now, limit],
    );
    const abandoned: EndedDeployment[] = [];
    for (const { id } of rows) {
      const one = await abandonOne(id, now);
      if (one !== null) abandoned.push(one);
    }
    return abandoned;
  }

  return {
    /** Up to `limit` deployments without a verdict whose window ended at `before` or earlier, the oldest first. */
    async findUnjudged(before: Date, limit: number): Promise<string[]> {
      const { rows } = await unprepared.query<{ id: string }>(
        `select id from seqpulse.deployments where state = 'finished' and window_ends_at <= $1
         order by window_ends_at limit $2`,
        [before, limit],
      );
      return rows.map(({ id }) => id);
    },

    /** Locks the row, so that a collect that settles meanwhile either is seen here or sees what is decided here. */
    async lockForAnalysis(id: string): Promise<AnalysisContext | null> {
      const { rows } = await connection.query<AnalysisRow>(
        `${SELECT_ANALYSIS} where d.id = $1 and ${inProject(2, 'd.')} for no key update of d`,
        [id, await shards.projectOf(id)],
      );
      return rows[0] === undefined ? null : toAnalysisContext(rows[0]);
    },

    /** The same without a lock, for whoever only looks. `projectId` null: whichever project it belongs to. */
    async findAnalysisContext(id: string, projectId: string | null): Promise<AnalysisContext | null> {
      const { rows } = await connection.query<AnalysisRow>(
        `${SELECT_ANALYSIS} where d.id = $1 and ${inProject(2, 'd.')}`,
        [id, projectId ?? (await shards.projectOf(id))],
      );
      return rows[0] === undefined ? null : toAnalysisContext(rows[0]);
    },

    async markAnalyzed(id: string, at: Date): Promise<void> {
      const { rowCount } = await connection.query(
        `update seqpulse.deployments set state = 'analyzed', analyzed_at = $2
         where id = $1 and ${isInState('finished')} and ${inProject(3)}`,
        [id, at, await shards.projectOf(id)],
      );
      if (rowCount === 1) tellEnd(id);
    },

    abandonOne,

    /** running → abandoned for up to `limit` deployments whose finish deadline has passed. Passes over locked rows. */
    async abandonOverdue(now: Date, limit: number): Promise<EndedDeployment[]> {
      if (shards.distributed) return await abandonOneByOne(now, limit);
      const { rows } = await connection.query<EndedRow>(
        `update seqpulse.deployments set state = 'abandoned' where id in (
           select id from seqpulse.deployments
           where state = 'running' and finish_deadline_at <= $1 and finish_deadline_at > '-infinity'
           order by finish_deadline_at limit $2 for no key update skip locked)
         returning id, pre_expected, post_expected`,
        [now, limit],
      );
      return rows.flatMap((row) => endOf(row, tellEnd) ?? []);
    },
  };
}
