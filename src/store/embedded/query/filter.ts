import { BSONRegExp, Binary } from 'bson';
import { MongoCommandError } from '../errors.js';
import { valuesAt } from '../bson/paths.js';
import { asDoc, isDoc, isLong, isTrue, makeRegExp, toNumber, toRegExp, type Doc } from '../bson/values.js';
import { DISTANCES, geoIntersects, geoWithin, nearOf } from '../geo/conditions.js';
import { nearIn, nearName } from './near.js';
import { equalTo, orderedAgainst, type ValueTest } from './comparison.js';
import { isTruthy, type Compiler, type Env } from '../aggregation/compile.js';
import { compiler, newEnvironment } from '../aggregation/expressions.js';
import { compileSchema } from './json-schema.js';
import { hasType } from './types.js';

export type DocTest = (document: Doc) => boolean;

/** Provides the variables for `$expr`. */
export interface FilterContext {
  readonly compiler: Pick<Compiler, 'compile'>;
  environment(root: Doc): Env;
}

const NO_VARIABLES: FilterContext = {
  compiler,
  environment: (root) => newEnvironment(root, new Date()),
};

/** A place where MongoDB does not allow `$expr`, and how it says so. */
const withoutExpr = (code: number, message: string): FilterContext => ({
  ...NO_VARIABLES,
  compiler: {
    compile() {
      throw new MongoCommandError(code, message);
    },
  },
});

const IN_ELEMENT = withoutExpr(2, '$expr can only be applied to the top-level document');
/** For array filters and `$pull`. */
export const IN_UPDATE = withoutExpr(224, '$expr is not allowed in this context');

const TYPE_OPERATORS = new Set(['$type', '$expr', '$jsonSchema']);

/** Whether a filter needs BSON types, and with them documents from `decodeTyped`. */
export function asksForTypes(filter: unknown): boolean {
  if (Array.isArray(filter)) return filter.some(asksForTypes);
  return (
    isDoc(filter) &&
    Object.keys(filter).some((name) => TYPE_OPERATORS.has(name) || asksForTypes(filter[name]))
  );
}

/** A condition on all the values a path reaches. */
type PathTest = (values: readonly unknown[]) => boolean;

const bad = (message: string): never => {
  throw new MongoCommandError(2, message);
};

/** Fields of a document reference, although they look like operators. */
const REFERENCE_FIELDS = new Set(['$ref', '$id', '$db']);

const UNSUPPORTED = new Set(['$where']);

/**
 * Compiles a MongoDB filter for documents from `decodePlain` or `decodeTyped`.
 * Throws `MongoCommandError` for unknown operators (2), `$text` (27) and unsupported operators (115).
 */
export function compileFilter(filter: Doc, context: FilterContext = NO_VARIABLES): DocTest {
  const tests = Object.entries(filter)
    .filter(([name]) => name !== '$comment')
    .map(([name, condition]) =>
      name.startsWith('$') && !REFERENCE_FIELDS.has(name)
        ? compileLogical(name, condition, context)
        : compilePath(name, condition),
    );
  const [only] = tests;
  if (tests.length === 1 && only) return only;
  return (document) => tests.every((test) => test(document));
}

function branches(name: string, operand: unknown, context: FilterContext): DocTest[] {
  if (!Array.isArray(operand)) return bad(`${name} must be an array`);
  if (operand.length === 0) return bad('$and/$or/$nor must be a nonempty array');
  return operand.map((branch) =>
    isDoc(branch) ? compileFilter(branch, context) : bad('$or/$and/$nor entries need to be full objects'),
  );
}

function refuseNear(branchList: unknown): void {
  const list: unknown[] = Array.isArray(branchList) ? branchList : [];
  if (list.some((branch) => isDoc(branch) && (nearName(branch) ?? nearIn(branch))))
    bad('geo $near must be top-level expr');
}

function compileLogical(name: string, operand: unknown, context: FilterContext): DocTest {
  switch (name) {
    case '$and': {
      const tests = branches(name, operand, context);
      return (document) => tests.every((test) => test(document));
    }
    case '$or': {
      refuseNear(operand);
      const tests = branches(name, operand, context);
      return (document) => tests.some((test) => test(document));
    }
    case '$nor': {
      refuseNear(operand);
      const tests = branches(name, operand, context);
      return (document) => !tests.some((test) => test(document));
    }
    case '$expr': {
      const evaluate = context.compiler.compile(operand);
      return (document) => isTruthy(evaluate(context.environment(document)));
    }
    case '$jsonSchema':
      return compileSchema(isDoc(operand) ? operand : bad('$jsonSchema must be an object'));
    case '$text':
      throw new MongoCommandError(27, 'text index required for $text query');
    case '$sampleRate': {
      const rate = toNumber(operand) ?? bad('$sampleRate must be a number');
      return () => Math.random() < rate;
    }
    case '$alwaysTrue':
      return () => true;
    case '$alwaysFalse':
      return () => false;
    default:
      return refuse(name, 'unknown top level operator: ');
  }
}

