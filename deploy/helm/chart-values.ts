import { parse } from 'yaml';

export interface ChartValue {
  /** `image.tag` */
  readonly path: string;
  readonly fallback: unknown;
  /** The comment directly above it; empty: there is none. */
  readonly description: string;
}

/** The values of a values.yaml in their order: each leaf, and each map that is empty by default, by its path. */
export function readChartValues(text: string): ChartValue[] {
  const defaults = parse(text) as unknown;
  const values: ChartValue[] = [];
  const parents: string[] = [];
  let comment: string[] = [];
  let wholeAt = Number.POSITIVE_INFINITY;
  for (const line of text.split('\n')) {
    const [, blanks = '', rest = ''] = /^( *)(.*)$/.exec(line) ?? [];
    if (rest.startsWith('#')) {
      comment.push(rest.replace(/^#\s*/, ''));
      continue;
    }
    const key = /^([A-Za-z]\w*):/.exec(rest)?.[1];
    const depth = blanks.length / 2;
    if (key !== undefined && depth <= wholeAt) {
      parents.splice(depth, Number.POSITIVE_INFINITY, key);
      const fallback = valueAt(defaults, parents);
      // A map that is described itself is one value, handed on as it is.
      const isWhole = !isSection(fallback) || comment.length > 0;
      if (isWhole) values.push({ path: parents.join('.'), fallback, description: comment.join(' ') });
      wholeAt = isWhole ? depth : Number.POSITIVE_INFINITY;
    }
    comment = [];
  }
  return values;
}

/** A JSON schema that knows every value, so that a misspelt one is refused: `helm` reads it as values.schema.json. */
export function renderValuesSchema(text: string): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...schemaOf(parse(text), '', readChartValues(text)),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function schemaOf(value: unknown, path: string, values: readonly ChartValue[]): Record<string, unknown> {
  const own = values.find((entry) => entry.path === path);
  const said = own === undefined ? {} : { description: own.description };
  if (Array.isArray(value)) return { type: 'array', ...said };
  if (!isSection(value)) return { type: isMap(value) ? 'object' : jsonType(value), ...said };
  if (own !== undefined) return { type: 'object', ...said };
  const below = Object.entries(value).map(([key, part]) => [
    key,
    schemaOf(part, path === '' ? key : `${path}.${key}`, values),
  ]);
  // `global` is Helm's own, for charts that have this one as a part.
  const global = path === '' ? [['global', { type: 'object' }]] : [];
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries([...below, ...global]) };
}

function jsonType(value: unknown): string | string[] {
  // A name of digits alone is a number to YAML.
  if (typeof value === 'string') return ['string', 'number'];
  // Some numbers may be percentages.
  return typeof value === 'number' ? ['integer', 'string'] : 'boolean';
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSection(value: unknown): value is Record<string, unknown> {
  return isMap(value) && Object.keys(value).length > 0;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (isMap(at) ? at[key] : undefined), value);
}
