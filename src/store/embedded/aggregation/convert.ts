import { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID } from 'bson';
import { calculateObjectSize } from 'bson';
import { asDoc, isDoc, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { one } from './arguments.js';
import { UTC } from './calendar.js';
import { isNullish, isTruthy, type OperatorTable } from './compile.js';
import { formatDate, parseDate } from './date-text.js';
import { asBigInt, asDecimal, asDouble, count, INT32, INT64, isNumber } from './numbers.js';
import { typeName } from './order.js';

const failed = (message: string): MongoCommandError =>
  new MongoCommandError(241, `${message} in $convert with no onError value`);

const unsupported = (value: unknown, to: string): MongoCommandError =>
  failed(`Unsupported conversion from ${typeName(value)} to ${to}`);

/** Formats a double as MongoDB does. */
export function doubleText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return Object.is(value, -0) ? '-0' : String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Returns `undefined` for a value that cannot be written as text. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Double) return doubleText(value.value);
  if (isNumber(value)) return String(value);
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Date) return formatDate(value.getTime(), '%Y-%m-%dT%H:%M:%S.%LZ', UTC);
  if (value instanceof Binary && value.sub_type === Binary.SUBTYPE_UUID) return value.toUUID().toString();
  return undefined;
}

function toText(value: unknown): string {
  const text = textOf(value);
  if (text === undefined) throw unsupported(value, 'string');
  return text;
}

function toInteger(value: unknown, to: 'int' | 'long'): bigint {
  const limits = to === 'int' ? INT32 : INT64;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value instanceof Date && to === 'long') return BigInt(value.getTime());
  if (typeof value === 'string') return fromText(value, to, limits);
  if (!isNumber(value)) throw unsupported(value, to);
  const number = asDouble(value);
  if (Number.isNaN(number) || !Number.isFinite(number))
    throw failed(`Attempt to convert ${String(number)} value to integer type`);
  const integer = value instanceof Decimal128 ? BigInt(decimalWhole(value)) : asBigInt(value);
  if (integer < limits.min || integer > limits.max) {
    throw failed(`Conversion would overflow target type`);
  }
  return integer;
}

const decimalWhole = (value: Decimal128): string => {
  const match = /^(-?)(\d+)(?:\.(\d*))?(?:E([+-]?\d+))?$/.exec(value.toString());
  if (!match) return '0';
  const [, sign = '', digits = '0', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (shift >= 0)
    return `${sign}${(digits + fraction).slice(0, digits.length + shift).padEnd(digits.length + shift, '0')}`;
  return `${sign}${digits.slice(0, Math.max(0, digits.length + shift)) || '0'}`;
};

function fromText(value: string, to: string, limits: { readonly min: bigint; readonly max: bigint }): bigint {
  if (!/^[+-]?\d+$/.test(value)) throw failed(`Failed to parse number '${value}'`);
  const number = BigInt(value.replace('+', ''));
  if (number < limits.min || number > limits.max)
    throw failed(`Failed to parse number '${value}' ${to === 'int' ? 'Overflow' : 'overflow'}`);
  return number;
}

function toDouble(value: unknown): Double {
  if (typeof value === 'boolean') return new Double(value ? 1 : 0);
  if (value instanceof Date) return new Double(value.getTime());
  if (isNumber(value)) return value instanceof Double ? value : new Double(asDouble(value));
  if (typeof value !== 'string') throw unsupported(value, 'double');
  const isName = /^[+-]?(inf(inity)?|nan)$/i.test(value);
  if (!isName && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value))
    throw failed(`Failed to parse number '${value}'`);
  return new Double(isName ? namedNumber(value) : Number(value));
}

const namedNumber = (value: string): number =>
  /nan/i.test(value) ? NaN : value.startsWith('-') ? -Infinity : Infinity;

function toDecimal(value: unknown): Decimal128 {
  if (typeof value === 'boolean') return Decimal128.fromString(value ? '1' : '0');
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()));
  if (isNumber(value)) return asDecimal(value);
  if (typeof value !== 'string') throw unsupported(value, 'decimal');
  try {
    return Decimal128.fromStringWithRounding(value);
  } catch {
    throw failed(`Failed to parse number '${value}'`);
  }
}

