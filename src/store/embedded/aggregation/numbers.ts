import { Decimal128, Double, Int32, Long } from 'bson';
import { MongoCommandError } from '../errors.js';
import {
  addScaled,
  divideScaled,
  moduloScaled,
  multiplyScaled,
  negateScaled,
  parseDecimal,
  roundScaled,
  toDecimal,
  type Rounding,
  type Scaled,
} from '../bson/decimal.js';

/** A number with its BSON type. */
export type NumberValue = Int32 | Long | Double | Decimal128;
export type NumberClass = 'int' | 'long' | 'double' | 'decimal';

const RANK: Readonly<Record<NumberClass, number>> = { int: 0, long: 1, double: 2, decimal: 3 };
export const INT32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n } as const;
export const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n } as const;

export function classOf(value: unknown): NumberClass | undefined {
  if (value instanceof Int32) return 'int';
  if (value instanceof Double) return 'double';
  if (value instanceof Long) return Object.getPrototypeOf(value) === Long.prototype ? 'long' : undefined;
  if (value instanceof Decimal128) return 'decimal';
  if (typeof value !== 'number') return undefined;
  return Number.isInteger(value) && Math.abs(value) <= Number(INT32.max) && !Object.is(value, -0)
    ? 'int'
    : 'double';
}

export const isNumber = (value: unknown): value is NumberValue => classOf(value) !== undefined;

/** Converts to a JavaScript number, the nearest one for decimals and beyond 2^53. */
export function asDouble(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long) return value.toNumber();
  return Number(String(value));
}

export const asBigInt = (value: unknown): bigint =>
  value instanceof Long ? value.toBigInt() : BigInt(Math.trunc(asDouble(value)));

/** Converts to a decimal; a double by its 15 significant digits, as in MongoDB. */
function asScaled(value: unknown): Scaled | undefined {
  if (value instanceof Long) return { coefficient: value.toBigInt(), exponent: 0 };
  if (value instanceof Int32) return { coefficient: BigInt(value.value), exponent: 0 };
  if (value instanceof Decimal128) return parseDecimal(value.toString());
  return parseDecimal(doubleText(asDouble(value)));
}

/** MongoDB keeps 15 significant digits when it converts a double to a decimal. */
const doubleText = (value: number): string =>
  Number.isFinite(value)
    ? Number.isInteger(value) && Math.abs(value) < 1e15
      ? String(value)
      : value.toPrecision(15)
    : String(value);

export const asDecimal = (value: unknown): Decimal128 => {
  if (value instanceof Decimal128) return value;
  const scaled = asScaled(value);
  return scaled ? toDecimal(scaled) : special(asDouble(value));
};

