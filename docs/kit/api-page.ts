import {
  type ApiDocument,
  type ApiOperation,
  type Field,
  fieldsOf,
  type Schema,
  typeOf,
  withoutNull,
} from './api-shapes.ts';

interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
}

const HEADINGS: Readonly<Record<string, string>> = {
  deployments: 'Deployments: what CI calls',
  projects: 'Projects: what operators call',
  service: 'The service itself: no credentials',
};

/** The reference of the API in Markdown: every route, field and error, from its description. */
export function apiPage(document: ApiDocument, errors: Readonly<Record<string, ErrorEntry>>): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );
  const groups = document.tags.map(({ name: tag }) => {
    const listed = operations.filter(({ operation }) => operation.tags.includes(tag));
    return [
      `## ${HEADINGS[tag] ?? tag}`,
      ...listed.map(({ name, operation }) => operationPart(name, operation, errors)),
    ];
  });
  const shapes = Object.entries(document.components.schemas).filter(([name]) => name !== 'Problem');
  return `${[
    INTRODUCTION,
    ...groups.flat(),
    '## Shapes',
    'What answers are made of. They may gain fields; clients pass over what they do not know.',
    ...shapes.map(([name, schema]) => shapePart(name, schema)),
    '## Problems',
    'Errors are `application/problem+json` (RFC 9457). Programs go by `code`; texts may change.',
    fieldTable(fieldsOf(document.components.schemas.Problem ?? {}), true),
    table(
      ['code', 'status', 'title', 'a later try may succeed'],
      Object.entries(errors).map(([code, { status, title, retryable }]) => [
        `\`${code}\``,
        String(status),
        title,
        retryable ? 'yes' : 'no',
      ]),
    ),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `<!-- Written by docs/generate-api.ts from the route table and its schemas. -->
# The API

Every route, field and error. The same for programs, as OpenAPI 3.1: \`GET /openapi.json\` of a running service. What lasts
of it, and how a deployment lives, is in [the contract](contract.md).

CI sends \`X-API-Key\` with the key of its project, operators \`Authorization: Bearer\` with the admin token. Times are
RFC 3339 in UTC. A number that could not be known is null. Where a body takes null, that is the same as leaving the field
out, unless it says otherwise.`;

const CALLERS: Readonly<Record<string, string>> = {
  apiKey: 'CI',
  adminToken: 'operators',
};

function operationPart(name: string, operation: ApiOperation, errors: Readonly<Record<string, ErrorEntry>>): string {
  const callers = operation.security.flatMap((one) => Object.keys(one)).map((scheme) => CALLERS[scheme] ?? scheme);
  const { parameters = [], requestBody, responses } = operation;
  const parts = [
    `### ${name}`,
    `${operation.summary}. ${callers.length === 0 ? 'For anybody' : `For ${callers.join(' and ')}`}.`,
    ...(operation.description === undefined ? [] : [operation.description]),
  ];
  if (parameters.length > 0) {
    parts.push(
      table(
        ['parameter', 'in', 'type', ''],
        parameters.map(({ name: parameter, in: place, schema, description = '' }) => [
          `\`${parameter}\``,
          place,
          cell(typeOf(schema)),
          cell([description, bounds(schema)].filter(Boolean).join(' ')),
        ]),
      ),
    );
  }
  const body = requestBody?.content['application/json']?.schema;
  const types = Object.keys(requestBody?.content ?? {});
  if (types.length > 1)
    parts.push(`Body: \`${body?.description}\` as ${types.map((type) => `\`${type}\``).join(' or ')}.`);
  else if (body !== undefined) {
    for (const variant of body.oneOf ?? body.anyOf ?? [body]) {
      parts.push(
        `Body${requestBody?.required === true ? '' : ', which may be left out'}:`,
        fieldTable(fieldsOf(variant)),
      );
    }
  }
  const answers = Object.entries(responses).flatMap(([status, { content = {}, description }]) =>
    Object.entries(content)
      // Errors are listed below, whatever they are written in.
      .filter(() => !/`[A-Z_]+`/.test(description))
      .map(([type, { schema }]) => ({ status, type, schema })),
  );
  for (const { status, type, schema } of answers) {
    const isInline = schema.properties !== undefined;
    const what = type !== 'application/json' ? `\`${type}\`` : isInline ? 'an object of' : typeOf(schema);
    parts.push(`Answers ${status}: ${what}${isInline ? '' : '.'}`);
    if (isInline) parts.push(fieldTable(fieldsOf(schema), true));
  }
  if (responses['204'] !== undefined) parts.push('Answers 204, without a body.');
  const refusals = Object.entries(responses).flatMap(([status, { description }]) =>
    [...description.matchAll(/`([A-Z_]+)`/g)]
      .filter(([, code = '']) => code in errors)
      .map(([, code]) => `${status} \`${code}\``),
  );
  if (refusals.length > 0) parts.push(`Errors: ${refusals.join(', ')}.`);
  return parts.join('\n\n');
}

function shapePart(name: string, schema: Schema): string {
  const { description } = schema;
  const variants = schema.oneOf ?? schema.anyOf ?? [schema];
  return [
    `### ${name}`,
    ...(description === undefined ? [] : [description]),
    ...variants.map((variant) => fieldTable(fieldsOf(variant), true)),
  ].join('\n\n');
}

/** @param isAnswer fields are there unless it says otherwise; of a body they may be left out unless it says otherwise. */
function fieldTable(fields: readonly Field[], isAnswer = false): string {
  return table(
    ['field', 'type', ''],
    fields.map(({ path, schema, isRequired }) => {
      const presence = isAnswer ? (isRequired ? '' : 'May be absent.') : isRequired ? '**Required.**' : '';
      const description = schema.description ?? '';
      const bound = bounds(withoutNull(schema));
      const said = [
        presence,
        description,
        description.includes(bound.replace(/\.$/, '')) ? '' : bound,
        defaultOf(schema),
      ];
      return [`\`${path}\``, cell(shortType(schema)), cell(said.filter(Boolean).join(' '))];
    }),
  );
}

/** Fields of an unnamed object follow in rows of their own. */
function shortType(schema: Schema): string {
  const inside = withoutNull(schema);
  const isNullable = schema !== inside || [schema.type].flat().includes('null');
  if (inside.properties !== undefined) return `object${isNullable ? ' or null' : ''}`;
  if (inside.items?.properties !== undefined) return `list of objects${isNullable ? ' or null' : ''}`;
  if (inside.additionalProperties !== undefined && typeof inside.additionalProperties === 'object') {
    return `object of ${typeOf(inside.additionalProperties)}`;
  }
  return typeOf(schema);
}

/** Beyond it a bound says only that there is one. */
const MAX_BOUND = 1e9;

function bounds({ minimum, maximum, maxLength }: Schema): string {
  const isTold = (value: number | undefined): value is number => value !== undefined && Math.abs(value) < MAX_BOUND;
  if (isTold(minimum) && isTold(maximum)) return `${minimum} to ${maximum}.`;
  if (isTold(maximum)) return `At most ${maximum}.`;
  return maxLength === undefined ? '' : `At most ${maxLength} characters.`;
}

const defaultOf = ({ default: value }: Schema): string =>
  value === undefined ? '' : `Default: \`${JSON.stringify(value)}\`.`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`.replaceAll('  ', ' ');
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
