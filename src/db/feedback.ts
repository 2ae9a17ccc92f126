import type { DeploymentKey, Feedback } from '../model/deployment.ts';
import type { MarkedAlarm } from '../verdict/limit-proposals.ts';
import type { Counted } from '../verdict/precision.ts';
import type { VerdictName } from '../verdict/types.ts';
import type { Queryable } from './connection/pool.ts';
import { toFindings } from './deployments/stored-verdict.ts';
import { inProject, type Shards } from './shards/shards.ts';

/** A project's habits show in its newest marks; more would only cost. */
const MARKED_ALARMS = 200;

interface FeedbackRow {
  correct: boolean;
  note: string | null;
  given_at: Date;
}

const SELECT_FEEDBACK = `select correct, note, given_at from seqpulse.verdict_feedback
  where deployment_id = $1 and ${inProject(2)}`;

function toFeedback([row]: readonly FeedbackRow[]): Feedback | null {
  return row === undefined ? null : { correct: row.correct, note: row.note, givenAt: row.given_at };
}

export function createFeedback(connection: Queryable, shards: Shards) {
  return {
    /**
     * Stores what is now said of a deployment's verdict, in place of what was said before; the same again changes
     * nothing, its time included. `changed`: `correct` is new or turned round. `before`: what was said until now. Needs a
     * transaction around it, in which the row's lock makes equal requests take turns.
     */
    async give(
      { id, projectId }: DeploymentKey,
      feedback: Feedback,
    ): Promise<{ changed: boolean; before: Feedback | null }> {
      const shard = await shards.projectOf(id);
      const values = [id, feedback.correct, feedback.note, feedback.givenAt];
      const inserted = await connection.query(
        `insert into seqpulse.verdict_feedback (deployment_id, correct, note, given_at, project_id)
         values ($1, $2, $3, $4, $5) on conflict do nothing`,
        [...values, projectId],
      );
      if (inserted.rowCount === 1) return { changed: true, before: null };
      const { rows } = await connection.query<FeedbackRow>(`${SELECT_FEEDBACK} for no key update`, [id, shard]);
      const before = toFeedback(rows);
      const turned = await connection.query(
        `update seqpulse.verdict_feedback set correct = $2, note = $3, given_at = $4
         where deployment_id = $1 and correct <> $2 and ${inProject(5)}`,
        [...values, shard],
      );
      if (turned.rowCount === 1) return { changed: true, before };
      await connection.query(
        `update seqpulse.verdict_feedback set note = $2, given_at = $3
         where deployment_id = $1 and note is distinct from $2 and ${inProject(4)}`,
        [id, feedback.note, feedback.givenAt, shard],
      );
      return { changed: false, before };
    },

    async find(deploymentId: string): Promise<Feedback | null> {
      const { rows } = await connection.query<FeedbackRow>(SELECT_FEEDBACK, [
        deploymentId,
        await shards.projectOf(deploymentId),
      ]);
      return toFeedback(rows);
    },

    /** A project's verdicts by kind: how many there are, how many people marked, and how many of those as correct. */
    async countsOf(projectId: string): Promise<Map<VerdictName, Counted>> {
      const { rows } = await connection.query<{ verdict: VerdictName } & Counted>(
        `select v.verdict, count(*)::integer as total, count(f.correct)::integer as given,
                (count(*) filter (where f.correct))::integer as correct
         from seqpulse.deployments d
         join seqpulse.verdicts v on v.deployment_id = d.id
         left join seqpulse.verdict_feedback f on f.deployment_id = d.id
         where d.project_id = $1 group by v.verdict`,
        [projectId],
      );
      return new Map(rows.map(({ verdict, total, given, correct }) => [verdict, { total, given, correct }]));
    },

    /** The newest alarms of a project that people marked, with what they found. */
    async markedAlarmsOf(projectId: string): Promise<MarkedAlarm[]> {
      const { rows } = await connection.query<{ correct: boolean; details: unknown }>(
        `select f.correct, v.details
         from seqpulse.deployments d
         join seqpulse.verdicts v on v.deployment_id = d.id
         join seqpulse.verdict_feedback f on f.deployment_id = d.id
         where d.project_id = $1 and v.verdict in ('attention', 'rollback_recommended')
         order by f.given_at desc, f.deployment_id limit $2`,
        [projectId, MARKED_ALARMS],
      );
      return rows.map(({ correct, details }) => ({ correct, details: toFindings(details) }));
    },
  };
}
