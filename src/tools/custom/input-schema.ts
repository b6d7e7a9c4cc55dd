import { z } from 'zod';
import { isObject } from '../../lib/is-object.js';

type Schema = Readonly<Record<string, unknown>>;

/** Why a tool's input description cannot be used, for whoever adds the tool. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** Deeper than anybody would fill in. */
const DEEPEST = 10;
/** Every turn includes the tool in the prompt, so a larger one would crowd out the answer. */
const MOST_NODES = 600;
/** Enough for a model to understand it, in characters. */
const LONGEST_DESCRIPTION = 500;
/** Only keywords that take a predictable time to check: no foreign patterns, no conditions. */
const KEYWORDS = [
  'const',
  'default',
  'enum',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'maximum',
  'maxItems',
  'maxLength',
  'minimum',
  'minItems',
  'minLength',
  'multipleOf',
  'required',
  'title',
  'type',
];
const FORMATS = new Set(['date', 'date-time', 'email', 'uuid']);
const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);
const UNUSABLE = new Set(['__proto__', 'constructor', 'prototype']);

/** Reduces JSON Schema (or the OpenAPI 3.0 variant of it) to the subset that every model vendor accepts. */
export function plainSchema(schema: unknown, root: unknown = schema): Schema {
  let nodes = 0;

  function convert(value: unknown, depth: number, within: readonly string[]): Schema {
    nodes += 1;
    if (nodes > MOST_NODES) throw new SchemaError('the input has too many fields');
    if (!isObject(value) || depth > DEEPEST) return {};
    if (typeof value['$ref'] === 'string') {
      const { $ref, ...rest } = value;
      if (within.includes($ref)) return described(rest);
      return { ...convert(resolvePointer(root, $ref), depth + 1, [...within, $ref]), ...described(rest) };
    }
    const convertPart = (part: unknown): Schema => convert(part, depth + 1, within);
    const merged = withAllOf(value, convertPart);
    const plain: Record<string, unknown> = { ...described(merged) };
    for (const name of KEYWORDS) if (merged[name] !== undefined) plain[name] = merged[name];
    Object.assign(plain, typeOf(merged), boundsOf(merged));
    if (FORMATS.has(String(merged['format']))) plain['format'] = merged['format'];
    if (isObject(merged['properties'])) {
      plain['properties'] = mapObject(merged['properties'], convertPart);
      plain['required'] = requiredOf(merged, plain['properties'] as Schema);
    }
    if (merged['items'] !== undefined) plain['items'] = convertPart(merged['items']);
    if (merged['additionalProperties'] === false) plain['additionalProperties'] = false;
    else if (isObject(merged['additionalProperties'])) {
      plain['additionalProperties'] = convertPart(merged['additionalProperties']);
    }
    const choices = merged['anyOf'] ?? merged['oneOf'];
    if (Array.isArray(choices)) plain['anyOf'] = choices.map(convertPart);
    return plain;
  }

  return convert(schema, 0, []);
}

/**
 * The input of a tool: an object without undescribed properties, unless the schema allows them. Throws
 * `SchemaError`.
 */
export function inputOf(schema: unknown): { readonly jsonSchema: Schema; readonly zod: z.ZodType } {
  const plain = plainSchema(schema);
  if (plain['type'] !== undefined && plain['type'] !== 'object') {
    throw new SchemaError('the input is not an object');
  }
  const jsonSchema = { properties: {}, additionalProperties: false, ...plain, type: 'object' } as const;
  try {
    return { jsonSchema, zod: z.fromJSONSchema(jsonSchema) };
  } catch (cause) {
    throw new SchemaError('the input is described in a way that cannot be checked', { cause });
  }
}

/**
 * Resolves a pointer like `#/a/b`. Throws `SchemaError` if it leads outside the document or does not exist.
 */
export function resolvePointer(root: unknown, pointer: string): unknown {
  if (!pointer.startsWith('#/')) throw new SchemaError(`${pointer} is not a place in the same document`);
  let value = root;
  for (const part of pointer.slice(2).split('/')) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) {
      throw new SchemaError(`${pointer} is not there`);
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function withAllOf(schema: Schema, convert: (part: unknown) => Schema): Schema {
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf)) return schema;
  const parts = [...allOf.map(convert), rest];
  const all = Object.assign({}, ...parts) as Record<string, unknown>;
  const properties = parts.map((part) => part['properties']).filter(isObject);
  if (properties.length > 0) all['properties'] = Object.assign({}, ...properties) as Schema;
  all['required'] = parts.flatMap((part) => namesIn(part['required']));
  return all;
}

function described({ description }: Schema): Schema {
  return typeof description === 'string' ? { description: description.slice(0, LONGEST_DESCRIPTION) } : {};
}

/** Without a type, anything is allowed, except that a schema with properties is an object. */
function typeOf({ type, nullable, properties }: Schema): Schema {
  const declaredTypes = (Array.isArray(type) ? (type as unknown[]) : [type]).filter((each) =>
    TYPES.has(String(each)),
  );
  const types = declaredTypes.length === 0 && isObject(properties) ? ['object'] : declaredTypes;
  const all = types.length > 0 && nullable === true ? [...new Set([...types, 'null'])] : types;
  return { type: all.length > 1 ? all : all[0] };
}

/** OpenAPI 3.0 uses `exclusiveMinimum: true` next to `minimum`. */
function boundsOf(schema: Schema): Schema {
  const bounds: Record<string, unknown> = {};
  for (const [name, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof schema[exclusive] !== 'boolean') continue;
    bounds[exclusive] = schema[exclusive] ? schema[name] : undefined;
    if (schema[exclusive]) bounds[name] = undefined;
  }
  return bounds;
}

function requiredOf({ required }: Schema, properties: Schema): readonly string[] {
  return [...new Set(namesIn(required))].filter((name) => Object.hasOwn(properties, name));
}

function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function mapObject(value: Schema, change: (each: unknown) => Schema): Schema {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => (UNUSABLE.has(name) ? [] : [[name, change(each)]])),
  );
}
