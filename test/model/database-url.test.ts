import { expect, test } from 'vitest';
import { parseDatabaseUrl } from '../../src/model/database-url.ts';

test.each([
  ['postgres://h/db', [['h', 5432]], 'postgres://h/db'],
  ['postgresql://u:p%40@h:1/db?sslmode=require', [['h', 1]], 'postgresql://u:p%40@h:1/db?sslmode=require'],
  ['postgres://u:p@/db?host=/run/postgresql', [['/run/postgresql', 5432]], 'postgres://u:p@/db?host=/run/postgresql'],
  ['postgres://[fd00::1]:5433/db', [['fd00::1', 5433]], 'postgres://[fd00::1]:5433/db'],
  ['postgres://h/db?target_session_attrs=any', [['h', 5432]], 'postgres://h/db?target_session_attrs=any'],
  [
    'postgres://u:p@a:5432,b:5433/db?target_session_attrs=read-write',
    [
      ['a', 5432],
      ['b', 5433],
    ],
    'postgres://u:p@a:5432/db',
  ],
  [
    'postgres://a,b/db?sslmode=require&target_session_attrs=primary',
    [
      ['a', 5432],
      ['b', 5432],
    ],
    'postgres://a:5432/db?sslmode=require',
  ],
  [
    'postgres://u@[fd00::1]:1,[fd00::2]:2,c/db',
    [
      ['fd00::1', 1],
      ['fd00::2', 2],
      ['c', 5432],
    ],
    'postgres://u@[fd00::1]:1/db',
  ],
  [
    'postgres://u@/db?host=a,b&port=1,2',
    [
      ['a', 1],
      ['b', 2],
    ],
    'postgres://u@a:1/db',
  ],
  [
    'postgres:///db?host=/run/a,/run/b&port=7&load_balance_hosts=disable',
    [
      ['/run/a', 7],
      ['/run/b', 7],
    ],
    'postgres://%2Frun%2Fa:7/db',
  ],
])('%s', (text, hosts, firstHostUrl) => {
  const parsed = parseDatabaseUrl(text);
  expect(parsed?.hosts.map(({ host, port }) => [host, port])).toEqual(hosts);
  expect(parsed?.firstHostUrl).toBe(firstHostUrl);
});

test.each([
  'postgres://',
  'mysql://a,b/db',
  'a,b',
  'postgres://a,/db',
  'postgres://,b/db',
  'postgres://a:0,b/db',
  'postgres://a:99999,b/db',
  'postgres://a:x,b/db',
  'postgres://a:1:2,b/db',
  'postgres://[fd00::1,b/db',
  'postgres://u@/db?host=a,b&port=1,2,3',
  'postgres://u@/db?host=a,,b',
  'postgres://a,b/db?target_session_attrs=read-only',
  'postgres://a,b/db?target_session_attrs=standby',
  'postgres://a,b/db?target_session_attrs=prefer-standby',
  'postgres://a,b/db?target_session_attrs=writable',
  'postgres://a,b/db?load_balance_hosts=yes',
  'postgres://u:1/q@a,b/db',
  'postgres://u:#q@a,b/db',
])('%s is refused', (text) => {
  expect(parseDatabaseUrl(text)).toBeNull();
});

test.each([
  ['postgres://h/db', 'db'],
  ['postgres://h/a%2Fb%3Fc%23d%26e%40f%3Ag%20h', 'a/b?c#d&e@f:g h'],
  ['postgres://h/gr%C3%B6%C3%9Fe', 'größe'],
  ['postgres://h/größe', 'größe'],
  ['postgres://h/100%', '100%'],
  ['postgres://h/100%25', '100%'],
  ['postgres://h/%ff', '%ff'],
  ['postgres://h/db?dbname=other', 'other'],
  ['postgres://u@/db?host=/run', 'db'],
  ['postgres://a,b/x%2Fy', 'x/y'],
  ['postgres://h', null],
  ['postgres://h/', null],
  ['postgres://?host=h', null],
])('the database of %s is %j', (text, database) => {
  expect(parseDatabaseUrl(text)?.database).toBe(database);
});
