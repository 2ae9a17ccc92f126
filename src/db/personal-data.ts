import type { Queryable } from './connection/pool.ts';

export interface Erased {
  readonly actors: number;
  readonly notes: number;
}

/** What deployments hold of people: who started them, and what somebody wrote of their verdict. */
export function createPersonalData(connection: Queryable) {
  return {
    /** Of one deployment, both. */
    async eraseOfDeployment(id: string): Promise<Erased> {
      const actors = await connection.query(
        'update seqpulse.deployments set actor = null where id = $1 and actor is not null',
        [id],
      );
      const notes = await connection.query(
        'update seqpulse.verdict_feedback set note = null where deployment_id = $1 and note is not null',
        [id],
      );
      return { actors: actors.rowCount ?? 0, notes: notes.rowCount ?? 0 };
    },

    /** This actor, wherever it is. */
    async eraseActor(actor: string): Promise<Erased> {
      const { rowCount } = await connection.query('update seqpulse.deployments set actor = null where actor = $1', [
        actor,
      ]);
      return { actors: rowCount ?? 0, notes: 0 };
    },
  };
}
