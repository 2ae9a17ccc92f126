import type { Queryable } from '../connection/pool.ts';
import type { Shards } from './shards.ts';

/**
 * Deletes up to `limit` rows of a table, or all of them where the tables are distributed: a statement for several shards takes
 * no limit. Returns how many went.
 *
 * @param where which ones, by `$1`
 */
export async function deleteSome(
  connection: Queryable,
  { distributed }: Pick<Shards, 'distributed'>,
  { table, where, value, limit }: { table: string; where: string; value: unknown; limit: number },
): Promise<number> {
  const { rowCount } = await (distributed
    ? connection.query(`delete from ${table} where ${where}`, [value])
    : connection.query(
        `delete from ${table} where ctid = any(array(select ctid from ${table} where ${where} limit $2))`,
        [value, limit],
      ));
  return rowCount ?? 0;
}
