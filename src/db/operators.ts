import type { OperatorRecord, Role } from '../model/operator.ts';
import type { Queryable } from './connection/pool.ts';

interface Row {
  id: string;
  name: string;
  role: Role;
  created_at: Date;
  last_used_at: Date | null;
}

const COLUMNS = 'id, name, role, created_at, last_used_at';
/** How exactly the last use is kept: a statement that writes for every request would cost more than what it tells. */
const USE_STEP_MS = 60_000;

export function createOperators(connection: Queryable) {
  return {
    /** False when the name is taken. */
    async insert(operator: OperatorRecord, tokenSha256: Buffer): Promise<boolean> {
      const { rowCount } = await connection.query(
        `insert into seqpulse.operators (id, name, role, token_sha256, created_at) values ($1, $2, $3, $4, $5)
         on conflict (name) do nothing`,
        [operator.id, operator.name, operator.role, tokenSha256, operator.createdAt],
      );
      return rowCount === 1;
    },

    /** By name. */
    async list(): Promise<OperatorRecord[]> {
      const { rows } = await connection.query<Row>(`select ${COLUMNS} from seqpulse.operators order by name`);
      return rows.map(toRecord);
    },

    /** Whose token this is; null: nobody's. Its use is noted. */
    async findByToken(tokenSha256: Buffer, now: Date): Promise<OperatorRecord | null> {
      const { rows } = await connection.query<Row>(
        `select ${COLUMNS} from seqpulse.operators where token_sha256 = $1`,
        [tokenSha256],
      );
      const [row] = rows;
      if (row === undefined) return null;
      if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() >= USE_STEP_MS) {
        await connection.query('update seqpulse.operators set last_used_at = $2 where id = $1', [row.id, now]);
      }
      return toRecord(row);
    },

    /** How it was before, and how it is now. null when there is none. */
    async setRole(id: string, role: Role): Promise<{ before: OperatorRecord; now: OperatorRecord } | null> {
      const { rows } = await connection.query<Row & { old_role: Role }>(
        `with old as (select id, role from seqpulse.operators where id = $1 for no key update)
         update seqpulse.operators as changed set role = $2 from old where changed.id = old.id
         returning changed.id, name, changed.role, created_at, last_used_at, old.role as old_role`,
        [id, role],
      );
      const [row] = rows;
      return row === undefined ? null : { before: toRecord({ ...row, role: row.old_role }), now: toRecord(row) };
    },

    /** The old token ends at once. null when there is none. */
    async setToken(id: string, tokenSha256: Buffer): Promise<OperatorRecord | null> {
      const { rows } = await connection.query<Row>(
        `update seqpulse.operators set token_sha256 = $2 where id = $1 returning ${COLUMNS}`,
        [id, tokenSha256],
      );
      return rows[0] === undefined ? null : toRecord(rows[0]);
    },

    /** How it was. null when there is none. */
    async remove(id: string): Promise<OperatorRecord | null> {
      const { rows } = await connection.query<Row>(
        `delete from seqpulse.operators where id = $1 returning ${COLUMNS}`,
        [id],
      );
      return rows[0] === undefined ? null : toRecord(rows[0]);
    },
  };
}

function toRecord(row: Row): OperatorRecord {
  return { id: row.id, name: row.name, role: row.role, createdAt: row.created_at, lastUsedAt: row.last_used_at };
}