function refuse(name: string, unknown: string): never {
  if (UNSUPPORTED.has(name)) {
    throw new MongoCommandError(115, `${name} is not supported by the embedded store`);
  }
  return bad(`${unknown}${name}`);
}

function compilePath(path: string, condition: unknown): DocTest {
  const parts = path.split('.');
  const test = compileCondition(condition);
  return (document) => test(valuesAt(document, parts));
}

export const isOperatorDoc = (condition: unknown): condition is Doc => {
  if (!isDoc(condition)) return false;
  const [first] = Object.keys(condition);
  return first !== undefined && first.startsWith('$') && !REFERENCE_FIELDS.has(first);
};

/** Compiles what follows a field name: a value, a regular expression or operators. */
export function compileCondition(condition: unknown): PathTest {
  if (condition instanceof BSONRegExp || condition instanceof RegExp) return anyValue(matches(condition));
  if (!isOperatorDoc(condition)) return anyValue(equalTo(condition));
  if ('$options' in condition && !('$regex' in condition)) return bad('$options needs a $regex');
  const isNear = nearName(condition) !== undefined;
  const tests = Object.entries(condition)
    .filter(([name]) => name !== '$options' && name !== '$comment' && !(isNear && DISTANCES.has(name)))
    .map(([name, operand]) => compileOperator(name, operand, condition));
  const [only] = tests;
  if (tests.length === 1 && only) return only;
  return (values) => tests.every((test) => test(values));
}

/** True if a value passes, or one of its elements if it is an array. */
function anyValue(test: ValueTest): PathTest {
  return (values) => values.some((value) => test(value) || (Array.isArray(value) && value.some(test)));
}

const not =
  (test: PathTest): PathTest =>
  (values) =>
    !test(values);

function matches(pattern: BSONRegExp | RegExp): ValueTest {
  const expression = toRegExp(pattern);
  const same = equalTo(pattern);
  return (value) => (typeof value === 'string' ? expression.test(value) : same(value));
}

function compileOperator(name: string, operand: unknown, siblings: Doc): PathTest {
  switch (name) {
    case '$eq':
      return anyValue(equalTo(operand));
    case '$ne':
      return not(anyValue(equalTo(operand)));
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return anyValue(orderedAgainst(name, operand));
    case '$in':
      return anyValue(oneOf(name, operand));
    case '$nin':
      return not(anyValue(oneOf(name, operand)));
    case '$not':
      return compileNot(operand);
    case '$exists': {
      const shouldExist = isTrue(operand);
      return (values) => values.some((value) => value !== undefined) === shouldExist;
    }
    case '$type':
      return anyValue(hasType(operand));
    case '$regex':
      return anyValue(matches(regexOf(operand, siblings.$options)));
    case '$mod':
      return anyValue(modulo(operand));
    case '$size': {
      const size = toNumber(operand) ?? bad('$size must be a whole number');
      return (values) => values.some((value) => Array.isArray(value) && value.length === size);
    }
    case '$all':
      return all(operand);
    case '$elemMatch': {
      const test = elementTest(operand);
      return (values) => values.some((value) => Array.isArray(value) && value.some(test));
    }
    case '$geoWithin':
    case '$within':
      return geoWithin(operand);
    case '$geoIntersects':
      return geoIntersects(operand);
    case '$near':
    case '$nearSphere': {
      const { distance } = nearOf(name, siblings);
      return (values) => distance(values) !== undefined;
    }
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear':
      return anyValue(bits(name, operand));
    default:
      return refuse(name, 'unknown operator: ');
  }
}

/** `u` is accepted but has no effect: text is always UTF-8. */
const REGEX_FLAGS = 'imsxu';

function regexOf(operand: unknown, options: unknown): BSONRegExp | RegExp {
  const flag =
    typeof options === 'string' ? [...options].find((one) => !REGEX_FLAGS.includes(one)) : undefined;
  if (flag !== undefined) throw new MongoCommandError(51108, `invalid flag in regex options: ${flag}`);
  if (operand instanceof BSONRegExp || operand instanceof RegExp) {
    if (typeof options !== 'string') return operand;
    const source = operand instanceof RegExp ? operand.source : operand.pattern;
    return makeRegExp(source, options);
  }
  if (typeof operand !== 'string') return bad('$regex has to be a string');
  try {
    return makeRegExp(operand, typeof options === 'string' ? options : '');
  } catch {
    throw new MongoCommandError(51091, 'Regular expression is invalid');
  }
}

