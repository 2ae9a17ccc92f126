import { expect, test } from 'vitest';
import type { Queryable } from '../../src/db/connection/pool.ts';
import { createShards, ONE_DATABASE } from '../../src/db/shards/shards.ts';

const PROJECTS: Record<string, string> = { a1: 'a', a2: 'a', b1: 'b' };

/** Tables with these deployments; what was asked of them. */
function tables() {
  const asked: string[] = [];
  const query = async (_text: string, [ids]: [string[]]) => {
    asked.push(...ids);
    const rows = ids.flatMap((id) => (PROJECTS[id] === undefined ? [] : [{ id, project_id: PROJECTS[id] }]));
    return { rows, rowCount: rows.length };
  };
  return { asked, connection: { query } as unknown as Queryable };
}

test('whose a deployment is is asked once, however many connections of a pool want to know', async () => {
  const { asked, connection } = tables();
  const known = new Map();
  const [one, other] = [createShards(connection, known), createShards(connection, known)];
  expect(await one.projectOf('a1')).toBe('a');
  expect(await other.projectOf('a1')).toBe('a');
  other.remember('a9', 'a');
  expect(await one.projectOf('a9')).toBe('a');
  expect(asked).toEqual(['a1']);
});

test('what belongs to several projects is grouped, and what is gone is sought on one shard', async () => {
  const shards = createShards(tables().connection, new Map());
  const groups = await shards.groups(['b1', 'a1', 'gone', 'a2'], (id) => id);
  expect(groups.map(({ items }) => items)).toEqual([['b1'], ['a1', 'a2'], ['gone']]);
  expect(groups.slice(0, 2).map(({ projectId }) => projectId)).toEqual(['b', 'a']);
  expect(await shards.projectOf('gone')).toBe(groups[2]?.projectId);
});

test('of very many the oldest are forgotten', async () => {
  const { asked, connection } = tables();
  const shards = createShards(connection, new Map());
  shards.remember('a1', 'a');
  for (let n = 0; n < 20_000; n += 1) shards.remember(`other ${n}`, 'b');
  expect(await shards.projectOf('a1')).toBe('a');
  expect(asked).toEqual(['a1']);
});

test('on one PostgreSQL no statement is told a project, and all items are one group', async () => {
  expect(await ONE_DATABASE.projectOf('a1')).toBeNull();
  expect(await ONE_DATABASE.groups(['a1', 'b1'], (id) => id)).toEqual([{ projectId: null, items: ['a1', 'b1'] }]);
});
