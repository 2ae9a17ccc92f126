import { z } from 'zod';

/** A JSON Schema (2020-12), as it stands in the document. */
export type JsonSchema = Record<string, unknown>;

/** A schema in the document, and the named ones that it points to. */
export interface Converted {
  readonly schema: JsonSchema;
  readonly named: Readonly<Record<string, JsonSchema>>;
}

/**
 * `input`: what may be sent. Where a schema only reads a text as something else, `.meta({ wire })` says what is sent.
 * `output`: what is answered; `isClosed` leaves it refuse fields that it does not name, for tests: clients must not.
 */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output', isClosed = false): Converted {
  const whole = z.toJSONSchema(z.object({ it: schema }), {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { wire, ...meta } = (z.globalRegistry.get(zodSchema) ?? {}) as { wire?: JsonSchema };
      if (wire !== undefined) {
        for (const name of Object.keys(jsonSchema)) delete jsonSchema[name as keyof typeof jsonSchema];
        Object.assign(jsonSchema, wire, meta);
      }
      // What the format says already.
      if (jsonSchema.format === 'uuid' || jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (io === 'output' && !isClosed && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties;
      }
    },
  }) as unknown as { properties: { it: JsonSchema }; $defs?: Record<string, JsonSchema> };
  const { properties, $defs = {} } = repointed(whole);
  for (const definition of Object.values($defs)) delete definition.id;
  return { schema: properties.it, named: $defs };
}

/** Named schemas lie under `components` in the document. */
function repointed<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