export function toDate(value: unknown): Date {
  if (value instanceof Date) return value;
  if (value instanceof ObjectId) return value.getTimestamp();
  if (value instanceof Timestamp) return new Date(value.getHighBits() * 1_000);
  if (typeof value === 'string') return new Date(parseDate(value, undefined));
  if (value instanceof Int32 || !isNumber(value)) throw unsupported(value, 'date');
  return new Date(Number(toInteger(value, 'long')));
}

function toObjectId(value: unknown): ObjectId {
  if (value instanceof ObjectId) return value;
  if (typeof value !== 'string') throw unsupported(value, 'objectId');
  if (!/^[0-9a-fA-F]{24}$/.test(value)) {
    throw failed(
      `Failed to parse objectId '${value}': Invalid string length for parsing to OID, expected 24 but found ${value.length}`,
    );
  }
  return new ObjectId(value);
}

function toBinary(value: unknown): Binary {
  if (value instanceof Binary) return value;
  if (typeof value !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value))
    throw unsupported(value, 'binData');
  return new Binary(new UUID(value).buffer, Binary.SUBTYPE_UUID);
}

const TARGETS: Readonly<Record<string, (value: unknown) => unknown>> = {
  double: toDouble,
  string: toText,
  binData: toBinary,
  objectId: toObjectId,
  bool: (value) => (isNumber(value) || typeof value === 'boolean' ? isTruthy(value) : true),
  date: toDate,
  int: (value) => new Int32(Number(toInteger(value, 'int'))),
  long: (value) => Long.fromBigInt(toInteger(value, 'long')),
  decimal: toDecimal,
};

const BY_NUMBER: Readonly<Record<number, string>> = {
  1: 'double',
  2: 'string',
  5: 'binData',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  16: 'int',
  18: 'long',
  19: 'decimal',
};

function targetOf(to: unknown): (value: unknown) => unknown {
  const name = isNumber(to) ? BY_NUMBER[asDouble(to)] : to;
  const target = typeof name === 'string' && Object.hasOwn(TARGETS, name) ? TARGETS[name] : undefined;
  if (!target) throw new MongoCommandError(2, `Unknown type name: ${String(to)}`);
  return target;
}

const to = (name: string): OperatorTable[string] =>
  one((value) => (isNullish(value) ? null : targetOf(name)(value)));

export const conversionOperators: OperatorTable = {
  $toString: to('string'),
  $toInt: to('int'),
  $toLong: to('long'),
  $toDouble: to('double'),
  $toDecimal: to('decimal'),
  $toBool: to('bool'),
  $toDate: to('date'),
  $toObjectId: to('objectId'),
  $toUUID: to('binData'),
  $convert: (operand, compiler) => {
    if (!isDoc(operand) || !('input' in operand) || !('to' in operand)) {
      throw new MongoCommandError(9, "$convert needs the parameters 'input' and 'to'");
    }
    const { to: targetSpec } = operand;
    const part = (name: string): ReturnType<typeof compiler.compile> | undefined =>
      name in operand ? compiler.compile(operand[name]) : undefined;
    const input = compiler.compile(operand.input);
    const type = compiler.compile(isDoc(targetSpec) && 'type' in targetSpec ? targetSpec.type : targetSpec);
    const [onError, onNull] = [part('onError'), part('onNull')];
    return (env) => {
      const value = input(env);
      if (isNullish(value)) return onNull ? onNull(env) : null;
      const target = type(env);
      if (isNullish(target)) return null;
      const convert = targetOf(target);
      try {
        return convert(value);
      } catch (error) {
        if (onError && error instanceof MongoCommandError && error.code === 241) return onError(env);
        throw error;
      }
    };
  },
  $type: one((value) => typeName(value)),
  $isNumber: one((value) => isNumber(value)),
  $isArray: one((value) => Array.isArray(value)),
  $bsonSize: one((value) => {
    if (isNullish(value)) return null;
    const fields: Doc | undefined = asDoc(value);
    if (!fields)
      throw new MongoCommandError(31393, `$bsonSize requires a document input, found: ${typeName(value)}`);
    return count(calculateObjectSize(fields));
  }),
  $binarySize: one((value) => {
    if (isNullish(value)) return null;
    if (typeof value === 'string') return count(Buffer.byteLength(value));
    if (value instanceof Binary) return count(value.length());
    throw new MongoCommandError(
      51276,
      `$binarySize requires a string or BinData argument, found: ${typeName(value)}`,
    );
  }),
};
