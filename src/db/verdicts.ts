import type { DeploymentKey } from '../model/deployment.ts';
import type { BesideOthers } from '../verdict/others/beside-others.ts';
import type { Hint, Judgement } from '../verdict/types.ts';
import type { Queryable } from './connection/pool.ts';
import { STORED_SHAPES } from './stored-shapes.ts';

export function createVerdicts(connection: Queryable) {
  return {
    /** Exactly one a deployment: false when there is one already. */
    async insert(
      { id, projectId }: DeploymentKey,
      judgement: Judgement & { readonly hints: readonly Hint[]; readonly others: BesideOthers | null },
      at: Date,
    ): Promise<boolean> {
      const { rowCount } = await connection.query(
        `insert into seqpulse.verdicts (deployment_id, project_id, verdict, confidence, summary, details, left_out, trust, created_at, shape, hints,
           others)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing`,
        [
          id,
          projectId,
          judgement.verdict,
          judgement.confidence,
          judgement.summary,
          JSON.stringify(judgement.details),
          JSON.stringify(judgement.leftOut),
          judgement.trust === null ? null : JSON.stringify(judgement.trust),
          at,
          STORED_SHAPES.verdict,
          JSON.stringify(judgement.hints),
          judgement.others === null ? null : JSON.stringify(judgement.others),
        ],
      );
      return rowCount === 1;
    },
  };
}
