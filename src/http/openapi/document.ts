import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../problems.ts';
import type { Route } from '../request.ts';
import { errorsOf } from './errors.ts';
import { type Converted, type JsonSchema, toJsonSchema } from './json-schema.ts';
import type { Operation } from './operation.ts';
import { operationOf } from './operations.ts';

export interface DocumentOptions {
  readonly routes: readonly Route[];
  readonly version: string;
  /** Answers refuse fields that they do not name: for tests. */
  readonly isClosed?: boolean;
}

const PROBLEM_TYPE = 'application/problem+json';

/** The API as OpenAPI 3.1. Throws for a route that nobody has described. */
export function openApiDocument({ routes, version, isClosed = false }: DocumentOptions): JsonSchema {
  const named: Record<string, JsonSchema> = {};
  const convert = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
    const converted: Converted = toJsonSchema(schema, io, isClosed);
    Object.assign(named, converted.named);
    return converted.schema;
  };
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    (paths[route.path] as JsonSchema)[route.method.toLowerCase()] = describe(route, operationOf(route), convert);
  }
  named.Problem = problemSchema();
  return {
    openapi: '3.1.0',
    info: {
      title: 'SeqPulse',
      version,
      summary: 'Watches deployments: reads five numbers before and after, and says what got worse.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: Object.keys(TAGS).map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(named).sort(([one], [other]) => (one < other ? -1 : 1))),
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'CI: the key of a project.' },
        adminToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'Operators: the admin token, or an operator’s own.',
        },
      },
    },
  };
}

type Convert = (schema: z.ZodType, io: 'input' | 'output') => JsonSchema;

function describe(route: Route, operation: Operation, convert: Convert): JsonSchema {
  const parameters = parametersOf(route, convert);
  return {
    operationId: operationIdOf(route),
    tags: [tagOf(route)],
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    security: SECURITY[route.access],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: requestBodyOf(convert(route.body, 'input')) }),
    ...(operation.encodings === undefined
      ? {}
      : { requestBody: { required: true, content: encoded(operation.encodings.body) } }),
    responses: responsesOf(route, operation, convert),
  };
}

const SECURITY: Record<Route['access'], readonly object[]> = {
  ci: [{ apiKey: [] }],
  operator: [{ adminToken: [] }],
  either: [{ apiKey: [] }, { adminToken: [] }],
  open: [],
  otlp: [{ apiKey: [] }],
  // Pages are no part of the API: people sign in.
  page: [],
};

/** By the first word of the path. */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  deployments: ['deployments', 'project'],
  measurements: ['v1'],
  projects: ['projects', 'dora', 'notifications'],
  operators: ['operators', 'audit', 'erasures'],
  service: [],
};

export function tagOf({ path, access }: Pick<Route, 'path' | 'access'>): string {
  const word = path.split('/')[1] ?? '';
  const tag = Object.keys(TAGS).find((name) => TAGS[name]?.includes(word));
  return tag ?? (access === 'open' ? 'service' : 'projects');
}

/** `postDeploymentsTrigger`, `getDeploymentsById`. */
function operationIdOf({ method, path }: Route): string {
  const words = path.split(/[/.-]/).filter((word) => word !== '');
  const name = words.map((word) =>
    word.startsWith('{')
      ? `By${capital(word.slice(1, -1).replace(/_(\w)/g, (_, letter) => letter.toUpperCase()))}`
      : capital(word),
  );
  return method.toLowerCase() + (name.join('') || 'Root');
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function parametersOf(route: Route, convert: Convert): object[] {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: name.endsWith('id') ? { type: 'string', format: 'uuid' } : { type: 'string' },
  }));
  const listed = (schema: z.ZodType | undefined, place: 'query' | 'header') => {
    const { properties = {}, required = [] } = schema === undefined ? {} : (convert(schema, 'input') as ObjectSchema);
    return Object.entries(properties).map(([name, field]) => {
      const { description, ...rest } = withoutNull(field);
      return {
        name,
        in: place,
        required: required.includes(name),
        ...(description === undefined ? {} : { description }),
        schema: rest,
      };
    });
  };
  return [...inPath, ...listed(route.query, 'query'), ...listed(route.headers, 'header')];
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** A parameter is there or not; null is for bodies. */
function withoutNull({ anyOf, ...rest }: JsonSchema): JsonSchema {
  if (!Array.isArray(anyOf)) return rest;
  const kinds = anyOf.filter((one: JsonSchema) => one.type !== 'null');
  return kinds.length === 1 ? { ...kinds[0], ...rest } : { anyOf: kinds, ...rest };
}

function requestBodyOf(schema: JsonSchema): object {
  const { required = [] } = schema as ObjectSchema;
  const mustBe = required.length > 0 || schema.oneOf !== undefined || schema.anyOf !== undefined;
  return { required: mustBe, content: { 'application/json': { schema } } };
}

function responsesOf(route: Route, operation: Operation, convert: Convert): Record<string, object> {
  const { status = 200, contentType, otherwise = {} } = operation;
  const schema = route.response ?? operation.answer;
  const json = (of: z.ZodType) => ({ 'application/json': { schema: convert(of, 'output') } });
  const text = (type: string) => ({ [type]: { schema: { type: type === 'application/json' ? 'object' : 'string' } } });
  const responses: Record<string, object> = {
    [status]: {
      description: status === 204 ? 'Done.' : 'As asked.',
      ...(schema !== undefined
        ? { content: json(schema) }
        : contentType === undefined
          ? {}
          : { content: text(contentType) }),
    },
  };
  for (const [other, said] of Object.entries(otherwise)) {
    responses[other] = { description: 'It can’t.', content: typeof said === 'string' ? text(said) : json(said) };
  }
  const errors = Map.groupBy(errorsOf(route, operation), (code) => ERRORS[code].status);
  for (const [failed, codes] of errors) {
    responses[failed] ??= errorResponse(failed, codes, operation.encodings && encoded(operation.encodings.error));
  }
  return responses;
}

const PROBLEM = { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } };

/** A message of OTLP, in both of its encodings. */
function encoded(message: string): object {
  return {
    'application/x-protobuf': { schema: { type: 'string', format: 'binary', description: message } },
    'application/json': { schema: { type: 'object', description: message } },
  };
}

function errorResponse(status: number, codes: readonly ErrorCode[], content: object = PROBLEM): object {
  const waits = status === 429 || status === 503;
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
    ...(waits
      ? { headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } } }
      : {}),
    content,
  };
}

function problemSchema(): JsonSchema {
  const { schema } = toJsonSchema(problem, 'output');
  return schema;
}

const problem = z
  .object({
    type: z.string().meta({ description: '`urn:seqpulse:problem:` and the code in lower case.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'One sentence for people; texts may change.' }),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode]).meta({ description: 'Programs go by this one.' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({
        description: 'Of 422: each fault, with the dotted path in the body; `query.` and `header.` before others.',
      }),
  })
  .meta({ description: 'RFC 9457.' });
