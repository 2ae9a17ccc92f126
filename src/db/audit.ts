import type { Actor, AuditEntry } from '../model/operator.ts';
import type { Queryable } from './connection/pool.ts';

interface Row {
  id: string;
  at: Date;
  actor_kind: Actor['kind'];
  actor_id: string | null;
  actor: string;
  action: string;
  subject: Record<string, string>;
  changes: Record<string, unknown>;
  before: Record<string, unknown>;
  status: number | null;
}

export function createAudit(connection: Queryable) {
  return {
    /** Before it is done: `settle` says how it ended. */
    async begin(entry: AuditEntry): Promise<void> {
      const { actor } = entry;
      await connection.query(
        `insert into seqpulse.audit_entries (id, at, actor_kind, actor_id, actor, action, subject, changes, status,
           before)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          entry.id,
          entry.at,
          actor.kind,
          actor.id,
          actor.name,
          entry.action,
          asStored(entry.subject),
          asStored(entry.changes),
          entry.status,
          asStored(entry.before),
        ],
      );
    },

    /** `before` null: as it began. */
    async settle(
      id: string,
      { status, subject, before }: Pick<AuditEntry, 'status' | 'subject'> & { readonly before: object | null },
    ): Promise<void> {
      await connection.query(
        `update seqpulse.audit_entries set status = $2, subject = $3, before = coalesce($4, before) where id = $1`,
        [id, status, asStored(subject), before === null ? null : asStored(before)],
      );
    },

    /** Newest first. */
    async list(limit: number, after: { readonly at: Date; readonly id: string } | null): Promise<AuditEntry[]> {
      const { rows } = await connection.query<Row>(
        `select id, at, actor_kind, actor_id, actor, action, subject, changes, before, status from seqpulse.audit_entries
         where $1::timestamptz is null or (at, id) < ($1, $2::uuid) order by at desc, id desc limit $3`,
        [after?.at ?? null, after?.id ?? null, limit],
      );
      return rows.map((row) => ({
        id: row.id,
        at: row.at,
        actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor },
        action: row.action,
        subject: row.subject,
        changes: row.changes,
        before: row.before,
        status: row.status,
      }));
    },

    async prune(before: Date): Promise<number> {
      const { rowCount } = await connection.query('delete from seqpulse.audit_entries where at < $1', [before]);
      return rowCount ?? 0;
    },
  };
}

/** Characters of a text that are kept: an id in a path may be 16 KB of anything. */
const MAX_CHARS = 1_000;

/** As JSON that jsonb takes: what somebody sent may hold U+0000 and halves of surrogate pairs. */
function asStored(value: object): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'string' ? one.slice(0, MAX_CHARS).toWellFormed().replaceAll('\u0000', '\ufffd') : one,
  );
}
