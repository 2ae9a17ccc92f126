import { earlyOf } from '../model/awaited.ts';
import type { AnalysisContext, DeploymentKey } from '../model/deployment.ts';
import type { StoredSample } from '../model/sample.ts';
import type { EarlyVerdict } from '../verdict/early.ts';
import type { VerdictName } from '../verdict/types.ts';
import type { Queryable } from './connection/pool.ts';
import type { TellEnd } from './connection/tell-ends.ts';
import { type AnalysisRow, SELECT_ANALYSIS, toAnalysisContext } from './deployments/analysis-row.ts';
import { isInState } from './deployments/rows.ts';
import { type SampleRow, SELECT_SAMPLES, toStoredSample } from './sample-rows.ts';
import { inProject, type Shards } from './shards/shards.ts';
import { STORED_SHAPES } from './stored-shapes.ts';

/** Verdicts given before a window was over. */
export function createPreliminaries(connection: Queryable, shards: Shards, tellEnd: TellEnd) {
  return {
    /**
     * What a look into an open window needs, in one statement: it follows every reading from after. null where a look is
     * of no use: the window is over, collecting has ended, or there is an early verdict already.
     */
    async findLook(deploymentId: string): Promise<{ context: AnalysisContext; samples: StoredSample[] } | null> {
      const { rows } = await connection.query<AnalysisRow & SampleRow>(
        `select a.*, s.* from (
           ${SELECT_ANALYSIS}
           where d.id = $1 and d.${isInState('finished')} and d.collection_ended is null and ${inProject(2, 'd.')}
             and not exists (select from seqpulse.preliminary_verdicts e where e.deployment_id = d.id)) a
         cross join (${SELECT_SAMPLES}) s
         order by s.collected_at, s.phase desc, s.sequence`,
        [deploymentId, await shards.projectOf(deploymentId)],
      );
      const [first] = rows;
      return first === undefined ? null : { context: toAnalysisContext(first), samples: rows.map(toStoredSample) };
    },

    /** At most one a deployment, and only while it is observed: false when it was not stored. `minute` counts from finish. */
    async insert({ id, projectId }: DeploymentKey, early: EarlyVerdict, minute: number, at: Date): Promise<boolean> {
      const { rowCount } = await connection.query(
        `insert into seqpulse.preliminary_verdicts (deployment_id, project_id, verdict, confidence, summary, details, shape, minute, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
        [
          id,
          projectId,
          early.verdict,
          early.confidence,
          early.summary,
          JSON.stringify(early.details),
          STORED_SHAPES.verdict,
          minute,
          at,
        ],
      );
      if (rowCount === 1) tellEnd(earlyOf(id));
      return rowCount === 1;
    },

    /**
     * What the verdict at the end makes of an early one: a rollback confirms it, `ok` and `attention` withdraw it;
     * `insufficient_data` says nothing of it. Whether there is one.
     */
    async settle(deploymentId: string, verdict: VerdictName): Promise<boolean> {
      const settled = verdict === 'rollback_recommended' ? 'confirmed' : 'withdrawn';
      const { rowCount } = await connection.query(
        `update seqpulse.preliminary_verdicts set outcome = $2
         where deployment_id = $1 and outcome is null and ${inProject(3)}`,
        [deploymentId, verdict === 'insufficient_data' ? null : settled, await shards.projectOf(deploymentId)],
      );
      return rowCount === 1;
    },

    /** Which of these have one. */
    async findOf(ids: readonly string[]): Promise<string[]> {
      const { rows } = await connection.query<{ deployment_id: string }>(
        'select deployment_id from seqpulse.preliminary_verdicts where deployment_id = any($1::uuid[])',
        [ids],
      );
      return rows.map((row) => row.deployment_id);
    },
  };
}