function oneOf(name: string, operand: unknown): ValueTest {
  if (!Array.isArray(operand)) return bad(`${name} needs an array`);
  const strings = new Set<unknown>();
  const tests: ValueTest[] = [];
  for (const item of operand) {
    if (typeof item === 'string') strings.add(item);
    else if (isOperatorDoc(item)) return bad(`cannot nest $ under ${name}`);
    else tests.push(item instanceof BSONRegExp || item instanceof RegExp ? matches(item) : equalTo(item));
  }
  return (value) => strings.has(value) || tests.some((test) => test(value));
}

function compileNot(operand: unknown): PathTest {
  const isPattern = operand instanceof BSONRegExp || operand instanceof RegExp;
  if (!isPattern && !isOperatorDoc(operand)) return bad('$not needs a regex or a document');
  refuseNear([operand]);
  return not(compileCondition(operand));
}

function modulo(operand: unknown): ValueTest {
  const [divisor, remainder] = Array.isArray(operand) ? operand.map(toNumber) : [];
  if (divisor === undefined || remainder === undefined) return bad('malformed mod, needs to be an array');
  if (Math.trunc(divisor) === 0) return bad('divisor cannot be 0');
  const [by, rest] = [BigInt(Math.trunc(divisor)), BigInt(Math.trunc(remainder))];
  return (value) => {
    const number = toNumber(value);
    if (number === undefined || !Number.isFinite(number)) return false;
    return (isLong(value) ? value.toBigInt() : BigInt(Math.trunc(number))) % by === rest;
  };
}

function all(operand: unknown): PathTest {
  if (!Array.isArray(operand)) return bad('$all needs an array');
  const tests = operand.map((item) => compileCondition(item));
  return (values) => tests.length > 0 && tests.every((test) => test(values));
}

/** `$elemMatch` and `$pull`: a filter on the element's fields, or operators on the element itself. */
export function elementTest(operand: unknown, context = IN_ELEMENT): ValueTest {
  if (!isDoc(operand)) return bad('$elemMatch needs an Object');
  refuseNear([operand]);
  const [first] = Object.keys(operand);
  const isLogical = first !== undefined && ['$and', '$or', '$nor', '$expr', '$jsonSchema'].includes(first);
  if (isOperatorDoc(operand) && !isLogical) {
    const test = compileCondition(operand);
    return (value) => test([value]);
  }
  const test = compileFilter(operand, context);
  return (value) => {
    const document = asDoc(value);
    return document ? test(document) : Array.isArray(value) && test({ ...value });
  };
}

type BitsOperator = '$bitsAllSet' | '$bitsAllClear' | '$bitsAnySet' | '$bitsAnyClear';

function bits(name: BitsOperator, operand: unknown): ValueTest {
  const mask = bitMask(operand);
  return (value) => {
    const all = bitsOf(value);
    if (all === undefined) return false;
    const set = all & mask;
    if (name === '$bitsAllSet') return set === mask;
    if (name === '$bitsAllClear') return set === 0n;
    return name === '$bitsAnySet' ? set !== 0n : set !== mask;
  };
}

/** The bits of an integer, or of binary data, lowest byte first; `undefined` for anything else. */
function bitsOf(value: unknown): bigint | undefined {
  if (value instanceof Binary) return bitsOfBytes(value);
  if (isLong(value)) return BigInt.asUintN(64, value.toBigInt());
  const number = toNumber(value);
  return number !== undefined && Number.isSafeInteger(number)
    ? BigInt.asUintN(64, BigInt(number))
    : undefined;
}

const bitsOfBytes = (value: Binary): bigint =>
  BigInt(`0x0${Buffer.from(value.value()).reverse().toString('hex')}`);

function bitMask(operand: unknown): bigint {
  const number = toNumber(operand);
  if (isLong(operand)) return operand.toBigInt();
  if (number !== undefined) return BigInt(number);
  if (operand instanceof Binary) return bitsOfBytes(operand);
  if (!Array.isArray(operand)) return bad('bit mask must be a number, BinData or an array');
  return operand.reduce<bigint>((mask, bit) => mask | (1n << BigInt(toNumber(bit) ?? 0)), 0n);
}