const special = (value: number): Decimal128 =>
  Decimal128.fromString(Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity');

const wider = (a: NumberClass, b: NumberClass): NumberClass => (RANK[a] >= RANK[b] ? a : b);
const widest = (a: unknown, b: unknown): NumberClass => wider(classOf(a) ?? 'int', classOf(b) ?? 'int');

/** An integer in its narrowest type, but not below `type`; a double beyond int64. */
function integer(value: bigint, type: NumberClass): NumberValue {
  if (type === 'int' && value >= INT32.min && value <= INT32.max) return new Int32(Number(value));
  if (value >= INT64.min && value <= INT64.max) return Long.fromBigInt(value);
  return new Double(Number(value));
}

function byClass(
  a: unknown,
  b: unknown,
  work: {
    readonly integers: (x: bigint, y: bigint) => bigint;
    readonly doubles: (x: number, y: number) => number;
    readonly decimals: (x: Scaled, y: Scaled) => Scaled;
  },
): NumberValue {
  const type = widest(a, b);
  if (type === 'int') {
    const quick = work.doubles(asDouble(a), asDouble(b));
    if ((quick | 0) === quick) return new Int32(quick);
  }
  if (type === 'int' || type === 'long') return integer(work.integers(asBigInt(a), asBigInt(b)), type);
  if (type === 'double') return new Double(work.doubles(asDouble(a), asDouble(b)));
  const [x, y] = [asScaled(a), asScaled(b)];
  return x && y ? toDecimal(work.decimals(x, y)) : special(work.doubles(asDouble(a), asDouble(b)));
}

export const add = (a: unknown, b: unknown): NumberValue =>
  byClass(a, b, { integers: (x, y) => x + y, doubles: (x, y) => x + y, decimals: addScaled });

export const subtract = (a: unknown, b: unknown): NumberValue =>
  byClass(a, b, {
    integers: (x, y) => x - y,
    doubles: (x, y) => x - y,
    decimals: (x, y) => addScaled(x, negateScaled(y)),
  });

export const multiply = (a: unknown, b: unknown): NumberValue =>
  byClass(a, b, { integers: (x, y) => x * y, doubles: (x, y) => x * y, decimals: multiplyScaled });

/** Throws `MongoCommandError` 2 if the divisor is zero. */
export function divide(a: unknown, b: unknown): NumberValue {
  if (asDouble(b) === 0) throw new MongoCommandError(2, "can't $divide by zero");
  if (widest(a, b) !== 'decimal') return new Double(asDouble(a) / asDouble(b));
  const [x, y] = [asScaled(a), asScaled(b)];
  return x && y ? toDecimal(divideScaled(x, y)) : special(asDouble(a) / asDouble(b));
}

/** Throws `MongoCommandError` 16610 if the divisor is zero. */
export function modulo(a: unknown, b: unknown): NumberValue {
  if (asDouble(b) === 0) throw new MongoCommandError(16610, "can't $mod by zero");
  return byClass(a, b, {
    integers: (x, y) => x % y,
    doubles: (x, y) => x % y,
    decimals: moduloScaled,
  });
}

export function absolute(value: NumberValue): NumberValue {
  if (value instanceof Long && value.toBigInt() === INT64.min) {
    throw new MongoCommandError(28680, "can't take $abs of long long min");
  }
  return asDouble(value) < 0 ? subtract(new Int32(0), value) : value;
}

/** `$ceil`, `$floor`, `$trunc` and `$round`; integers stay unchanged unless `places` is negative. */
export function round(value: NumberValue, places: number, rounding: Rounding): NumberValue {
  if (value instanceof Double) {
    if (!Number.isFinite(value.value)) return value;
    if (places === 0) return new Double(roundDouble(value.value, rounding));
    const exact = parseDecimal(value.value.toPrecision(17));
    return exact ? new Double(Number(text(roundScaled(exact, places, rounding)))) : value;
  }
  const scaled = asScaled(value);
  if (!scaled) return value;
  const rounded = roundScaled(scaled, places, rounding);
  if (value instanceof Decimal128) return toDecimal(rounded);
  if (places >= 0) return value;
  return integer(rounded.coefficient * 10n ** BigInt(rounded.exponent), classOf(value) ?? 'int');
}

const text = ({ coefficient, exponent }: Scaled): string => `${coefficient}e${exponent}`;

function roundDouble(value: number, rounding: Rounding): number {
  if (rounding === 'ceil') return Math.ceil(value);
  if (rounding === 'floor') return Math.floor(value);
  if (rounding === 'trunc') return Math.trunc(value);
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest > 0.5 ? floor + 1 : floor;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `$pow`: an integer if both operands are and the result fits int64. */
export function power(base: NumberValue, exponent: NumberValue): NumberValue {
  if (asDouble(base) === 0 && asDouble(exponent) < 0) {
    throw new MongoCommandError(28764, '$pow cannot take a base of 0 and a negative exponent');
  }
  const type = widest(base, exponent);
  const result = asDouble(base) ** asDouble(exponent);
  if (type === 'decimal') return asDecimal(new Double(result));
  if (type === 'double' || asDouble(exponent) < 0) return new Double(result);
  if (Math.abs(result) > 2 ** 64) return new Double(result);
  return integer(asBigInt(base) ** asBigInt(exponent), type);
}

/** Applies a function of doubles; the result of a decimal is a decimal. */
export const viaDouble = (value: NumberValue, work: (x: number) => number): NumberValue => {
  const result = new Double(work(asDouble(value)));
  return value instanceof Decimal128 ? asDecimal(result) : result;
};

/** An int, or a long if it does not fit; for counts. */
export const count = (value: number): NumberValue =>
  Math.abs(value) <= Number(INT32.max) ? new Int32(value) : Long.fromNumber(value);
