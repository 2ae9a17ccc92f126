import type { Occurrence, OccurrenceFacts, OutboxMessage } from '../../model/notification.ts';
import type { Queryable } from '../connection/pool.ts';
import { STORED_SHAPES } from '../stored-shapes.ts';

interface OutboxRow {
  id: string;
  channel_id: string;
  project_id: string | null;
  env: string | null;
  deployment_id: string | null;
  event: OutboxMessage['event'];
  facts: OccurrenceFacts;
  occurred_at: Date;
  attempts: number;
  body: string | null;
}

const COLUMNS =
  'o.id, o.channel_id, o.project_id, o.env, o.deployment_id, o.event, o.facts, o.occurred_at, o.attempts, o.body';

export interface Claiming {
  readonly now: Date;
  /** Until when nobody else takes what is taken here. */
  readonly until: Date;
  /** Messages of one channel on their way at a time: of one that works, and of one whose last attempt failed. */
  readonly perChannel: { readonly working: number; readonly failing: number };
  readonly limit: number;
}

/**
 * Messages on their way. Whoever stores what is told adds to it in the same transaction.
 *
 * @param unprepared for statements whose plan hangs on how full the table is.
 */
export function createOutbox(connection: Queryable, unprepared: Queryable) {
  return {
    /** One message for each channel that wants to be told; returns how many. */
    async add(occurrence: Occurrence): Promise<number> {
      const { projectId, env, deploymentId, events, facts, at } = occurrence;
      const { rowCount } = await connection.query(
        `insert into seqpulse.notification_outbox
           (id, channel_id, project_id, env, deployment_id, event, facts, occurred_at, due_at)
         select gen_random_uuid(), c.id, $1, $2, $3, wanted.event, $5, $6, $6
         from seqpulse.notification_channels c
         cross join lateral (
           select event from unnest($4::text[]) with ordinality as told (event, place)
           where event = any (c.events) order by place limit 1) wanted
         where c.enabled and (c.project_id is null or c.project_id = $1::uuid) and (c.envs is null or $2 = any (c.envs))`,
        [projectId, env, deploymentId, events, fromFacts(facts), at],
      );
      return rowCount ?? 0;
    },

    /** A message to one channel, whatever it wants to be told of; the caller's until `until`, who sends it itself. */
    async addTest(test: {
      readonly id: string;
      readonly channelId: string;
      readonly projectId: string | null;
      readonly at: Date;
      readonly until: Date;
    }): Promise<OutboxMessage> {
      const { rows } = await connection.query<OutboxRow>(
        `insert into seqpulse.notification_outbox as o
           (id, channel_id, project_id, event, facts, occurred_at, due_at, claimed_until)
         values ($1, $2, $3, 'test', $6, $4, $5, $5) returning ${COLUMNS}`,
        [test.id, test.channelId, test.projectId, test.at, test.until, fromFacts({})],
      );
      const [row] = rows;
      if (row === undefined) throw new Error('a message that was stored did not come back');
      return toMessage(row);
    },

    /**
     * Takes what is due, so that of all replicas one sends it. What its sender does not end is due again at `until`. A
     * channel that hangs holds its own messages up, and nobody else's: each has a share.
     */
    async claim({ now, until, perChannel, limit }: Claiming): Promise<OutboxMessage[]> {
      const { rows } = await unprepared.query<OutboxRow>(
        `with due as (
           select o.id, o.channel_id, row_number() over (partition by o.channel_id order by o.due_at, o.id) as place
           from seqpulse.notification_outbox o where o.state = 'waiting' and o.due_at <= $1),
         busy as (
           select channel_id, count(*) as messages from seqpulse.notification_outbox
           where state = 'waiting' and claimed_until > $1 group by channel_id),
         chosen as (
           select due.id from due
           join seqpulse.notification_channels c on c.id = due.channel_id and c.enabled
           left join busy on busy.channel_id = due.channel_id
           where due.place + coalesce(busy.messages, 0) <= case when c.failing_since is null then $3::integer else $4::integer end
           order by due.place limit $5)
         update seqpulse.notification_outbox o set claimed_until = $2, due_at = $2
         from chosen where o.id = chosen.id and o.state = 'waiting' and o.due_at <= $1
         returning ${COLUMNS}`,
        [now, until, perChannel.working, perChannel.failing, limit],
      );
      return rows.map(toMessage);
    },

    /** Keeps what every attempt will send; of two who made one at once, both get the first. */
    async keepBody(id: string, body: string, summary: string): Promise<string> {
      const { rows } = await connection.query<{ body: string }>(
        `update seqpulse.notification_outbox set body = coalesce(body, $2), summary = coalesce(summary, $3)
         where id = $1 returning body`,
        [id, body, summary],
      );
      return rows[0]?.body ?? body;
    },

    /** Ends it. The body goes: it names people. False when somebody else has ended it. */
    async end(input: {
      readonly id: string;
      readonly state: 'delivered' | 'given_up';
      readonly at: Date;
      readonly error: string | null;
    }): Promise<boolean> {
      const { rowCount } = await connection.query(
        `update seqpulse.notification_outbox
         set state = $2, ended_at = $3, body = null, claimed_until = null,
             attempts = attempts + case when $4::text is null then 0 else 1 end, last_error = coalesce($4, last_error)
         where id = $1 and state = 'waiting'`,
        [input.id, input.state, input.at, input.error],
      );
      return rowCount === 1;
    },

    /** An attempt has failed: tried again at `dueAt`. */
    async postpone(id: string, dueAt: Date, error: string): Promise<void> {
      await connection.query(
        `update seqpulse.notification_outbox
         set attempts = attempts + 1, due_at = $2, claimed_until = null, last_error = $3
         where id = $1 and state = 'waiting'`,
        [id, dueAt, error],
      );
    },

    /** Given back untried, as the service stops. */
    async release(id: string, now: Date): Promise<void> {
      await connection.query(
        `update seqpulse.notification_outbox set due_at = $2, claimed_until = null where id = $1 and state = 'waiting'`,
        [id, now],
      );
    },

    /** Of a channel that is switched off: nobody waits for what it would have been told. */
    async giveUpAllOf(channelId: string, at: Date, reason: string): Promise<void> {
      await connection.query(
        `update seqpulse.notification_outbox
         set state = 'given_up', ended_at = $2, body = null, claimed_until = null, last_error = $3
         where channel_id = $1 and state = 'waiting'`,
        [channelId, at, reason],
      );
    },

    /** What ended before `before`, and what has lost its channel. Returns how many. */
    async prune(before: Date): Promise<number> {
      const { rowCount } = await connection.query(
        `delete from seqpulse.notification_outbox o
         where (o.state <> 'waiting' and o.ended_at < $1)
            or not exists (select from seqpulse.notification_channels c where c.id = o.channel_id)`,
        [before],
      );
      return rowCount ?? 0;
    },
  };
}

function fromFacts(facts: OccurrenceFacts): string {
  return JSON.stringify({ shape: STORED_SHAPES.occurrence, ...facts });
}

function toMessage(row: OutboxRow): OutboxMessage {
  return {
    id: row.id,
    channelId: row.channel_id,
    projectId: row.project_id,
    env: row.env,
    deploymentId: row.deployment_id,
    event: row.event,
    facts: row.facts,
    occurredAt: row.occurred_at,
    attempts: row.attempts,
    body: row.body,
  };
}
