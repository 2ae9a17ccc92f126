import type { Channel, ChannelKind, EventName, MessageState, MessageView } from '../../model/notification.ts';
import type { Queryable } from '../connection/pool.ts';

interface ChannelRow {
  id: string;
  project_id: string | null;
  kind: ChannelKind;
  name: string;
  events: EventName[];
  envs: string[] | null;
  enabled: boolean;
  target_encrypted: Buffer;
  created_at: Date;
  last_delivered_at: Date | null;
  failing_since: Date | null;
  last_error: string | null;
}

const COLUMNS = `id, project_id, kind, name, events, envs, enabled, target_encrypted, created_at, last_delivered_at,
  failing_since, last_error`;
const SELECT_CHANNEL = `select ${COLUMNS} from seqpulse.notification_channels`;

/** `projectId` null: of the installation. */
const OF_OWNER = 'project_id is not distinct from $1::uuid';

export interface Page {
  readonly limit: number;
  /** The last item of the page before. */
  readonly after: { readonly at: Date; readonly id: string } | null;
}

export function createChannels(connection: Queryable) {
  return {
    async insert(channel: Channel): Promise<void> {
      await connection.query(
        `insert into seqpulse.notification_channels
           (id, project_id, kind, name, events, envs, enabled, target_encrypted, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          channel.id,
          channel.projectId,
          channel.kind,
          channel.name,
          channel.events,
          channel.envs,
          channel.enabled,
          channel.sealedTarget,
          channel.createdAt,
        ],
      );
    },

    /** Whether anybody would be told of what happens in this project. */
    async isAnyTold(projectId: string): Promise<boolean> {
      const { rows } = await connection.query<{ told: boolean }>(
        `select exists (select from seqpulse.notification_channels
           where enabled and (project_id is null or project_id = $1)) as told`,
        [projectId],
      );
      return rows[0]?.told === true;
    },

    /** Newest first. */
    async listOf(projectId: string | null, { limit, after }: Page): Promise<Channel[]> {
      const { rows } = await connection.query<ChannelRow>(
        `${SELECT_CHANNEL} where ${OF_OWNER} and ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid))
         order by created_at desc, id desc limit $4`,
        [projectId, after?.at ?? null, after?.id ?? null, limit],
      );
      return rows.map(toChannel);
    },

    /** null also when it is another project's. */
    async find(projectId: string | null, id: string): Promise<Channel | null> {
      const { rows } = await connection.query<ChannelRow>(`${SELECT_CHANNEL} where ${OF_OWNER} and id = $2`, [
        projectId,
        id,
      ]);
      return rows[0] === undefined ? null : toChannel(rows[0]);
    },

    /** Whosever they are, by id. */
    async findMany(ids: readonly string[]): Promise<ReadonlyMap<string, Channel>> {
      const { rows } = await connection.query<ChannelRow>(`${SELECT_CHANNEL} where id = any ($1::uuid[])`, [ids]);
      return new Map(rows.map((row) => [row.id, toChannel(row)]));
    },

    /** For a change of what is in it: whoever changes it at the same time waits. Needs a transaction around it. */
    async lock(projectId: string | null, id: string): Promise<Channel | null> {
      const { rows } = await connection.query<ChannelRow>(
        `${SELECT_CHANNEL} where ${OF_OWNER} and id = $2 for no key update`,
        [projectId, id],
      );
      return rows[0] === undefined ? null : toChannel(rows[0]);
    },

    async update(channel: Channel): Promise<void> {
      await connection.query(
        `update seqpulse.notification_channels
         set name = $2, events = $3, envs = $4, enabled = $5, target_encrypted = $6 where id = $1`,
        [channel.id, channel.name, channel.events, channel.envs, channel.enabled, channel.sealedTarget],
      );
    },

    /** With what waits for it and what it was sent. How it was; null when there is none. Needs a transaction around it. */
    async remove(projectId: string | null, id: string): Promise<Channel | null> {
      const { rows } = await connection.query<ChannelRow>(
        `delete from seqpulse.notification_channels where ${OF_OWNER} and id = $2 returning ${COLUMNS}`,
        [projectId, id],
      );
      if (rows[0] === undefined) return null;
      await connection.query('delete from seqpulse.notification_outbox where channel_id = $1', [id]);
      return toChannel(rows[0]);
    },

    async noteDelivered(id: string, at: Date): Promise<void> {
      await connection.query(
        `update seqpulse.notification_channels set last_delivered_at = $2, failing_since = null, last_error = null
         where id = $1`,
        [id, at],
      );
    },

    async noteFailed(id: string, at: Date, error: string): Promise<void> {
      await connection.query(
        `update seqpulse.notification_channels set failing_since = coalesce(failing_since, $2), last_error = $3
         where id = $1`,
        [id, at, error],
      );
    },

    /** Its receiver says that it is gone for good. */
    async switchOff(id: string, at: Date, error: string): Promise<void> {
      await connection.query(
        `update seqpulse.notification_channels
         set enabled = false, failing_since = coalesce(failing_since, $2), last_error = $3 where id = $1`,
        [id, at, error],
      );
    },

    /** What it was told and is to be told, newest first. */
    async messagesOf(channelId: string, { limit, after }: Page): Promise<MessageView[]> {
      const { rows } = await connection.query<MessageRow>(
        `select id, event, env, deployment_id, state, summary, attempts, occurred_at, due_at, ended_at, last_error
         from seqpulse.notification_outbox
         where channel_id = $1 and ($2::timestamptz is null or (occurred_at, id) < ($2, $3::uuid))
         order by occurred_at desc, id desc limit $4`,
        [channelId, after?.at ?? null, after?.id ?? null, limit],
      );
      return rows.map((row) => ({
        id: row.id,
        event: row.event,
        env: row.env,
        deploymentId: row.deployment_id,
        state: row.state,
        summary: row.summary,
        attempts: row.attempts,
        occurredAt: row.occurred_at,
        dueAt: row.due_at,
        endedAt: row.ended_at,
        lastError: row.last_error,
      }));
    },
  };
}

interface MessageRow {
  id: string;
  event: MessageView['event'];
  env: string | null;
  deployment_id: string | null;
  state: MessageState;
  summary: string | null;
  attempts: number;
  occurred_at: Date;
  due_at: Date;
  ended_at: Date | null;
  last_error: string | null;
}

function toChannel(row: ChannelRow): Channel {
  return {
    id: row.id,
    projectId: row.project_id,
    kind: row.kind,
    name: row.name,
    events: row.events,
    envs: row.envs,
    enabled: row.enabled,
    sealedTarget: row.target_encrypted,
    createdAt: row.created_at,
    lastDeliveredAt: row.last_delivered_at,
    failingSince: row.failing_since,
    lastError: row.last_error,
  };
}
