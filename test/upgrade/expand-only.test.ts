import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { lastReleaseCommit } from '../../harness/last-release.ts';
import { destructiveStatements } from './destructive-statements.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = 'src/db/migrations';
const git = (...args: string[]) => execFileSync('git', args, { cwd: REPOSITORY, encoding: 'utf8' });

const names = readdirSync(join(REPOSITORY, FOLDER)).filter((name) => name.endsWith('.sql'));
const released = new Set(
  git('ls-tree', '--name-only', lastReleaseCommit(), `${FOLDER}/`)
    .split('\n')
    .map((path) => path.slice(FOLDER.length + 1)),
);
const sqlOf = (name: string) => readFileSync(join(REPOSITORY, FOLDER, name), 'utf8');

test.each(names.filter((name) => !released.has(name)))(
  '%s only adds: replicas of the last release go on beside it',
  (name) => {
    expect(destructiveStatements(sqlOf(name))).toEqual([]);
  },
);

test('a migration that was released stays as it was, and a new one comes after all of them', () => {
  const last =
    [...released]
      .filter((name) => name.endsWith('.sql'))
      .sort()
      .at(-1) ?? '';
  for (const name of names) {
    if (released.has(name)) expect(sqlOf(name)).toBe(git('show', `${lastReleaseCommit()}:${FOLDER}/${name}`));
    else expect(name > last).toBe(true);
  }
});

test.each([
  'alter table seqpulse.projects drop column name',
  'drop view kpi.verdicts',
  'alter table seqpulse.projects rename column name to title',
  'alter table seqpulse.projects rename name to title',
  'alter table seqpulse.projects alter column name type varchar(20)',
  'alter table seqpulse.projects alter column name set not null',
  'alter table seqpulse.projects add column owner text not null',
  "alter table seqpulse.projects add constraint named check (name <> '')",
  'create unique index one on seqpulse.projects (created_at)',
  'delete from seqpulse.samples',
  'truncate seqpulse.samples',
])('refused: %s', (statement) => {
  expect(destructiveStatements(`-- Up Migration\n${statement};`)).toHaveLength(1);
});

test.each([
  "alter table seqpulse.projects add column owner text not null default ''",
  'alter table seqpulse.projects add column owner text',
  'create table seqpulse.owners (name text not null); alter table seqpulse.owners add constraint one unique (name)',
  'alter table seqpulse.samples alter column cpu_usage drop not null',
  '-- drop table seqpulse.samples',
  'create function seqpulse.f() returns void language sql as $$ delete from seqpulse.samples $$',
])('fine: %s', (statement) => {
  expect(destructiveStatements(`${statement};`)).toEqual([]);
});
