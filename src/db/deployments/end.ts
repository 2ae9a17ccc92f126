import type { AnalysisContext, EndedDeployment } from '../../model/deployment.ts';
import type { TellEnd } from '../connection/ends-channel.ts';
import type { Queryable } from '../connection/pool.ts';
import { type AnalysisRow, SELECT_ANALYSIS, toAnalysisContext } from './analysis-row.ts';
import { type EndedRow, endOf, isInState } from './rows.ts';

/** A deployment's end: finished → analyzed, running → abandoned. */
export function createDeploymentEnd(connection: Queryable, unprepared: Queryable, tellEnd: TellEnd) {
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
        `${SELECT_ANALYSIS} where d.id = $1 for no key update of d`,
        [id],
      );
      return rows[0] === undefined ? null : toAnalysisContext(rows[0]);
    },

    /** The same without a lock, for whoever only looks. `projectId` null: whichever project it belongs to. */
    async findAnalysisContext(id: string, projectId: string | null): Promise<AnalysisContext | null> {
      const { rows } = await connection.query<AnalysisRow>(
        `${SELECT_ANALYSIS} where d.id = $1 and ($2::uuid is null or d.project_id = $2)`,
        [id, projectId],
      );
      return rows[0] === undefined ? null : toAnalysisContext(rows[0]);
    },

    async markAnalyzed(id: string, at: Date): Promise<void> {
      const { rowCount } = await connection.query(
        `update seqpulse.deployments set state = 'analyzed', analyzed_at = $2 where id = $1 and ${isInState('finished')}`,
        [id, at],
      );
      if (rowCount === 1) tellEnd(id);
    },

    /** running → abandoned, if its finish deadline has passed. null when that was done before, or there is nothing to do. */
    async abandonOne(id: string, now: Date): Promise<EndedDeployment | null> {
      const { rows } = await connection.query<EndedRow>(
        `update seqpulse.deployments set state = 'abandoned'
         where id = $1 and ${isInState('running')} and finish_deadline_at <= $2
         returning id, pre_expected, post_expected`,
        [id, now],
      );
      return endOf(rows[0], tellEnd);
    },

    /** running → abandoned for up to `limit` deployments whose finish deadline has passed. Passes over locked rows. */
    async abandonOverdue(now: Date, limit: number): Promise<EndedDeployment[]> {
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
