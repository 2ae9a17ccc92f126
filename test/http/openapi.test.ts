import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../src/http/openapi/document.ts';
import { leftBehind, operationOf } from '../../src/http/openapi/operations.ts';
import { ERRORS } from '../../src/http/problems.ts';
import { ROUTES } from '../../src/http/routes.ts';

interface Described {
  readonly paths: Record<string, Record<string, { operationId: string; summary: string; responses: object }>>;
  readonly components: { readonly schemas: Record<string, { properties?: Record<string, { description?: string }> }> };
}
const document = openApiDocument({ routes: ROUTES, version: '1.0.0' }) as unknown as Described;
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

describe('the description of the API', () => {
  test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))('has %s', (_, route) => {
    const { summary } = operationOf(route);
    expect(summary).toMatch(/^\S.*[^.\s]$/);
    expect(document.paths[route.path]?.[route.method.toLowerCase()]).toMatchObject({ summary });
  });

  test('describes no route that is gone, and says where one that came is to be described', () => {
    expect(leftBehind(ROUTES)).toEqual([]);
    expect(() => operationOf({ method: 'GET', path: '/new' })).toThrow(
      /GET \/new is in the route table and not described.*operations-\*\.ts.*npm run generate/,
    );
  });

  test('is valid OpenAPI 3.1, each operation under a name of its own', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('names every error where it may be met; a wrong method is told by Allow', () => {
    const told = JSON.stringify(operations.map(({ responses }) => responses));
    const unmet = Object.keys(ERRORS).filter((code) => !told.includes(`\`${code}\``));
    expect(unmet).toEqual(['METHOD_NOT_ALLOWED']);
  });

  test.each(['Evidence', 'Finding', 'Hint', 'Trust', 'LeftOut'])('explains every field of %s', (name) => {
    const { properties = {} } = document.components.schemas[name] ?? {};
    expect(Object.keys(properties).length).toBeGreaterThan(2);
    const named = Object.entries(properties).filter(([, field]) => !('$ref' in field));
    expect(named.filter(([, { description = '' }]) => description === '').map(([field]) => field)).toEqual([]);
  });

  test('says of query parameters what is sent, not what their text becomes', () => {
    const get = document.paths['/deployments/{id}']?.get as { readonly parameters?: readonly object[] } | undefined;
    expect(get?.parameters).toContainEqual({
      name: 'wait',
      in: 'query',
      required: false,
      description: expect.stringContaining('Seconds'),
      schema: { type: 'integer', minimum: 0, maximum: 60, default: 0 },
    });
  });
});
