import type { TriggerContext, TriggerQuestion } from '../../model/deployment-start.ts';
import type { BaselineMode } from '../../model/project.ts';
import type { Queryable } from '../connection/pool.ts';
import type { Shards } from '../shards/shards.ts';
import { type SourceRow, toSource } from '../source-rows.ts';
import { FOUND, type FoundRow, toFound } from './take-over.ts';

interface ContextRow {
  env_known: boolean;
  source_kind: SourceRow['source_kind'] | null;
  project_id: string;
  url: string | null;
  hmac_secret_encrypted: Buffer | null;
  settings: SourceRow['settings'];
  credentials_encrypted: Buffer | null;
  finish_deadline_minutes: number | null;
  same_key: FoundRow | null;
  running: FoundRow | null;
  detected: FoundRow | null;
  baseline: BaselineMode | null;
  series: number | null;
  has_history: boolean;
}

/**
 * One row for each question, in their order. `project`: where the deployments of all of them are sought.
 *
 * Rows are found by sub-selects and `offset 0`, each by one step into an index, for the reason that storing has (start.ts);
 * not by `exists`, of which a plan for empty tables makes a table of all deployments. The questions come as JSON: of arrays
 * the planner sees how long they are, and plans anew each time (.5 ms), because a plan for two looks cheaper than the one
 * for any number.
 */
const select = (project: string) => `
  select e.name is not null as env_known, asked.project_id, a.source_kind, a.url, a.hmac_secret_encrypted, a.settings,
         a.credentials_encrypted, p.finish_deadline_minutes, p.baseline,
         (select ${FOUND} from seqpulse.deployments d
          where d.project_id = ${project} and d.env = asked.env and d.idempotency_key = asked.idempotency_key) as same_key,
         (select ${FOUND} from seqpulse.deployments d
          where d.project_id = ${project} and d.env = asked.env and d.state = 'running') as running,
         (select ${FOUND} from seqpulse.deployments d
          where d.project_id = ${project} and d.env = asked.env and d.version = asked.version and d.origin = 'detected'
            and d.finished_at >= asked.since and d.idempotency_key is null and d.superseded_by is null
          order by d.started_at desc limit 1) as detected,
         (select s.id from seqpulse.baseline_series s
          where s.project_id = asked.project_id and s.env = asked.env and s.url = a.url) as series,
         (select d.id from seqpulse.deployments d
          where d.project_id = ${project} and d.env = asked.env limit 1) is not null as has_history
  from rows from (jsonb_to_recordset($1::jsonb) as (
      project_id uuid, env text, idempotency_key text, version text, since timestamptz))
    with ordinality as asked (project_id, env, idempotency_key, version, since, position)
  left join lateral (select * from seqpulse.projects where id = asked.project_id offset 0) p on true
  left join lateral (
    select name from seqpulse.environments where project_id = asked.project_id and name = asked.env offset 0) e on true
  left join lateral (
    select * from seqpulse.active_sources where project_id = asked.project_id and env = asked.env offset 0) a on true
  order by asked.position`;

const SELECT = select('asked.project_id');
/** Of one project, which a parameter names: what lies on a shard is sought by what a statement is told, not by what it finds. */
const SELECT_ON_SHARD = select('$2::uuid');

/** What is there before a deployment begins. */
export function createTriggerContexts(connection: Queryable, shards: Pick<Shards, 'distributed'>) {
  async function ask(
    statement: string,
    questions: readonly TriggerQuestion[],
    ...more: readonly unknown[]
  ): Promise<TriggerContext[]> {
    const asked = questions.map(({ projectId, env, idempotencyKey, found }) => ({
      project_id: projectId,
      env,
      idempotency_key: idempotencyKey,
      version: found?.version,
      since: found?.since,
    }));
    const { rows } = await connection.query<ContextRow>(statement, [JSON.stringify(asked), ...more]);
    return questions.map(({ env }, index) => toContext(rows[index] as ContextRow, env));
  }

  return {
    /** One for each question, in their order. */
    async findTriggerContexts(questions: readonly TriggerQuestion[]): Promise<TriggerContext[]> {
      if (!shards.distributed) return await ask(SELECT, questions);
      const contexts = questions.map(async (question) => await ask(SELECT_ON_SHARD, [question], question.projectId));
      return (await Promise.all(contexts)).flat();
    },
  };
}

function toContext(row: ContextRow, env: string): TriggerContext {
  return {
    envKnown: row.env_known,
    source:
      row.source_kind === null || row.url === null
        ? null
        : toSource({ ...row, env, url: row.url, source_kind: row.source_kind }),
    finishDeadlineMinutes: row.finish_deadline_minutes ?? 0,
    sameKey: row.same_key && toFound(row.same_key),
    running: row.running && toFound(row.running),
    detected: row.detected && toFound(row.detected),
    baseline: row.baseline ?? 'at_trigger',
    baselineSeries: row.series,
    hasHistory: row.has_history,
  };
}
