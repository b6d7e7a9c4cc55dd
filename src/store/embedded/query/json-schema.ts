import { MongoCommandError } from '../errors.js';
import { encodeKey } from '../bson/key-string.js';
import { asDoc, field, isDoc, toNumber, type Doc } from '../bson/values.js';
import { equalTo, type ValueTest } from './comparison.js';
import { hasType } from './types.js';

type Keyword = (operand: unknown, schema: Doc) => ValueTest;

const bad = (message: string): never => {
  throw new MongoCommandError(9, `$jsonSchema ${message}`);
};

function list(operand: unknown, keyword: string): readonly unknown[] {
  return Array.isArray(operand) ? operand : bad(`keyword '${keyword}' must be an array`);
}

function sub(operand: unknown): ValueTest {
  return isDoc(operand) ? compileSchema(operand) : bad('sub-schema must be an object');
}

function limit(operand: unknown, check: (value: number, bound: number) => boolean): ValueTest {
  if (typeof operand !== 'number') return bad('bound must be a number');
  return (value) => {
    const number = toNumber(value);
    return number === undefined || check(number, operand);
  };
}

function size(operand: unknown, lengthOf: (value: unknown) => number | undefined, sign: 1 | -1): ValueTest {
  if (typeof operand !== 'number') return bad('length must be a number');
  return (value) => {
    const length = lengthOf(value);
    return length === undefined || (length - operand) * sign >= 0;
  };
}

const textLength = (value: unknown): number | undefined =>
  typeof value === 'string' ? [...value].length : undefined;
const arrayLength = (value: unknown): number | undefined => (Array.isArray(value) ? value.length : undefined);
const fieldCount = (value: unknown): number | undefined => {
  const fields = asDoc(value);
  return fields && Object.keys(fields).length;
};

function properties(operand: unknown): ValueTest {
  if (!isDoc(operand)) return bad("keyword 'properties' must be an object");
  const tests = Object.entries(operand).map(([name, schema]) => ({ name, test: sub(schema) }));
  return (value) => {
    const fields = asDoc(value);
    return !fields || tests.every(({ name, test }) => !Object.hasOwn(fields, name) || test(fields[name]));
  };
}

function additional(operand: unknown, schema: Doc): ValueTest {
  const propertyNames = new Set(isDoc(schema.properties) ? Object.keys(schema.properties) : []);
  const patterns = Object.keys(isDoc(schema.patternProperties) ? schema.patternProperties : {});
  const expressions = patterns.map((pattern) => new RegExp(pattern));
  const isNamed = (name: string): boolean =>
    propertyNames.has(name) || expressions.some((expression) => expression.test(name));
  const test = boolOrSchema(operand);
  return (value) => {
    const fields = asDoc(value);
    return !fields || Object.keys(fields).every((name) => isNamed(name) || test(fields[name]));
  };
}

const boolOrSchema = (operand: unknown): ValueTest =>
  typeof operand === 'boolean' ? () => operand : sub(operand);

function patternProperties(operand: unknown): ValueTest {
  if (!isDoc(operand)) return bad("keyword 'patternProperties' must be an object");
  const rules = Object.entries(operand).map(([pattern, schema]) => ({
    expression: new RegExp(pattern),
    test: sub(schema),
  }));
  return (value) => {
    const fields = asDoc(value);
    return (
      !fields ||
      Object.keys(fields).every((name) =>
        rules.every(({ expression, test }) => !expression.test(name) || test(fields[name])),
      )
    );
  };
}

/** A field that is present requires other fields, or a schema for the whole document. */
function dependencies(operand: unknown): ValueTest {
  if (!isDoc(operand)) return bad("keyword 'dependencies' must be an object");
  const rules = Object.entries(operand).map(([name, then]) => ({
    name,
    test: Array.isArray(then) ? required(then) : sub(then),
  }));
  return (value) => {
    const fields = asDoc(value);
    return !fields || rules.every(({ name, test }) => !Object.hasOwn(fields, name) || test(fields));
  };
}

