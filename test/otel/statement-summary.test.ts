import { expect, test } from 'vitest';
import { summarizeStatement } from '../../src/tracing/statement-summary.ts';

test.each([
  ['insert into seqpulse.samples (a) values ($1)', 'INSERT seqpulse.samples'],
  ['insert into a.b(c) select d from e.f where g = $1', 'INSERT a.b SELECT e.f'],
  [
    'with x as (\n  INSERT INTO seqpulse.deployments (a) select 1 from y returning id) select * from x',
    'INSERT seqpulse.deployments SELECT y',
  ],
  ['insert into a.b (c) values (1) on conflict (c) do update set c = 2', 'INSERT a.b'],
  ['update seqpulse.deployments set state = $1', 'UPDATE seqpulse.deployments'],
  ['update a set b = c.d from e.c c where a.id = c.id', 'UPDATE a e.c'],
  ['delete from seqpulse.samples where id = $1', 'DELETE seqpulse.samples'],
  ['delete from only a using b where a.id = b.id', 'DELETE a'],
  ['select d.state from seqpulse.deployments d where id = $1 for update of d', 'SELECT seqpulse.deployments'],
  ['select 1 from t for no key update skip locked', 'SELECT t'],
  ['select a.x from one a join two b on a.id = b.id left join three using (id)', 'SELECT one two three'],
  ['select * from one a, two b where a.id = b.id', 'SELECT one two'],
  ['select * from (select * from inner_one) i', 'SELECT inner_one'],
  ['select (select count(*) from b) from a', 'SELECT a SELECT b'],
  ['with o as (select $1::jsonb as data) select * from pgboss.job', 'SELECT pgboss.job'],
  ['with o as not materialized (select 1 from a) select * from o', 'SELECT a'],
  ['select extract(epoch from started_at) from a', 'SELECT a'],
  ['select a is distinct from b from t', 'SELECT t'],
  ['select * from unnest($1::uuid[]) with ordinality as u (id, n) join d on d.id = u.id', 'SELECT d'],
  ['select \'delete from secrets\' /* from c */ -- from d\n from "Odd Name".t', 'SELECT "odd name".t'],
  ['select t from t union all select t from t', 'SELECT t'],
  ['select 1', 'SELECT'],
  ['commit', 'COMMIT'],
  ["set local statement_timeout = '3s'", 'SET'],
  ['', ''],
])('%s is summarized as %s', (text, summary) => expect(summarizeStatement(text)).toBe(summary));

test('a summary of more than 255 characters is cut between two words', () => {
  const tables = Array.from({ length: 40 }, (_, index) => `schema.table_${index}`);
  const summary = summarizeStatement(`select 1 from ${tables.join(', ')}`);
  expect(summary.length).toBeLessThanOrEqual(255);
  expect(summary.length).toBeGreaterThan(240);
  expect(summary.split(' ')).toEqual(['SELECT', ...tables].slice(0, summary.split(' ').length));
});
