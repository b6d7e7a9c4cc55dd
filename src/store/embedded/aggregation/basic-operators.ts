import { arrayToObject } from './array-to-object.js';
import { Int32, Long, Double, Decimal128 } from 'bson';
import { asDoc, isDoc, setField, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { any, named, namedParts, one, some, two } from './arguments.js';
import { isNullish, isTruthy, type OperatorTable } from './compile.js';
import { compare, typeName } from './order.js';
import {
  absolute,
  add,
  asBigInt,
  asDouble,
  classOf,
  count,
  divide,
  isNumber,
  modulo,
  multiply,
  power,
  round,
  subtract,
  viaDouble,
  type NumberValue,
} from './numbers.js';

const wrongType = (name: string, value: unknown, expectedType = 'numeric'): MongoCommandError =>
  new MongoCommandError(14, `${name} only supports ${expectedType} types, not ${typeName(value)}`);

const ofNumber = (work: (value: NumberValue, name: string) => unknown, code = 28765) =>
  one((value, name) => {
    if (isNullish(value)) return null;
    if (!isNumber(value))
      throw new MongoCommandError(code, `${name} only supports numeric types, not ${typeName(value)}`);
    return work(value, name);
  });

const math = (work: (x: number) => number) => ofNumber((value) => viaDouble(value, work));

/** A function that is not defined for every number. */
const bounded = (work: (x: number) => number, isIn: (x: number) => boolean, code: number, range: string) =>
  ofNumber((value, name) => {
    const x = asDouble(value);
    if (!Number.isNaN(x) && !isIn(x))
      throw new MongoCommandError(code, `${name}'s argument must be ${range}, but is ${x}`);
    return viaDouble(value, work);
  });

function sum(values: readonly unknown[], name: string): unknown {
  let total: NumberValue = new Int32(0);
  let date: Date | undefined;
  for (const value of values) {
    if (isNullish(value)) return null;
    if (value instanceof Date) {
      if (date) throw new MongoCommandError(16612, 'only one date allowed in an $add expression');
      date = value;
    } else if (isNumber(value)) total = add(total, value);
    else throw wrongType(name, value, 'numeric or date');
  }
  return date ? shifted(date, asDouble(total)) : total;
}

const shifted = (date: Date, by: number): Date => new Date(date.getTime() + Math.round(by));

function minus(a: unknown, b: unknown): unknown {
  if (isNullish(a) || isNullish(b)) return null;
  if (a instanceof Date && b instanceof Date) return Long.fromNumber(a.getTime() - b.getTime());
  if (a instanceof Date && isNumber(b)) return shifted(a, -asDouble(b));
  if (isNumber(a) && isNumber(b)) return subtract(a, b);
  throw new MongoCommandError(14, `can't $subtract ${typeName(b)} from ${typeName(a)}`);
}

const numbers = (work: (a: NumberValue, b: NumberValue) => unknown) =>
  two((a, b, name) => {
    if (isNullish(a) || isNullish(b)) return null;
    if (isNumber(a) && isNumber(b)) return work(a, b);
    throw wrongType(name, isNumber(a) ? b : a);
  });

const rounded = (rounding: 'half-even' | 'trunc') =>
  some(1, 2, ([value, places = new Int32(0)], name) => {
    if (isNullish(value) || places === null) return null;
    if (!isNumber(value))
      throw new MongoCommandError(51081, `${name} only supports numeric types, not ${typeName(value)}`);
    const to = toNumber(places);
    if (to === undefined || !Number.isInteger(to))
      throw new MongoCommandError(51082, 'precision argument to ' + name + ' must be a integral value');
    if (to < -20 || to > 100)
      throw new MongoCommandError(
        51083,
        `cannot apply ${name} with precision value ${to} value must be in [-20, 100]`,
      );
    return round(value, to, rounding);
  });

const bitwise = (start: bigint, work: (a: bigint, b: bigint) => bigint) =>
  any((values, name) => {
    let result = start;
    let isLong = false;
    for (const value of values) {
      if (isNullish(value)) return null;
      const type = classOf(value);
      if (type !== 'int' && type !== 'long') throw wrongType(name, value, 'int and long');
      isLong ||= type === 'long';
      result = work(result, asBigInt(value));
    }
    return isLong ? Long.fromBigInt(BigInt.asIntN(64, result)) : new Int32(Number(BigInt.asIntN(32, result)));
  });

export const arithmeticOperators: OperatorTable = {
  $add: any(sum),
  $subtract: two(minus),
  $multiply: any((values, name) => {
    let product: NumberValue = new Int32(1);
    for (const value of values) {
      if (isNullish(value)) return null;
      if (!isNumber(value)) throw wrongType(name, value);
      product = multiply(product, value);
    }
    return product;
  }),
  $divide: numbers(divide),
  $mod: numbers(modulo),
  $pow: numbers(power),
  $abs: ofNumber(absolute),
  $ceil: ofNumber((value) => round(value, 0, 'ceil')),
  $floor: ofNumber((value) => round(value, 0, 'floor')),
  $round: rounded('half-even'),
  $trunc: rounded('trunc'),
  $sqrt: bounded(Math.sqrt, (x) => x >= 0, 28714, 'greater than or equal to 0'),
  $exp: math(Math.exp),
  $ln: bounded(Math.log, (x) => x > 0, 28766, 'a positive number'),
  $log10: bounded(Math.log10, (x) => x > 0, 28761, 'a positive number'),
  $log: numbers((value, base) => {
    if (asDouble(value) <= 0)
      throw new MongoCommandError(
        28758,
        `$log's argument must be a positive number, but is ${String(value)}`,
      );
    if (asDouble(base) <= 0 || asDouble(base) === 1) {
      throw new MongoCommandError(
        28759,
        `$log's base must be a positive number not equal to 1, but is ${String(base)}`,
      );
    }
    return viaDouble(value, (x) => Math.log(x) / Math.log(asDouble(base)));
  }),
  $sin: math(Math.sin),
  $cos: math(Math.cos),
  $tan: math(Math.tan),
  $asin: bounded(Math.asin, (x) => Math.abs(x) <= 1, 50989, 'in [-1,1]'),
  $acos: bounded(Math.acos, (x) => Math.abs(x) <= 1, 50989, 'in [-1,1]'),
  $atan: math(Math.atan),
  $atan2: numbers((y, x) =>
    classOf(y) === 'decimal' || classOf(x) === 'decimal'
      ? Decimal128.fromString(String(Math.atan2(asDouble(y), asDouble(x))))
      : new Double(Math.atan2(asDouble(y), asDouble(x))),
  ),
  $sinh: math(Math.sinh),
  $cosh: math(Math.cosh),
  $tanh: math(Math.tanh),
  $asinh: math(Math.asinh),
  $acosh: bounded(Math.acosh, (x) => x >= 1, 50989, 'in [1,inf]'),
  $atanh: bounded(Math.atanh, (x) => Math.abs(x) <= 1, 50989, 'in [-1,1]'),
  $degreesToRadians: math((x) => (x * Math.PI) / 180),
  $radiansToDegrees: math((x) => (x * 180) / Math.PI),
  $bitAnd: bitwise(-1n, (a, b) => a & b),
  $bitOr: bitwise(0n, (a, b) => a | b),
  $bitXor: bitwise(0n, (a, b) => a ^ b),
  $bitNot: one((value, name) => {
    if (isNullish(value)) return null;
    if (value instanceof Long) return Long.fromBigInt(~value.toBigInt());
    if (classOf(value) !== 'int') throw wrongType(name, value, 'int and long');
    return new Int32(~asDouble(value));
  }),
  $rand: () => () => new Double(Math.random()),
};

const comparing = (accept: (order: number) => boolean) => two((a, b) => accept(compare(a, b)));

export const logicOperators: OperatorTable = {
  $and: (operand, compiler) => {
    const parts = (Array.isArray(operand) ? operand : [operand]).map((item) => compiler.compile(item));
    return (env) => parts.every((part) => isTruthy(part(env)));
  },
  $or: (operand, compiler) => {
    const parts = (Array.isArray(operand) ? operand : [operand]).map((item) => compiler.compile(item));
    return (env) => parts.some((part) => isTruthy(part(env)));
  },
  $not: one((value) => !isTruthy(value)),
  $cmp: two((a, b) => new Int32(compare(a, b))),
  $eq: comparing((order) => order === 0),
  $ne: comparing((order) => order !== 0),
  $gt: comparing((order) => order > 0),
  $gte: comparing((order) => order >= 0),
  $lt: comparing((order) => order < 0),
  $lte: comparing((order) => order <= 0),
  $cond: (operand, compiler, name) => {
    if (Array.isArray(operand) && operand.length !== 3) {
      throw new MongoCommandError(
        16020,
        `Expression $cond takes exactly 3 arguments. ${operand.length} were passed in.`,
      );
    }
    const [test, then, otherwise] =
      (operand as unknown[]).length === 3 && Array.isArray(operand) ? (operand as unknown[]) : [];
    const parts = Array.isArray(operand)
      ? { if: compiler.compile(test), then: compiler.compile(then), else: compiler.compile(otherwise) }
      : namedParts(operand, compiler, name, ['if', 'then', 'else']);
    return (env) => (isTruthy(parts.if?.(env)) ? parts.then?.(env) : parts.else?.(env));
  },
  $ifNull: (operand, compiler) => {
    const items = Array.isArray(operand) ? (operand as unknown[]) : [];
    if (items.length < 2)
      throw new MongoCommandError(1257300, `$ifNull needs at least two arguments, had: ${items.length}`);
    const parts = items.map((item) => compiler.compile(item));
    return (env) => {
      let value: unknown;
      for (const part of parts) {
        value = part(env);
        if (!isNullish(value)) return value;
      }
      return value;
    };
  },
  $switch: (operand, compiler) => {
    if (!isDoc(operand)) throw new MongoCommandError(40060, '$switch requires an object as an argument');
    const branches = Array.isArray(operand.branches) ? (operand.branches as unknown[]) : [];
    if (!Array.isArray(operand.branches))
      throw new MongoCommandError(40061, '$switch expected an array for branches');
    if (branches.length === 0) throw new MongoCommandError(40068, '$switch requires at least one branch.');
    const compiled = branches.map((branch) => {
      if (!isDoc(branch)) throw new MongoCommandError(40062, '$switch expected each branch to be an object');
      if (!('case' in branch))
        throw new MongoCommandError(40064, "$switch requires each branch have a 'case' expression");
      if (!('then' in branch))
        throw new MongoCommandError(40065, "$switch requires each branch have a 'then' expression.");
      return { test: compiler.compile(branch.case), then: compiler.compile(branch.then) };
    });
    const otherwise = 'default' in operand ? compiler.compile(operand.default) : undefined;
    return (env) => {
      for (const { test, then } of compiled) if (isTruthy(test(env))) return then(env);
      if (otherwise) return otherwise(env);
      throw new MongoCommandError(
        40066,
        '$switch could not find a matching branch for an input, and no default was specified.',
      );
    };
  },
  $literal: (operand) => () => operand,
  $let: (operand, compiler, name) => {
    if (!isDoc(operand) || !isDoc(operand.vars))
      throw new MongoCommandError(16874, `${name} only supports an object as its argument`);
    if (!('in' in operand)) throw new MongoCommandError(16877, "Missing 'in' parameter to $let");
    const vars = Object.entries(operand.vars).map(([key, value]) => ({
      key,
      value: compiler.compile(value),
    }));
    const body = compiler.with(vars.map(({ key }) => key)).compile(operand.in);
    return (env) => {
      const inner: Record<string, unknown> = { ...env.vars };
      for (const { key, value } of vars) inner[key] = value(env);
      return body({ root: env.root, vars: inner });
    };
  },
};

export const objectOperators: OperatorTable = {
  $mergeObjects: any((values, name) => {
    const list = values.length === 1 && Array.isArray(values[0]) ? (values[0] as unknown[]) : values;
    return mergeObjects(list, name);
  }),
  $getField: (operand, compiler, name) => {
    const isNamed = isDoc(operand) && 'field' in operand;
    const target = isNamed ? operand.field : operand;
    const fieldName = compiler.compile(isDoc(target) && '$literal' in target ? target : target);
    const input = isNamed && 'input' in operand ? compiler.compile(operand.input) : undefined;
    return (env) => {
      const key = fieldName(env);
      if (typeof key !== 'string')
        throw new MongoCommandError(5654602, `${name} requires 'field' to evaluate to a String`);
      const from = asDoc(input ? input(env) : env.root);
      return from && Object.hasOwn(from, key)
        ? from[key]
        : isNullish(input?.(env)) && input
          ? null
          : undefined;
    };
  },
  $setField: named(['field', 'input', 'value'], [], ({ field, input, value }) =>
    withField(input, field, value),
  ),
  $unsetField: named(['field', 'input'], [], ({ field, input }) => withField(input, field, undefined)),
  $objectToArray: one((value) => {
    if (isNullish(value)) return null;
    const fields = asDoc(value);
    if (!fields)
      throw new MongoCommandError(
        40390,
        `$objectToArray requires a document input, found: ${typeName(value)}`,
      );
    return Object.entries(fields).map(([k, v]) => ({ k, v }));
  }),
  $arrayToObject: one((value) => {
    if (isNullish(value)) return null;
    if (!Array.isArray(value))
      throw new MongoCommandError(40386, `$arrayToObject requires an array input, found: ${typeName(value)}`);
    return arrayToObject(value);
  }),
  $size: one((value) => {
    if (Array.isArray(value)) return count(value.length);
    throw new MongoCommandError(
      17124,
      `The argument to $size must be an array, but was of type: ${typeName(value)}`,
    );
  }),
};

export function mergeObjects(values: readonly unknown[], name: string): Doc {
  const out: Doc = {};
  for (const value of values) {
    if (isNullish(value)) continue;
    const fields = asDoc(value);
    if (!fields)
      throw new MongoCommandError(
        40400,
        `${name} requires object inputs, but input is of type ${typeName(value)}`,
      );
    for (const key of Object.keys(fields)) setField(out, key, fields[key]);
  }
  return out;
}

function withField(input: unknown, name: unknown, value: unknown): unknown {
  if (isNullish(input)) return null;
  const fields = asDoc(input);
  if (!fields) throw new MongoCommandError(4161105, `$setField requires 'input' to evaluate to type Object`);
  if (typeof name !== 'string')
    throw new MongoCommandError(4161107, `$setField requires 'field' to evaluate to type String`);
  const out: Doc = { ...fields };
  if (value === undefined) Reflect.deleteProperty(out, name);
  else setField(out, name, value);
  return out;
}
