import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import type { Answer } from '../../harness/api.ts';
import { openApiDocument } from '../../src/http/openapi/document.ts';
import { ROUTES } from '../../src/http/routes.ts';

/** Holds answers against the description of the API, which here leaves no field unnamed. */
export interface DescribedAnswers {
  /** `route` as in the table: `GET /deployments/{id}`. Fails for a status, type or field that is not described. */
  check(route: string, answer: Answer): void;
  /** Routes of the table of which no success was checked. */
  readonly unmet: readonly string[];
}

interface Response {
  readonly content?: Readonly<Record<string, object>>;
}
type Paths = Readonly<
  Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>>
>;

export function createDescribedAnswers(): DescribedAnswers {
  const document = openApiDocument({ routes: ROUTES, version: '0', isClosed: true });
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'api');
  const validators = new Map<string, ValidateFunction>();
  const unmet = new Set(ROUTES.map(({ method, path }) => `${method} ${path}`));
  const pointer = (...steps: string[]) =>
    steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

  return {
    get unmet() {
      return [...unmet];
    },
    check(route, answer) {
      const [method = '', path = ''] = route.split(' ');
      const operation = (document.paths as Paths)[path]?.[method.toLowerCase()];
      const status = String(answer.status);
      const described = operation?.responses[status];
      expect(described, `${route} answers ${status}: ${JSON.stringify(answer.body)}`).toBeDefined();
      if (answer.status < 300) unmet.delete(route);
      const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
      expect(Object.keys(described?.content ?? {}), `${route} ${status}`).toEqual(type === '' ? [] : [type]);
      if (!type.endsWith('json')) return;
      const at = pointer('paths', path, method.toLowerCase(), 'responses', status, 'content', type, 'schema');
      const validate = validators.get(at) ?? ajv.compile({ $ref: `api#/${at}` });
      validators.set(at, validate);
      validate(answer.body);
      expect(validate.errors ?? [], `${route} ${status}: ${JSON.stringify(answer.body)}`).toEqual([]);
    },
  };
}
