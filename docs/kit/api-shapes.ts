/** As much of OpenAPI 3.1 as the page is made of. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

export interface Content {
  readonly [type: string]: { readonly schema: Schema };
}

export interface ApiOperation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

export interface ApiDocument {
  readonly info: { readonly version: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Field {
  /** Dotted, `[]` behind what is a list. */
  readonly path: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** All fields of an object, those of unnamed objects inside it among them; named ones are told under their name. */
export function fieldsOf(schema: Schema, prefix = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const own: Field = { path, schema: field, isRequired: schema.required?.includes(name) ?? false };
    const inside = withoutNull(field);
    const items = inside.items === undefined ? undefined : withoutNull(inside.items);
    if (inside.properties !== undefined) return [own, ...fieldsOf(inside, `${path}.`)];
    if (items?.properties !== undefined) return [own, ...fieldsOf(items, `${path}[].`)];
    return [own];
  });
}

/** What it is where it is not null. */
export function withoutNull(schema: Schema): Schema {
  const kinds = schema.anyOf?.filter((one) => one.type !== 'null') ?? [];
  return kinds.length === 1 && kinds[0] !== undefined ? kinds[0] : schema;
}

/** "string or null", "[Verdict](#verdict) or null", "list of strings". */
export function typeOf(schema: Schema): string {
  const { $ref, anyOf, oneOf, prefixItems, items, format } = schema;
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.enum !== undefined) return [...schema.enum.map((one) => `\`${one}\``), ...orNull(schema)].join(', ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.properties !== undefined) return `{${Object.keys(schema.properties).map(nameOf(schema)).join(', ')}}`;
  const kinds = anyOf ?? oneOf;
  if (kinds !== undefined) return kinds.map(typeOf).join(' or ');
  if (prefixItems !== undefined) return `[${prefixItems.map(typeOf).join(', ')}]`;
  if (items !== undefined) return `list of ${typeOf(items)}`;
  const names = [schema.type ?? 'anything']
    .flat()
    .map((type) => (format === undefined || type === 'null' ? type : (FORMATS[format] ?? type)));
  return names.join(' or ');
}

/** A constant with its value: `type: basic`. */
const nameOf =
  ({ properties = {} }: Schema) =>
  (name: string) =>
    properties[name]?.const === undefined ? name : `${name}: ${properties[name].const}`;

const orNull = (schema: Schema) => ([schema.type].flat().includes('null') ? ['null'] : []);

const FORMATS: Readonly<Record<string, string>> = { 'date-time': 'time', uuid: 'UUID' };
