import { expect, test } from 'vitest';
import { createRouteMatcher, serveOf } from '../../src/http/match.ts';
import { PAGE_ROUTES } from '../../src/http/page-routes.ts';
import { HttpProblem } from '../../src/http/problems.ts';
import { ROUTES } from '../../src/http/routes.ts';

const ID = '00000000-0000-4000-8000-000000000000';
const ALL = [...ROUTES, ...PAGE_ROUTES];
const match = createRouteMatcher(ALL.map(({ method, path }) => ({ method, path, serve: `${method} ${path}` })));
const templateOf = (path: string) => match(path)?.resource.template ?? null;

test('every route of the table is found under its own template and method', () => {
  for (const { method, path } of ALL) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const found = match(path.replaceAll(/\{\w+\}/g, ID));
    expect(found?.resource.template).toBe(path);
    expect(serveOf(found, method)).toBe(`${method} ${path}`);
    expect(found?.params).toEqual(Object.fromEntries(names.map((name) => [name, ID])));
    if (method === 'GET') expect(serveOf(found, 'HEAD')).toBe(`GET ${path}`);
  }
});

test.each([
  ['/deployments/', '/deployments'],
  [`/deployments/${ID}/`, '/deployments/{id}'],
  ['/LiveZ', '/livez'],
  ['/deployments/Trigger', '/deployments/trigger'],
  ['/deployments/%ff', '/deployments/{id}'],
  ['/deployments/a%2Fmetrics', '/deployments/{id}'],
  [`/deployments/${'x'.repeat(15_000)}`, '/deployments/{id}'],
  ['/', '/'],
  ['', null],
  ['*', null],
  ['//', null],
  ['//deployments', null],
  ['/deployments//', null],
  ['/deployments//metrics', null],
  ['/deployments%2Ftrigger', null],
  ['/deployments/a/b/c', null],
  ['/%ff', null],
  ['/%', null],
  ['/livez/x', null],
  ['/livezx', null],
  ['livez', null],
])('the path %s meets %s', (path, template) => {
  expect(templateOf(path)).toBe(template);
});

test.each([
  ['a%2Fb', 'a/b'],
  ['%41b', 'Ab'],
  ['%C3%BC', 'ü'],
  ['100%25', '100%'],
  ['%ff', '%ff'],
  ['%2', '%2'],
  ['%2f%ff', '%2f%ff'],
  ['MiXed', 'MiXed'],
])('a parameter %s is handed on as %s', (given, value) => {
  expect(match(`/deployments/${given}`)?.params).toEqual({ id: value });
});

test('a path that is known under other methods names them, whatever was asked', () => {
  for (const method of ['PURGE', 'QUERY', 'OPTIONS', 'PUT', '']) {
    expect(() => serveOf(match('/projects'), method)).toThrow(
      expect.objectContaining({ code: 'METHOD_NOT_ALLOWED', headers: { Allow: 'GET, HEAD, POST' } }),
    );
  }
  expect(() => serveOf(match('/nothing'), 'GET')).toThrow(HttpProblem);
});