function multipleOf(operand: unknown): ValueTest {
  const step = toNumber(operand);
  if (step === undefined || step <= 0) return bad("keyword 'multipleOf' must be a positive number");
  return (value) => {
    const number = toNumber(value);
    return number === undefined || number % step === 0;
  };
}

function uniqueItems(operand: unknown): ValueTest {
  if (typeof operand !== 'boolean') return bad("keyword 'uniqueItems' must be a boolean");
  return (value) =>
    !operand || !Array.isArray(value) || new Set(value.map((item) => encodeKey(item))).size === value.length;
}

/** One schema for all elements, or one for each of the first elements. */
function items(operand: unknown, schema: Doc): ValueTest {
  if (!Array.isArray(operand)) {
    const test = sub(operand);
    return (value) => !Array.isArray(value) || value.every(test);
  }
  const tests = operand.map(sub);
  const others = boolOrSchema(schema.additionalItems ?? true);
  return (value) => !Array.isArray(value) || value.every((item, at) => (tests[at] ?? others)(item));
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'array',
  boolean: 'bool',
  null: 'null',
  number: 'number',
  object: 'object',
  string: 'string',
};

const typeName = (name: unknown): string =>
  (typeof name === 'string' ? TYPES[name] : undefined) ??
  bad(`type '${String(name)}' is not currently supported`);

function required(operand: unknown): ValueTest {
  const names = list(operand, 'required').map(String);
  return (value) => {
    const fields = asDoc(value);
    return !fields || names.every((name) => field(fields, name) !== undefined);
  };
}

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  bsonType: (operand) => hasType(operand),
  type: (operand) => hasType([operand].flat().map(typeName)),
  required,
  properties,
  additionalProperties: additional,
  patternProperties,
  dependencies,
  multipleOf,
  uniqueItems,
  enum: (operand) => {
    const tests = list(operand, 'enum').map(equalTo);
    return (value) => tests.some((test) => test(value));
  },
  minimum: (operand, schema) =>
    limit(operand, (value, bound) => (schema.exclusiveMinimum === true ? value > bound : value >= bound)),
  maximum: (operand, schema) =>
    limit(operand, (value, bound) => (schema.exclusiveMaximum === true ? value < bound : value <= bound)),
  minLength: (operand) => size(operand, textLength, 1),
  maxLength: (operand) => size(operand, textLength, -1),
  minItems: (operand) => size(operand, arrayLength, 1),
  maxItems: (operand) => size(operand, arrayLength, -1),
  minProperties: (operand) => size(operand, fieldCount, 1),
  maxProperties: (operand) => size(operand, fieldCount, -1),
  pattern: (operand) => {
    const expression = new RegExp(String(operand));
    return (value) => typeof value !== 'string' || expression.test(value);
  },
  items,
  allOf: (operand) => {
    const tests = list(operand, 'allOf').map(sub);
    return (value) => tests.every((test) => test(value));
  },
  anyOf: (operand) => {
    const tests = list(operand, 'anyOf').map(sub);
    return (value) => tests.some((test) => test(value));
  },
  oneOf: (operand) => {
    const tests = list(operand, 'oneOf').map(sub);
    return (value) => tests.filter((test) => test(value)).length === 1;
  },
  not: (operand) => {
    const test = sub(operand);
    return (value) => !test(value);
  },
};

/** Keywords that test nothing, and those that are read by another keyword. */
const WITHOUT_EFFECT = new Set([
  'title',
  'description',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'additionalItems',
]);

/** Compiles `$jsonSchema`: MongoDB's subset of draft 4, as used by validators; other keywords are refused. */
export function compileSchema(schema: Doc): ValueTest {
  const tests: ValueTest[] = [];
  for (const [keyword, operand] of Object.entries(schema)) {
    if (WITHOUT_EFFECT.has(keyword)) continue;
    const make = KEYWORDS[keyword] ?? bad(`keyword '${keyword}' is not currently supported`);
    tests.push(make(operand, schema));
  }
  return (value) => tests.every((test) => test(value));
}
