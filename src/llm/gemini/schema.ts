import type { Schema } from '@google/generative-ai';
import { isObject } from '../../lib/is-object.js';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords that the vendor's Schema (a subset of OpenAPI 3.0) shares with JSON Schema. */
const SHARED_KEYWORDS = [
  'description',
  'enum',
  'required',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'nullable',
];
/** Other string formats are rejected with a 400. */
const STRING_FORMATS = new Set(['enum', 'date-time']);

/**
 * Converts JSON Schema to a Gemini Schema; anything the vendor does not support is left out without an error.
 */
export function toGeminiSchema(schema: JsonSchema): Schema {
  // The SDK's type splits Schema by kind; the API accepts any object with these fields.
  return convert(schema) as unknown as Schema;
}

function convert(schema: JsonSchema): JsonSchema {
  const converted: Record<string, unknown> = {};
  for (const name of SHARED_KEYWORDS) if (schema[name] !== undefined) converted[name] = schema[name];
  Object.assign(converted, typeOf(schema['type']));
  // The vendor allows only strings in `enum`.
  if (typeof schema['const'] === 'string') converted['enum'] = [schema['const']];
  const format = schema['format'];
  if (typeof format === 'string' && STRING_FORMATS.has(format)) converted['format'] = format;
  if (isObject(schema['items'])) converted['items'] = convert(schema['items']);
  if (isObject(schema['properties'])) converted['properties'] = mapValues(schema['properties']);
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) converted['anyOf'] = choices.filter(isObject).map(convert);
  return converted;
}

/** `["string", "null"]` becomes a nullable string. */
function typeOf(type: unknown): JsonSchema {
  if (typeof type === 'string') return { type };
  if (!Array.isArray(type)) return {};
  const typeName = type.find((name) => name !== 'null') as unknown;
  return {
    ...(typeName === undefined ? {} : { type: typeName }),
    ...(type.includes('null') ? { nullable: true } : {}),
  };
}

function mapValues(properties: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) =>
      isObject(value) ? [[name, convert(value)] as const] : [],
    ),
  );
}
